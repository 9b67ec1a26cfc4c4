-- Is a dossier in time?  Two rules, each by its name, over one set of cases.

CREATE FUNCTION on_time_cases(tenant bigint, since timestamptz, until timestamptz, unit_code text)
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
                THEN coalesce((SELECT s.left_sec > 0 FROM pause s
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
COMMENT ON FUNCTION on_time_cases IS
	'What was being worked on in [since, until), and whether in time.  nationally: Decision 766, indicator 2.1; without an end the period''s last moment, or now, is the end; more than one supplement request is late.  by_date: provincial practice; null while it is undecided.  gateway/sla_verdict.h says the same of one dossier.';
GRANT EXECUTE ON FUNCTION on_time_cases TO hosogate_gateway;
