-- Every statement that bounce.c, the list of bounces and dossier_show.c (of
-- mails) run.

-- name: bounce_add
-- Only of a mail that we sent, to that very recipient, and once.  Of feedback
-- the events are the tenant's own, and their mails are of no dossier.
-- $1 tenant  $2 event  $3 message id  $4 recipient  $5 what was said
INSERT INTO outbox_delivery (tenant_id, outbox_id, event_id, dossier_id,
       feedback, channel, client_id, recipient, template, attempt, status, code,
       reply, message_id, peer)
SELECT x.tenant_id, x.outbox_id, x.event_id, x.dossier_id, x.feedback,
       x.channel, x.client_id, x.recipient, x.template, x.attempt, 'bounced',
       0, left($5::text, 300), x.message_id, x.peer
  FROM event e
  JOIN outbox_delivery x ON x.tenant_id = e.tenant_id AND x.event_id = e.id
       AND (x.dossier_id = e.dossier_id
            OR e.dossier_id = 0 AND x.dossier_id IS NULL)
  LEFT JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
 WHERE e.tenant_id = $1 AND e.id = $2 AND x.status = 'sent'
   AND x.channel = 'mail' AND x.message_id = $3
   AND lower($4::text) = lower(CASE WHEN x.recipient = 'applicant'
                                    THEN d.applicant->>'email' ELSE x.peer END)
 ORDER BY x.id DESC
 LIMIT 1
    ON CONFLICT DO NOTHING;

-- name: bounce_list
-- $1 tenant  $2 code of a dossier or of feedback, or ''  $3 how many
SELECT x.id, x.at, coalesce(d.code, x.feedback) AS code, x.recipient,
       x.template, x.peer, x.reply
  FROM outbox_delivery x
  LEFT JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
 WHERE x.tenant_id = $1 AND x.status = 'bounced'
   AND ($2::text = '' OR coalesce(d.code, x.feedback) = $2)
 ORDER BY x.id DESC
 LIMIT $3;

-- name: bounce_of_dossier
-- Mails of the dossier that reached nobody: the last word on each is that it
-- came back or was given up.  Of an address no more than its domain: an
-- officer's is not for applicants.
-- $1 tenant  $2 dossier
SELECT x.recipient, x.template, x.status, x.at,
       '***' || coalesce(substring(x.peer FROM '@.*$'), '') AS address
  FROM outbox_delivery x
 WHERE x.tenant_id = $1 AND x.dossier_id = $2 AND x.channel = 'mail'
   AND x.status IN ('bounced', 'dead', 'expired')
   AND NOT EXISTS (
	SELECT FROM outbox_delivery l
	 WHERE l.tenant_id = x.tenant_id AND l.outbox_id = x.outbox_id
	   AND l.id > x.id)
 ORDER BY x.id;

-- name: bounce_list_all
-- All tenants, for the operator.
-- $1 how many
SELECT x.outbox_id AS id, x.at, coalesce(d.code, x.feedback) AS code,
       x.recipient, x.template, x.peer, x.reply
  FROM outbox_delivery x
  LEFT JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
 WHERE x.status = 'bounced'
 ORDER BY x.id DESC
 LIMIT $1;
