-- Every statement that step.c, step_show.c and the handlers of steps run.

-- name: step_first
-- The step that acceptance opens; no row: that version has no steps.
-- $1 tenant  $2 procedure
SELECT position, code, role, limit_amount, limit_unit
  FROM procedure_step
 WHERE tenant_id = $1 AND procedure_id = $2
 ORDER BY position
 LIMIT 1;

-- name: step_next
-- The one that is named, or the one after that code.
-- $1 tenant  $2 procedure  $3 code it lies at  $4 code it is to go to, or ''
SELECT n.position, n.code, n.role, n.limit_amount, n.limit_unit
  FROM procedure_step s
  JOIN procedure_step n ON n.tenant_id = s.tenant_id
       AND n.procedure_id = s.procedure_id
       AND CASE WHEN $4::text = '' THEN n.position > s.position
                ELSE n.code = $4 AND n.code <> s.code END
 WHERE s.tenant_id = $1 AND s.procedure_id = $2 AND s.code = $3
 ORDER BY n.position
 LIMIT 1;

-- name: step_may_hold
-- Is that officer of the dossier's unit, with the role?
-- $1 tenant  $2 unit  $3 officer  $4 role
SELECT EXISTS (
	SELECT FROM officer o
	  JOIN officer_role r ON r.tenant_id = o.tenant_id
	       AND r.officer_id = o.id AND r.role = $4
	 WHERE o.tenant_id = $1 AND o.unit_id = $2 AND o.id = $3) AS may;

-- name: step_end
-- $1 tenant  $2 dossiers  $3 ended at  $4 by whom  $5 outcomes
-- $6 working seconds  $7 late (0 or 1)
UPDATE dossier_step s
   SET ended_at = c.at, ended_by = c.by, outcome = c.outcome,
       working_sec = c.working_sec, late = c.late <> 0
  FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::text[],
              $6::bigint[], $7::bigint[])
       AS c (dossier, at, by, outcome, working_sec, late)
 WHERE s.tenant_id = $1 AND s.dossier_id = c.dossier AND s.ended_at IS NULL;

-- name: step_begin
-- $1 tenant  $2 dossiers  $3 codes  $4 officers (0: offered to the role)
-- $5 began at  $6 by whom  $7 due  $8 taken at, null: not yet
INSERT INTO dossier_step (tenant_id, dossier_id, seq, code, officer_id,
                          began_at, began_by, due_at, first_due_at, taken_at)
SELECT $1, c.dossier,
       1 + coalesce((SELECT max(s.seq)
                       FROM dossier_step s
                      WHERE s.tenant_id = $1
                        AND s.dossier_id = c.dossier), 0),
       c.code, nullif(c.officer, 0), c.at, c.by, c.due, c.due, c.taken
  FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[],
              $6::bigint[], $7::timestamptz[], $8::timestamptz[])
       AS c (dossier, code, officer, at, by, due, taken);

-- name: step_clock
-- Stops with the dossier's clock, and goes on with it.
-- $1 tenant  $2 dossiers  $3 paused at, null: goes on  $4 us left when
-- it stops  $5 due when it goes on  $6 paused seconds that are new
UPDATE dossier_step s
   SET due_at = c.due, paused_at = c.at,
       left_us = CASE WHEN c.at IS NOT NULL THEN c.left_us END,
       went_on_us = CASE WHEN c.at IS NULL THEN s.left_us
                     ELSE s.went_on_us END,
       paused_sec = s.paused_sec + c.paused
  FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[],
              $5::timestamptz[], $6::bigint[])
       AS c (dossier, at, left_us, due, paused)
 WHERE s.tenant_id = $1 AND s.dossier_id = c.dossier AND s.ended_at IS NULL;

-- name: step_hold
-- $1 tenant  $2 dossiers  $3 officers  $4 taken at, null: not yet
UPDATE dossier_step s
   SET officer_id = c.officer, taken_at = c.taken
  FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[])
       AS c (dossier, officer, taken)
 WHERE s.tenant_id = $1 AND s.dossier_id = c.dossier AND s.ended_at IS NULL;

-- name: step_plan
-- The steps that a dossier's version foresees.
-- $1 tenant  $2 procedure
SELECT position, code, title, role, limit_amount, limit_unit
  FROM procedure_step
 WHERE tenant_id = $1 AND procedure_id = $2
 ORDER BY position;

-- name: step_of_dossier
-- Form 06 (phiếu kiểm soát quá trình giải quyết hồ sơ) is made of this.
-- $1 tenant  $2 dossier
SELECT s.seq, s.code, p.title, p.role, s.began_at, s.taken_at, s.first_due_at,
       s.due_at, s.ended_at, s.outcome, s.working_sec, s.paused_sec, s.late,
       o.name AS officer, b.name AS began_by, e.name AS ended_by
  FROM dossier_step s
  JOIN dossier d ON d.tenant_id = s.tenant_id AND d.id = s.dossier_id
  LEFT JOIN procedure_step p ON p.tenant_id = s.tenant_id
       AND p.procedure_id = d.procedure_id AND p.code = s.code
  LEFT JOIN principal o ON o.tenant_id = s.tenant_id AND o.id = s.officer_id
  LEFT JOIN principal b ON b.tenant_id = s.tenant_id AND b.id = s.began_by
  LEFT JOIN principal e ON e.tenant_id = s.tenant_id AND e.id = s.ended_by
 WHERE s.tenant_id = $1 AND s.dossier_id = $2
 ORDER BY s.seq;

-- name: step_holder
-- $1 tenant  $2 dossier
SELECT s.code, p.title, p.role, o.name AS officer, s.began_at, s.taken_at,
       s.due_at
  FROM dossier_step s
  JOIN dossier d ON d.tenant_id = s.tenant_id AND d.id = s.dossier_id
  LEFT JOIN procedure_step p ON p.tenant_id = s.tenant_id
       AND p.procedure_id = d.procedure_id AND p.code = s.code
  LEFT JOIN principal o ON o.tenant_id = s.tenant_id AND o.id = s.officer_id
 WHERE s.tenant_id = $1 AND s.dossier_id = $2 AND s.ended_at IS NULL;

-- name: step_register
-- Form 07 (sổ theo dõi hồ sơ): what was received in the period, in the order
-- of receipt.
-- $1 tenant  $2 from  $3 to  $4 unit's code or ''
-- $5 receipt and $6 id of the last one seen  $7 how many
SELECT d.id, d.code, d.state, d.received_at, d.accepted_at, d.due_at,
       d.original_due_at, d.ended_at, d.supplements, d.channel,
       u.code AS unit_code, p.code AS procedure_code, p.name AS procedure_name,
       d.applicant ->> 'name' AS applicant, o.name AS officer,
       coalesce(s.code, '') AS step,
       coalesce((SELECT max(v.at)
                   FROM event v
                  WHERE v.tenant_id = d.tenant_id AND v.dossier_id = d.id
                    AND v.kind = 'return'), NULL) AS returned_at
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN principal o ON o.tenant_id = d.tenant_id AND o.id = d.officer_id
  LEFT JOIN dossier_step s ON s.tenant_id = d.tenant_id
       AND s.dossier_id = d.id AND s.ended_at IS NULL
 WHERE d.tenant_id = $1
   AND d.received_at >= $2::timestamptz AND d.received_at < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
   AND (d.received_at, d.id) > ($5::timestamptz, $6)
 ORDER BY d.received_at, d.id
 LIMIT $7;

-- name: step_figures
-- Where dossiers lie longest: of the steps that ended in the period, the
-- median and the 90th percentile of working seconds, and how many were late.
-- $1 tenant  $2 from  $3 to  $4 unit's code or ''  $5 procedure's code or ''
SELECT p.code AS procedure_code, s.code AS step,
       min(q.title) AS title, min(q.role) AS role, count(*) AS ended,
       count(*) FILTER (WHERE s.late) AS late,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY s.working_sec) AS median_sec,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY s.working_sec) AS p90_sec,
       max(s.working_sec) AS longest_sec
  FROM dossier_step s
  JOIN dossier d ON d.tenant_id = s.tenant_id AND d.id = s.dossier_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN procedure_step q ON q.tenant_id = d.tenant_id
       AND q.procedure_id = d.procedure_id AND q.code = s.code
 WHERE s.tenant_id = $1
   AND s.ended_at >= $2::timestamptz AND s.ended_at < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
   AND ($5::text = '' OR p.code = $5)
 GROUP BY p.code, s.code
 ORDER BY p90_sec DESC, p.code, s.code;
