-- What is left of a limit, and what pauses took, is kept to the microsecond:
-- rounded to seconds, each pause took up to one of them away.  The type is
-- changed and not the rows, as an ended step may not change.

ALTER TABLE pause ALTER left_sec TYPE bigint USING left_sec * 1000000;
ALTER TABLE pause RENAME left_sec TO left_us;
COMMENT ON COLUMN pause.left_us IS 'Working time that was left of the limit when it began, in microseconds.';

ALTER TABLE dossier_step
	ALTER left_sec TYPE bigint USING left_sec * 1000000,
	ALTER went_on_sec TYPE bigint USING went_on_sec * 1000000;
ALTER TABLE dossier_step RENAME left_sec TO left_us;
ALTER TABLE dossier_step RENAME went_on_sec TO went_on_us;
ALTER TABLE dossier ALTER paused_sec TYPE bigint USING paused_sec * 1000000;
ALTER TABLE dossier RENAME paused_sec TO paused_us;
COMMENT ON COLUMN dossier.paused_us IS
	'Working time of the pauses after acceptance that have ended, in microseconds; an extension adds it.';

COMMENT ON COLUMN dossier_step.left_us IS 'As in pause; null while its clock runs.';
COMMENT ON COLUMN dossier_step.went_on_us IS
	'What was left when it last went on; null: it has not, or did before this was written down.';

CREATE OR REPLACE FUNCTION on_time_cases(tenant bigint, since timestamptz, until timestamptz, unit_code text)
	RETURNS TABLE (field text, unit text, subject text, nationally boolean, by_date boolean)
	LANGUAGE sql STABLE AS $$
WITH worked AS (
	SELECT p.field_name, u.name, d.code, d.supplements, d.due_at,
	       d.tenant_id, d.id,
	       d.ended_at IS NOT NULL AND d.ended_at < until AS ended,
	       least(coalesce(d.ended_at, now()), until) AS end_at
	  FROM dossier d
	  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
	  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
	 WHERE d.tenant_id = tenant AND p.kind = 'tthc'
	   AND d.accepted_at < until
	   AND (d.ended_at IS NULL OR d.ended_at >= since)
	   AND (unit_code = '' OR u.code = unit_code)
)
SELECT w.field_name, w.name, w.code,
       w.supplements <= 1
       AND CASE WHEN w.due_at IS NULL
                THEN coalesce((SELECT s.left_us > 0 FROM pause s
                                WHERE s.tenant_id = w.tenant_id
                                  AND s.dossier_id = w.id
                                ORDER BY s.seq DESC LIMIT 1), false)
                ELSE w.end_at <= w.due_at
           END,
       CASE WHEN (w.end_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
                 > (w.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date THEN false
            WHEN w.ended AND w.due_at IS NOT NULL THEN true END
  FROM worked w
$$;
