-- Every statement that sla.c runs.  Sets, not rows: $1 is their one tenant.

-- name: sla_pause_open
-- $2 dossiers  $3 which of its pauses  $4 kinds  $5 phases  $6 grounds
-- $7 began at  $8 by whom  $9 working us left  $10 codes of holds
INSERT INTO pause (tenant_id, dossier_id, seq, kind, phase, ground, began_at,
                   began_by, left_us, hold)
SELECT $1, p.dossier, p.seq, p.kind, p.phase, p.ground, p.at, p.by, p.left_us,
       p.hold
  FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
              $7::timestamptz[], $8::bigint[], $9::bigint[], $10::text[])
       AS p (dossier, seq, kind, phase, ground, at, by, left_us, hold);

-- name: sla_pause_close
-- $2 dossiers  $3 ended at  $4 by whom  $5 working seconds that it took
UPDATE pause p
   SET ended_at = c.at, ended_by = c.by, working_sec = c.working_sec
  FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[])
       AS c (dossier, at, by, working_sec)
 WHERE p.tenant_id = $1 AND p.dossier_id = c.dossier AND p.ended_at IS NULL;

-- name: sla_extension_add
-- $2 dossiers  $3 codes  $4 grounds  $5 was due  $6 is due  $7 decided at
-- $8 by whom
INSERT INTO extension (tenant_id, dossier_id, code, ground, was_due_at,
                       due_at, decided_at, decided_by)
SELECT $1, x.*
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::timestamptz[],
              $6::timestamptz[], $7::timestamptz[], $8::bigint[]) AS x;

-- name: sla_clock
-- $2 dossiers  $3 due, null: no clock runs  $4 originally due  $5 answer at
-- intake due, null: unchanged  $6 ended  $7 paused us that are new
UPDATE dossier d
   SET due_at = c.due,
       original_due_at = coalesce(d.original_due_at, c.original),
       intake_due_at = coalesce(c.intake, d.intake_due_at),
       ended_at = coalesce(d.ended_at, c.ended),
       paused_us = d.paused_us + c.paused
  FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[],
              $5::timestamptz[], $6::timestamptz[], $7::bigint[])
       AS c (dossier, due, original, intake, ended, paused)
 WHERE d.tenant_id = $1 AND d.id = c.dossier;

-- name: sla_pause_left
-- $1 tenant  $2 dossiers  $3 working time left when it began, in us
UPDATE pause p
   SET left_us = c.left_us
  FROM unnest($2::bigint[], $3::bigint[]) AS c (dossier, left_us)
 WHERE p.tenant_id = $1 AND p.dossier_id = c.dossier AND p.ended_at IS NULL;
