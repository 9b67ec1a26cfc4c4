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
  FROM procedure p
  JOIN procedure_step s ON s.tenant_id = p.tenant_id
       AND s.procedure_id = p.id AND s.code = $2
 WHERE p.tenant_id = $1 AND p.kind = 'feedback'
   AND p.valid_from <= ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
   AND (p.valid_to IS NULL
        OR p.valid_to > ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
 ORDER BY p.code, p.version DESC
 LIMIT 1;

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
-- $6 how many
SELECT f.code, f.kind, f.state, f.version, f.text, f.contact, f.dossier_code,
       f.received_at, f.return_due_at, f.ask_due_at, f.answer_due_at,
       f.publish_due_at, u.code AS unit,
       coalesce(f.publish_due_at, f.answer_due_at, f.received_at) AS sort_at,
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
