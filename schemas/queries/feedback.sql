-- Every statement that feedback.c and the handlers of feedback run.

-- name: feedback_add
-- PAKN.yyyymmdd.nnnn, one counter for each tenant and Vietnamese day.
-- $1 tenant  $2 kind  $3 text  $4 contact  $5 dossier code  $6 now  $7 unit
-- $8 to be returned, $9 asked about and $10 answered by
WITH c AS (
	INSERT INTO feedback_counter AS f (tenant_id, day, last)
	VALUES ($1, ($6::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, 1)
	ON CONFLICT (tenant_id, day) DO UPDATE SET last = f.last + 1
	RETURNING to_char(day, '"PAKN".YYYYMMDD.')
	          || lpad(last::text, greatest(4, length(last::text)), '0') AS code
)
INSERT INTO feedback (tenant_id, code, kind, text, contact, dossier_code,
                      received_at, unit_id, return_due_at, ask_due_at,
                      answer_due_at)
SELECT $1, c.code, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM c
RETURNING code;

-- name: feedback_unit
-- The one that is named, or the tenant's first.
-- $1 tenant  $2 code or ''
SELECT id, calendar_id
  FROM unit
 WHERE tenant_id = $1 AND ($2::text = '' OR code = $2)
 ORDER BY id
 LIMIT 1;

-- name: feedback_limit
-- How long a step may take: the steps of the procedure of kind feedback that
-- is in force.  No row: nothing is said.
-- $1 tenant  $2 step  $3 an instant, of which the Vietnamese day counts
SELECT s.limit_amount, s.limit_unit
  FROM feedback_rules($1, $3) p
  JOIN procedure_step s ON s.tenant_id = p.tenant_id
       AND s.procedure_id = p.id AND s.code = $2;

-- name: feedback_watch
-- What is to be told of feedback: when the step is due that it waits for, how
-- far ahead and how long after.  No row: it waits for none.
-- $1 tenant  $2 code  $3 now
SELECT feedback_awaits(f) AS due_at, u.calendar_id,
       coalesce(p.near_due_hours, 0) AS near_due_hours, x.*
  FROM feedback f
  JOIN unit u ON u.tenant_id = f.tenant_id AND u.id = f.unit_id
  LEFT JOIN feedback_rules($1, $3) p ON true
 CROSS JOIN LATERAL (
	SELECT coalesce(max(after_hours) FILTER (WHERE level = 1), 0) AS level_1,
	       coalesce(max(after_hours) FILTER (WHERE level = 2), 0) AS level_2,
	       coalesce(max(after_hours) FILTER (WHERE level = 3), 0) AS level_3
	  FROM escalation_of($1, p.id, f.unit_id)) x
 WHERE f.tenant_id = $1 AND f.code = $2 AND feedback_awaits(f) IS NOT NULL;

-- name: feedback_timer_drop
-- $1 tenant  $2 code
DELETE FROM timer
 WHERE tenant_id = $1 AND feedback = $2 AND fired_at IS NULL;

-- name: feedback_timer_set
-- A step that begins anew opens a new round; what has fired stays.
-- $1 tenant  $2 codes  $3 kinds  $4 due
INSERT INTO timer (tenant_id, feedback, kind, round, due_at)
SELECT $1, n.code, n.kind,
       1 + coalesce((SELECT max(t.round)
                       FROM timer t
                      WHERE t.tenant_id = $1 AND t.feedback = n.code
                        AND t.kind = n.kind), 0),
       n.due
  FROM unnest($2::text[], $3::text[], $4::timestamptz[])
       AS n (code, kind, due);

-- name: feedback_timer_fire
-- Fires what is due, of each feedback its first; as timer_fire.
-- $1 how many
WITH due AS (
	SELECT t.tenant_id, t.id, t.feedback, t.due_at
	  FROM timer t
	  JOIN feedback f ON f.tenant_id = t.tenant_id AND f.code = t.feedback
	 WHERE t.fired_at IS NULL AND t.feedback IS NOT NULL
	   AND t.due_at <= now()
	 ORDER BY t.due_at
	 LIMIT $1
	   FOR NO KEY UPDATE OF t, f SKIP LOCKED
), one AS (
	SELECT DISTINCT ON (tenant_id, feedback) tenant_id, id
	  FROM due
	 ORDER BY tenant_id, feedback, due_at, id
), fired AS (
	UPDATE timer t
	   SET fired_at = now()
	  FROM one
	 WHERE t.tenant_id = one.tenant_id AND t.id = one.id
	RETURNING t.tenant_id, t.feedback, t.kind, t.round, t.due_at
)
SELECT x.tenant_id, x.feedback AS code, 'feedback-' || x.kind AS kind, x.round,
       x.due_at, feedback_awaits(f) AS awaited_at, now() AS fired_at
  FROM fired x
  JOIN feedback f ON f.tenant_id = x.tenant_id AND f.code = x.feedback
 ORDER BY x.tenant_id, x.feedback;

-- name: feedback_announce
-- Whom an event about feedback is told: the unit, or each officer of it to
-- whose role that level of escalation goes.
-- $1 tenant  $2 event  $3 code
WITH due AS (
	SELECT r.channel, r.template, r.lane,
	       CASE WHEN r.recipient = 'role' THEN 'officer-' || h.officer_id
	       ELSE r.recipient END AS recipient
	  FROM event e
	  JOIN outbox_rule r ON r.kind = e.kind AND r.channel = 'mail'
	  JOIN feedback f ON f.tenant_id = e.tenant_id AND f.code = $3
	  LEFT JOIN LATERAL (
		SELECT o.id AS officer_id
		  FROM feedback_rules(e.tenant_id, e.at) p
		 CROSS JOIN LATERAL escalation_of(e.tenant_id, p.id, f.unit_id) x
		  JOIN officer_role a ON a.tenant_id = x.tenant_id
		       AND a.role = x.role
		  JOIN officer o ON o.tenant_id = a.tenant_id
		       AND o.id = a.officer_id AND o.unit_id = f.unit_id
		 WHERE 'feedback-escalate-' || x.level = e.kind) h
	       ON r.recipient = 'role'
	 WHERE e.tenant_id = $1 AND e.id = $2
	   AND (r.recipient <> 'role' OR h.officer_id IS NOT NULL)
), dest AS (
	INSERT INTO outbox_dest (tenant_id, channel, client_id)
	SELECT DISTINCT $1::bigint, due.channel, 0 FROM due
	    ON CONFLICT DO NOTHING
)
INSERT INTO outbox (tenant_id, event_id, feedback, channel, recipient,
                    template, lane)
SELECT $1, $2, $3, channel, recipient, template, lane
  FROM due
    ON CONFLICT DO NOTHING;

-- name: feedback_lock
-- $1 tenant  $2 code
SELECT f.code, f.kind, f.state, f.version, f.unit_id, u.calendar_id,
       f.received_at, f.return_due_at, f.ask_due_at, f.answer_due_at,
       f.publish_due_at
  FROM feedback f
  LEFT JOIN unit u ON u.tenant_id = f.tenant_id AND u.id = f.unit_id
 WHERE f.tenant_id = $1 AND f.code = $2
   FOR NO KEY UPDATE OF f;

-- name: feedback_move
-- $1 tenant  $2 code  $3 action  $4 state it goes to  $5 now  $6 unit
-- $7 to be returned, $8 asked about, $9 answered and $10 published by
-- $11 text of an answer, or null
UPDATE feedback
   SET version = version + 1, state = $4, unit_id = $6, return_due_at = $7,
       ask_due_at = $8, answer_due_at = $9, publish_due_at = $10,
       handled_at = coalesce(handled_at, $5),
       returned_at = CASE WHEN $3 = 'return' THEN $5 ELSE returned_at END,
       answered_at = CASE WHEN $3 = 'answer' THEN $5 ELSE answered_at END,
       published_at = CASE WHEN $3 = 'publish' THEN $5 ELSE published_at END,
       answer = coalesce($11, answer)
 WHERE tenant_id = $1 AND code = $2;

-- name: feedback_step_add
-- $1 tenant  $2 code  $3 action  $4 at  $5 by whom  $6 text  $7 unit
-- $8 when it was due, or null
INSERT INTO feedback_step (tenant_id, code, seq, action, at, by, text, unit_id,
                           due_at, late)
SELECT $1, $2, 1 + coalesce(max(s.seq), 0), $3, $4, $5, $6, $7, $8,
       coalesce($4::timestamptz > $8::timestamptz, false)
  FROM feedback_step s
 WHERE s.tenant_id = $1 AND s.code = $2;

-- name: feedback_steps
-- $1 tenant  $2 code
SELECT s.seq, s.action, s.at, s.text, s.due_at, s.late, u.code AS unit
  FROM feedback_step s
  LEFT JOIN unit u ON u.tenant_id = s.tenant_id AND u.id = s.unit_id
 WHERE s.tenant_id = $1 AND s.code = $2
 ORDER BY s.seq;

-- name: feedback_queue
-- What waits to be done, by when an answer is due.
-- $1 tenant  $2 unit's code or ''  $3 state or ''
-- $4 due and $5 code of the last one seen, in microseconds and as its number
-- $6 how many  $7 now
SELECT f.code, f.kind, f.state, f.version, f.text, f.contact, f.dossier_code,
       f.received_at, f.return_due_at, f.ask_due_at, f.answer_due_at,
       f.publish_due_at, u.code AS unit,
       coalesce(f.publish_due_at, f.answer_due_at, f.received_at) AS sort_at,
       coalesce(f.publish_due_at, f.answer_due_at, f.received_at)
       < $7::timestamptz AS overdue,
       replace(substring(f.code FROM 6), '.', '')::bigint AS number
  FROM feedback f
  LEFT JOIN unit u ON u.tenant_id = f.tenant_id AND u.id = f.unit_id
 WHERE f.tenant_id = $1
   AND ($2::text = '' OR u.code = $2)
   AND CASE WHEN $3::text = '' THEN f.state NOT IN ('returned', 'published')
            ELSE f.state = $3 END
   AND (coalesce(f.publish_due_at, f.answer_due_at, f.received_at),
        replace(substring(f.code FROM 6), '.', '')::bigint)
       > ($4::timestamptz, $5)
 ORDER BY sort_at, number
 LIMIT $6;

-- name: feedback_published
-- The public list of answers, the latest first.  Neither who asked nor how to
-- reach him is in it.
-- $1 tenant's code or ''  $2 published before, and $3 number of the last one
-- seen  $4 how many
SELECT t.code AS tenant, f.code, f.kind, f.text, f.answer, f.received_at,
       f.answered_at, f.published_at, u.name AS unit,
       replace(substring(f.code FROM 6), '.', '')::bigint AS number
  FROM feedback f
  JOIN tenant t ON t.id = f.tenant_id
  LEFT JOIN unit u ON u.tenant_id = f.tenant_id AND u.id = f.unit_id
 WHERE ($1::text = '' OR t.code = $1)
   AND f.state = 'published'
   AND (f.published_at, replace(substring(f.code FROM 6), '.', '')::bigint)
       < ($2::timestamptz, $3)
 ORDER BY f.published_at DESC, number DESC
 LIMIT $4;
