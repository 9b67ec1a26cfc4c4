-- Every statement that courier_batch.c and courier_tray.c run.

-- name: courier_session
-- How this connection plans: once for all arguments, and joins in the order in
-- which they are written, since to seek the best order of letters' fifteen
-- costs more than they do.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('join_collapse_limit', '1', false);

-- name: courier_take
-- The destination that has waited longest and has something to send now.  A
-- portal is leased to this courier; the mail server may be served by many, who
-- wait here for each other's courier_claim: it then sees what this one took.
-- What runs out is taken from a courier that comes late, for good.
-- The one statement that looks across tenants.
--
-- LIMIT keeps the search for work a walk along outbox_turn that stops at the
-- first row.  OFFSET 0, here and in courier_claim, has outbox_order asked about
-- each row; without statistics, which a table that is mostly empty has not, the
-- whole queue would be read for each instead.  NOT IN, in both, has what others
-- hold looked up once.
--
-- Until the claim is committed nobody waits for the disk: what a database that
-- crashes may forget is a lease, whose courier has lost its connection as well
-- and finishes nothing any more.
-- $1 owner  $2 lease in ms
WITH free AS (
	SELECT o.tenant_id, o.channel, o.client_id
	  FROM outbox_dest o
	  JOIN outbox_channel c ON c.channel = o.channel
	 CROSS JOIN LATERAL (
		SELECT
		  FROM (VALUES (1), (2), (3), (4)) v (lane)
		 CROSS JOIN LATERAL (
			SELECT
			  FROM outbox b
			 WHERE b.tenant_id = o.tenant_id AND b.channel = o.channel
			   AND b.client_id = o.client_id AND b.lane = v.lane
			   AND b.run_at <= now()
			   AND b.id NOT IN (
				SELECT unnest(l.messages) FROM outbox_lease l
				 WHERE l.lease_until > now())
			   AND NOT EXISTS (
				SELECT FROM outbox a
				 WHERE a.tenant_id = b.tenant_id AND a.dossier_id = b.dossier_id
				   AND a.channel = b.channel AND a.recipient = b.recipient
				   AND a.id < b.id
				OFFSET 0)
			 ORDER BY b.run_at
			 LIMIT 1) one
		 LIMIT 1) work
	 WHERE c.paused_at IS NULL AND o.paused_at IS NULL
	   AND o.open_at <= now()
	   AND (o.channel = 'mail' OR o.lease_until IS NULL OR o.lease_until <= now())
	 ORDER BY o.served_at
	 LIMIT 1
	   FOR NO KEY UPDATE OF o
), late AS (
	DELETE FROM outbox_lease l
	 USING free
	 WHERE l.tenant_id = free.tenant_id AND l.channel = free.channel
	   AND l.client_id = free.client_id AND l.lease_until <= now()
)
UPDATE outbox_dest d
   SET served_at = now(), owner = $1,
       lease_until = now() + $2::bigint * interval '1 ms'
  FROM free
 CROSS JOIN set_config('synchronous_commit', 'off', true)
 WHERE d.tenant_id = free.tenant_id AND d.channel = free.channel
   AND d.client_id = free.client_id
RETURNING d.tenant_id, d.channel, d.client_id, d.failures,
       d.disabled_at IS NOT NULL AS disabled;

-- name: courier_enter
-- Leases sessions with the mail server, as many as are wanted and free; a row
-- each.
-- $1 owner  $2 lease in ms  $3 how many the fleet may have  $4 how many we want
UPDATE outbox_session s
   SET owner = $1, lease_until = now() + $2::bigint * interval '1 ms'
  FROM (SELECT o.slot
          FROM outbox_session o
         WHERE o.slot <= $3 AND (o.lease_until IS NULL OR o.lease_until <= now())
         ORDER BY o.slot
         LIMIT $4
           FOR UPDATE SKIP LOCKED) free
 WHERE s.slot = free.slot;

-- name: courier_exit
-- Only what is still ours: a lease that ran out is another's.
-- $1 owner
UPDATE outbox_session
   SET owner = NULL, lease_until = NULL
 WHERE owner = $1;

-- name: courier_claim
-- What is due there and nobody holds, but not what waits behind an earlier
-- message about the same dossier to the same recipient.  Weighted fair lanes:
-- the n-th of lane 1 stands at n, of lane 2 at 2n, of 3 at 4n, of 4 at 8n; so
-- an urgent message passes a backlog, and no lane starves.
--
-- The limits are TRAY_MAX; one that the planner cannot see makes it read and
-- sort all that is due.
-- $1 tenant  $2 channel  $3 client  $4 owner  $5 lease in ms
WITH due AS MATERIALIZED (
	SELECT one.id, one.place << (v.lane - 1) AS place
	  FROM (VALUES (1), (2), (3), (4)) v (lane)
	 CROSS JOIN LATERAL (
		SELECT o.id, row_number() OVER () AS place
		  FROM (SELECT o.id
		          FROM outbox o
		         WHERE o.tenant_id = $1 AND o.channel = $2 AND o.client_id = $3
		           AND o.lane = v.lane AND o.run_at <= now()
		           AND o.id NOT IN (
				SELECT unnest(l.messages) FROM outbox_lease l
				 WHERE l.lease_until > now())
		           AND NOT EXISTS (
				SELECT FROM outbox a
				 WHERE a.tenant_id = o.tenant_id AND a.dossier_id = o.dossier_id
				   AND a.channel = o.channel AND a.recipient = o.recipient
				   AND a.id < o.id
				OFFSET 0)
		         ORDER BY o.run_at
		         LIMIT 100) o) one
	 ORDER BY place
	 LIMIT 100
), leased AS (
	INSERT INTO outbox_lease (owner, tenant_id, channel, client_id, messages,
	       lease_until)
	SELECT $4, $1, $2, $3, array_agg(id), now() + $5::bigint * interval '1 ms'
	  FROM due
	HAVING count(*) > 0
	    ON CONFLICT (owner) DO UPDATE
	   SET tenant_id = $1, channel = $2, client_id = $3,
	       messages = excluded.messages, lease_until = excluded.lease_until
)
SELECT id FROM due ORDER BY place;

-- name: courier_letters
-- All that the claimed messages say, as things stand now, in their order.  A
-- file goes along that the event names with its hash, or a form that it calls
-- for.  moot: the dossier's state has moved on, feedback waits for another step,
-- or a later reminder of it waits too.  quiet_ms: how long
-- a reminder has to wait for the end of the quiet hours.
--
-- LIMIT 1 has a condition on what is at hand asked before anything is looked up.
-- $1 tenant  $2 messages  $3 first quiet hour  $4 first hour after them
SELECT o.id, o.event_id, o.recipient, o.template, o.failures,
       (date_part('epoch', now() - o.created_at) * 1000)::bigint AS age_ms,
       e.kind, e.at, e.trace_id,
       j.data->>'reason' AS reason,
       j.data->>'ground' AS ground,
       coalesce(d.code, g.code) AS code, d.state,
       coalesce(d.received_at, g.received_at) AS received_at,
       coalesce(d.due_at, g.due_at) AS due_at, d.intake_due_at, d.ended_at,
       d.original_due_at, (j.data->>'new_due_at')::timestamptz AS new_due_at,
       d.applicant->>'name' AS applicant, d.applicant->>'email' AS applicant_mail,
       coalesce(p.name, g.procedure) AS procedure, u.name AS unit, u.mailbox,
       array_to_string(u.mail_domains, E'\n') AS mail_domains,
       w.email AS officer_mail, w.name AS officer,
       coalesce(w.active, false) AS officer_active,
       coalesce(n.file_name, j.data->>'file') AS file, k.bytes AS file_bytes,
       coalesce(CASE WHEN e.kind LIKE 'refund-%'
                     THEN (j.data->>'amount')::bigint
                     WHEN e.kind = 'payment-underpaid'
                     THEN (j.data->>'left')::bigint END,
                t.amount, 0) AS amount,
       c.code AS client, c.callback_url,
       array_to_string(c.callback_secret, E'\n') AS callback_secret,
       coalesce(NOT d.state = ANY (r.states), false)
       OR o.feedback IS NOT NULL AND g.due_at IS DISTINCT FROM
          (j.data->>'awaited_at')::timestamptz
       OR o.lane >= 3 AND EXISTS (
	SELECT FROM outbox b
	 WHERE b.tenant_id = o.tenant_id AND b.dossier_id = o.dossier_id
	   AND b.channel = o.channel AND b.recipient = o.recipient
	   AND b.id > o.id AND b.lane >= 3) AS moot,
       CASE WHEN o.lane < 3 OR o.channel <> 'mail' THEN 0
       ELSE quiet_ms($3::integer, $4::integer) END AS quiet_ms
  FROM unnest($2::bigint[]) WITH ORDINALITY m (id, place)
  JOIN outbox o ON o.tenant_id = $1 AND o.id = m.id
  JOIN event e ON e.tenant_id = $1 AND e.id = o.event_id
  CROSS JOIN LATERAL (SELECT e.data::jsonb AS data OFFSET 0) j
  LEFT JOIN dossier d ON d.tenant_id = $1 AND d.id = o.dossier_id
  LEFT JOIN procedure p ON p.tenant_id = $1 AND p.id = d.procedure_id
  LEFT JOIN LATERAL (
	SELECT f.code, f.received_at, feedback_awaits(f) AS due_at, f.unit_id,
	       CASE f.kind WHEN 'proposal' THEN 'kiến nghị' ELSE 'phản ánh' END AS procedure
	  FROM feedback f
	 WHERE o.feedback IS NOT NULL AND f.tenant_id = $1 AND f.code = o.feedback
	 LIMIT 1) g ON true
  JOIN unit u ON u.tenant_id = $1 AND u.id = coalesce(d.unit_id, g.unit_id)
  LEFT JOIN LATERAL (
	SELECT f.email, q.name, q.active
	  FROM officer f
	  JOIN principal q ON q.tenant_id = $1 AND q.id = f.id
	 WHERE o.recipient <> 'applicant' AND f.tenant_id = $1
	   AND f.id = coalesce(substring(o.recipient FROM '^officer-(\d+)$')::bigint,
	       d.officer_id)
	 LIMIT 1) w ON true
  LEFT JOIN client c ON c.tenant_id = $1 AND c.id = o.client_id
  LEFT JOIN outbox_rule r ON r.kind = e.kind AND r.channel = o.channel
       AND r.recipient = CASE WHEN o.recipient LIKE 'officer-%' THEN 'role'
           ELSE o.recipient END
  LEFT JOIN LATERAL (
	SELECT x.amount
	  FROM payment_request x
	 WHERE x.tenant_id = $1 AND x.dossier_id = o.dossier_id
	   AND x.superseded_at IS NULL
	 ORDER BY x.id DESC
	 LIMIT 1) t ON true
  LEFT JOIN LATERAL (
	SELECT n.file_name, n.sha256
	  FROM dossier_form n
	 WHERE o.recipient = 'applicant' AND n.tenant_id = $1
	   AND n.event_id = o.event_id AND NOT n.draft
	 LIMIT 1) n ON true
  LEFT JOIN LATERAL (
	SELECT k.bytes
	  FROM content k
	 WHERE o.channel = 'mail' AND (n.sha256 IS NOT NULL OR j.data ? 'file')
	   AND k.tenant_id = $1 AND k.sha256 = coalesce(n.sha256,
	       decode(j.data->>'sha256', 'hex'))
	 LIMIT 1) k ON true
 ORDER BY m.place;

-- name: courier_finish
-- What became of a set of messages, of those that we still hold: a row less
-- than asked for is a lease that ran out, and another courier has it.  What is
-- deferred stays, with its schedule; all else leaves the queue, to the dead
-- letters if it was given up.  Each attempt goes into the log.
-- $1 tenant  $2 owner  $3 messages  $4 statuses  $5 codes  $6 replies
-- $7 message ids  $8 peers  $9 tls  $10 waits in ms
-- $11 steps of the schedule used
WITH o AS (
	SELECT o.*
	  FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::text[],
	       $7::text[], $8::text[], $9::bigint[], $10::bigint[],
	       $11::bigint[]) WITH ORDINALITY
	       AS o (id, status, code, reply, message_id, peer, tls, wait_ms,
	       failures, position)
	 WHERE o.id IN (SELECT unnest(l.messages)
	                  FROM (SELECT messages FROM outbox_lease
	                         WHERE owner = $2
	                           FOR UPDATE) l)
), gone AS (
	DELETE FROM outbox q
	 USING o
	 WHERE q.tenant_id = $1 AND q.id = o.id AND o.status <> 'deferred'
	RETURNING q.*
), later AS (
	UPDATE outbox q
	   SET run_at = now() + o.wait_ms * interval '1 ms',
	       failures = o.failures, attempt = attempt + 1
	  FROM o
	 WHERE q.tenant_id = $1 AND q.id = o.id AND o.status = 'deferred'
	RETURNING q.*
), dead AS (
	INSERT INTO outbox_dead (tenant_id, id, event_id, dossier_id, feedback, channel,
	       client_id, recipient, template, lane, created_at, attempt, code, reply)
	SELECT q.tenant_id, q.id, q.event_id, q.dossier_id, q.feedback, q.channel,
	       q.client_id, q.recipient, q.template, q.lane, q.created_at,
	       q.attempt + 1, o.code, o.reply
	  FROM gone q
	  JOIN o ON o.id = q.id
	 WHERE o.status IN ('dead', 'expired')
)
INSERT INTO outbox_delivery (tenant_id, outbox_id, event_id, dossier_id,
       feedback, channel, client_id, recipient, template, attempt, status, code, reply,
       message_id, peer, tls)
SELECT q.tenant_id, q.id, q.event_id, q.dossier_id, q.feedback, q.channel,
       q.client_id, q.recipient, q.template, q.attempt, o.status, o.code, o.reply,
       o.message_id, o.peer, o.tls <> 0
  FROM (SELECT tenant_id, id, event_id, dossier_id, feedback, channel, client_id,
               recipient, template, attempt + 1 AS attempt FROM gone
        UNION ALL
        SELECT tenant_id, id, event_id, dossier_id, feedback, channel, client_id,
               recipient, template, attempt FROM later) q
  JOIN o ON o.id = q.id
 ORDER BY o.position;

-- name: courier_put_back
-- The batch has ended: what it does not keep is free for whoever comes next.
-- $1 owner  $2 messages that are kept until the lease runs out
UPDATE outbox_lease
   SET messages = $2
  FROM set_config('synchronous_commit', 'off', true)
 WHERE owner = $1;

-- name: courier_went_well
-- $1 tenant  $2 channel  $3 client
UPDATE outbox_dest
   SET failures = 0, open_at = now()
 WHERE tenant_id = $1 AND channel = $2 AND client_id = $3 AND failures > 0;

-- name: courier_catch_up
-- The destination answers again: what waited only because it did not has
-- waited long enough.
-- $1 tenant  $2 channel  $3 client
UPDATE outbox
   SET run_at = now()
 WHERE tenant_id = $1 AND channel = $2 AND client_id = $3 AND run_at > now()
   AND attempt > 0;

-- name: courier_went_badly
-- $1 tenant  $2 channel  $3 client  $4 wait in ms
UPDATE outbox_dest
   SET failures = failures + 1,
       open_at = now() + $4::bigint * interval '1 ms'
 WHERE tenant_id = $1 AND channel = $2 AND client_id = $3;

-- name: courier_disable
-- It said 410: it wants no more of this (Standard Webhooks 1.0.0).
-- $1 tenant  $2 client
UPDATE outbox_dest
   SET disabled_at = coalesce(disabled_at, now())
 WHERE tenant_id = $1 AND channel = 'webhook' AND client_id = $2;

-- name: courier_leave
-- $1 tenant  $2 channel  $3 client  $4 owner
UPDATE outbox_dest
   SET owner = NULL, lease_until = NULL
 WHERE tenant_id = $1 AND channel = $2 AND client_id = $3 AND owner = $4;
