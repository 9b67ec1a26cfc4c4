-- Every statement that outbox.c and cli_queue.c run.

-- name: outbox_announce
-- What a set of events causes.  Queued in the order of the events; a message
-- that is queued already stays as it is.  A form that an event calls for is
-- made beside, and released then (slip_release); its mail waits for it, but
-- not for ever.
--
-- Each LIMIT 1 is a key's one row, and says so to the planner, which otherwise
-- joins all dossiers with all rules, or reads all events of the tenant, once
-- their number seems to make it cheap.
-- $1 tenant  $2 events
WITH told AS MATERIALIZED (
	SELECT e.*
	  FROM unnest($2::bigint[]) AS i (id)
	 CROSS JOIN LATERAL (
		SELECT v.tenant_id, v.id, v.dossier_id, v.kind
		  FROM event v
		 WHERE v.tenant_id = $1 AND v.id = i.id
		 LIMIT 1) e
), due AS (
	SELECT e.tenant_id, e.id AS event_id, e.dossier_id, r.channel,
	       CASE WHEN r.recipient = 'role' THEN 'officer-' || h.officer_id
	       ELSE r.recipient END AS recipient, r.template, r.lane,
	       r.recipient = 'applicant' AND EXISTS (
			SELECT FROM form_rule n
			 WHERE n.kind = e.kind AND NOT n.draft) AS with_form,
	       CASE WHEN r.channel = 'webhook' THEN c.id ELSE 0 END AS client_id
	  FROM told e
	 CROSS JOIN LATERAL (
		SELECT x.tenant_id, x.applicant, x.officer_id, x.client_id,
		       x.procedure_id, x.unit_id
		  FROM dossier x
		 WHERE x.tenant_id = $1 AND x.id = e.dossier_id
		 LIMIT 1) d
	  JOIN outbox_rule r ON r.kind = e.kind
	  LEFT JOIN client c ON c.tenant_id = d.tenant_id AND c.id = d.client_id
	  LEFT JOIN LATERAL (
		SELECT a.officer_id
		  FROM escalation_of(d.tenant_id, d.procedure_id, d.unit_id) x
		  JOIN officer_role a ON a.tenant_id = x.tenant_id
		       AND a.role = x.role
		  JOIN officer o ON o.tenant_id = a.tenant_id
		       AND o.id = a.officer_id AND o.unit_id = d.unit_id
		 WHERE 'escalate-' || x.level = e.kind) h ON r.recipient = 'role'
	 WHERE CASE r.recipient
	       WHEN 'role' THEN h.officer_id IS NOT NULL
	       WHEN 'applicant' THEN d.applicant->>'email' <> ''
	       WHEN 'officer' THEN d.officer_id IS NOT NULL
	       WHEN 'portal' THEN c.callback_url <> ''
	       ELSE true END
), form AS (
	INSERT INTO dossier_form (tenant_id, dossier_id, event_id, number, draft)
	SELECT e.tenant_id, e.dossier_id, e.id, n.number, n.draft
	  FROM told e
	  JOIN form_rule n ON n.kind = e.kind
	 WHERE e.dossier_id > 0
	    ON CONFLICT DO NOTHING
), dest AS (
	INSERT INTO outbox_dest (tenant_id, channel, client_id)
	SELECT DISTINCT due.tenant_id, due.channel, due.client_id
	  FROM due
	 WHERE NOT EXISTS (
		SELECT FROM outbox_dest o
		 WHERE o.tenant_id = $1 AND o.channel = due.channel
		   AND o.client_id = due.client_id)
	    ON CONFLICT DO NOTHING
)
INSERT INTO outbox (tenant_id, event_id, dossier_id, channel, client_id,
       recipient, template, lane, run_at)
SELECT tenant_id, event_id, dossier_id, channel, client_id,
       recipient, template, lane,
       now() + CASE WHEN with_form THEN interval '10 min' ELSE '0' END
  FROM due
 ORDER BY event_id, lane, channel, recipient
    ON CONFLICT DO NOTHING;

-- name: queue_list
-- What waits and what was given up, all tenants, oldest first.
-- $1 how many at most
SELECT q.state, q.id, q.channel, coalesce(d.code, q.feedback) AS code, q.recipient, q.template, q.failures,
       q.at, q.reply
  FROM (SELECT CASE WHEN EXISTS (
		SELECT FROM outbox_lease h
		 WHERE h.lease_until > now() AND o.id = ANY (h.messages)) THEN 'sending'
               WHEN c.paused_at IS NOT NULL OR s.paused_at IS NOT NULL THEN 'paused'
               WHEN s.open_at > now() THEN 'blocked'
               ELSE 'waiting' END AS state,
               o.tenant_id, o.id, o.dossier_id, o.feedback, o.channel, o.recipient,
               o.template, o.failures, greatest(o.run_at, s.open_at) AS at,
               coalesce(l.reply, '') AS reply
          FROM outbox o
          JOIN outbox_channel c ON c.channel = o.channel
          LEFT JOIN outbox_dest s ON s.tenant_id = o.tenant_id
               AND s.channel = o.channel AND s.client_id = o.client_id
          LEFT JOIN LATERAL (
		SELECT x.reply FROM outbox_delivery x
		 WHERE x.tenant_id = o.tenant_id AND x.outbox_id = o.id
		 ORDER BY x.id DESC LIMIT 1) l ON true
        UNION ALL
        SELECT 'dead', x.tenant_id, x.id, x.dossier_id, x.feedback, x.channel,
               x.recipient, x.template, x.attempt, x.died_at, x.reply
          FROM outbox_dead x) q
  LEFT JOIN dossier d ON d.tenant_id = q.tenant_id AND d.id = q.dossier_id
 ORDER BY q.id
 LIMIT $1;

-- name: queue_count
SELECT (SELECT count(*) FROM outbox) AS waiting,
       (SELECT count(*) FROM outbox_dead) AS dead,
       (SELECT string_agg(channel, ' ' ORDER BY channel)
          FROM (SELECT channel FROM outbox_channel WHERE paused_at IS NOT NULL
                UNION ALL
                SELECT 'webhook:' || c.code
                  FROM outbox_dest s
                  JOIN client c ON c.tenant_id = s.tenant_id AND c.id = s.client_id
                 WHERE s.paused_at IS NOT NULL OR s.disabled_at IS NOT NULL) p)
       AS stopped;

-- name: queue_show
-- One message, waiting or dead or gone, by its log of deliveries.
-- $1 message
SELECT x.at, x.status, x.attempt, x.channel, x.recipient, x.template, x.code,
       x.reply, x.message_id, x.peer, x.tls, x.event_id,
       coalesce(d.code, x.feedback) AS dossier
  FROM outbox_delivery x
  LEFT JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
 WHERE x.outbox_id = $1
 ORDER BY x.id;

-- name: queue_revive
-- Dead letters go again, under their old ids and with a whole new schedule.
-- $1 message, or null for all
WITH back AS (
	DELETE FROM outbox_dead
	 WHERE id = $1 OR $1::bigint IS NULL
	RETURNING *
)
INSERT INTO outbox (tenant_id, id, event_id, dossier_id, feedback, channel, client_id,
       recipient, template, lane, attempt)
SELECT tenant_id, id, event_id, dossier_id, feedback, channel, client_id, recipient,
       template, lane, attempt
  FROM back
RETURNING tenant_id;

-- name: queue_hurry
-- One that waits goes now.
-- $1 message
UPDATE outbox
   SET run_at = now()
 WHERE id = $1
RETURNING tenant_id;

-- name: queue_pause
-- For every tenant, so each one's record says so.
-- $1 channel  $2 whether
WITH paused AS (
	UPDATE outbox_channel
	   SET paused_at = CASE WHEN $2::boolean THEN coalesce(paused_at, now()) END
	 WHERE channel = $1
	RETURNING channel
)
SELECT t.id AS tenant_id FROM tenant t, paused;

-- name: queue_pause_portal
-- Resuming also forgives a 410 and closes the breaker.
-- $1 client's code  $2 whether
UPDATE outbox_dest s
   SET paused_at = CASE WHEN $2::boolean THEN coalesce(s.paused_at, now()) END,
       disabled_at = CASE WHEN $2 THEN s.disabled_at END,
       failures = CASE WHEN $2 THEN s.failures ELSE 0 END,
       open_at = CASE WHEN $2 THEN s.open_at ELSE now() END
  FROM client c
 WHERE c.code = $1 AND s.tenant_id = c.tenant_id AND s.client_id = c.id
   AND s.channel = 'webhook'
RETURNING s.tenant_id;
