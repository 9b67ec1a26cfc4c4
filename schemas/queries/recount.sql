-- Every statement that recount.c runs.

-- name: recount_open
-- Locked before they are read, so that what is read is what is moved.
-- $1 tenant  $2 id of the last one seen  $3 how many
SELECT id
  FROM dossier
 WHERE tenant_id = $1 AND ended_at IS NULL AND id > $2
 ORDER BY id
 LIMIT $3
   FOR NO KEY UPDATE;

-- name: recount_since
-- What the clocks of dossiers were last set going by, in the order of their
-- ids.  A fee that was paid at intake began the time for an answer anew.
-- $1 tenant  $2 dossiers
SELECT d.id, p.ended_at AS went_on_at, coalesce(p.left_us, 0) AS left_us,
       v.intake_restarts AND d.accepted_at IS NULL AND EXISTS (
		SELECT FROM event e
		 WHERE e.tenant_id = d.tenant_id AND e.dossier_id = d.id
		   AND e.kind = 'paid' AND e.at = p.ended_at) AS anew,
       coalesce(q.limit_amount, 0) AS step_amount,
       q.limit_unit AS step_unit,
       CASE WHEN p.ended_at > w.began_at THEN p.ended_at END AS step_went_on_at,
       CASE WHEN q.code IS NULL THEN -1
            WHEN p.ended_at > w.began_at THEN coalesce(w.went_on_us, -1)
            ELSE 0 END AS step_left_us
  FROM dossier d
  JOIN procedure v ON v.tenant_id = d.tenant_id AND v.id = d.procedure_id
  LEFT JOIN LATERAL (
	SELECT n.ended_at, n.left_us
	  FROM pause n
	 WHERE n.tenant_id = d.tenant_id AND n.dossier_id = d.id
	   AND n.ended_at IS NOT NULL
	   AND n.phase = CASE WHEN d.accepted_at IS NULL THEN 'intake'
	                      ELSE 'work' END
	 ORDER BY n.seq DESC
	 LIMIT 1) p ON true
  LEFT JOIN dossier_step w ON w.tenant_id = d.tenant_id
       AND w.dossier_id = d.id AND w.ended_at IS NULL
  LEFT JOIN procedure_step q ON q.tenant_id = d.tenant_id
       AND q.procedure_id = d.procedure_id AND q.code = w.code
 WHERE d.tenant_id = $1 AND d.id = ANY ($2::bigint[])
 ORDER BY d.id;

-- name: recount_extensions
-- Decided since the clocks were last set going.
-- $1 tenant  $2 dossiers
SELECT x.dossier_id, p.limit_amount, p.limit_unit
  FROM extension x
  JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
  JOIN procedure_extension p ON p.tenant_id = d.tenant_id
       AND p.procedure_id = d.procedure_id AND p.code = x.code
 WHERE x.tenant_id = $1 AND x.dossier_id = ANY ($2::bigint[])
   AND x.decided_at >= coalesce((
	SELECT max(n.ended_at)
	  FROM pause n
	 WHERE n.tenant_id = x.tenant_id AND n.dossier_id = x.dossier_id
	   AND n.phase = 'work'), d.accepted_at)
 ORDER BY x.dossier_id;

-- name: recount_ground
-- On what dates rest that move: the calendar as it is now, and the basis of
-- each day in those spans, of it or of a base, that was brought, changed or
-- taken away since the clock was set going.
-- $1 tenant  $2 dossiers  $3 counted from  $4 to the later date
SELECT i.dossier, k.code AS calendar, k.version,
       'Lịch làm việc “' || k.name || '”, bản ' || k.version
       || coalesce(': ' || (
	SELECT string_agg(DISTINCT coalesce(c.became, c.was)->>'name' || ' ('
	                  || to_char(c.day, 'DD/MM/YYYY') || '), '
	                  || (coalesce(c.became, c.was)->>'basis'), '; ')
	  FROM calendar_change c
	 WHERE c.tenant_id = $1
	   AND (c.calendar_id = k.id OR c.calendar_id IN (
		SELECT b.base_id
		  FROM calendar_base b
		 WHERE b.tenant_id = $1 AND b.calendar_id = k.id))
	   AND c.changed_at > i.since
	   AND c.day BETWEEN (i.since AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
	                 AND (i.until AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
	   AND calendar_counts(c.was) IS DISTINCT FROM calendar_counts(c.became)),
       '') AS ground
  FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[])
       WITH ORDINALITY AS i (dossier, since, until, n)
  JOIN dossier d ON d.tenant_id = $1 AND d.id = i.dossier
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN calendar k ON k.tenant_id = u.tenant_id AND k.id = u.calendar_id
 ORDER BY i.n;

-- name: recount_step
-- $1 tenant  $2 dossiers  $3 due, null while it stands still  $4 working
-- seconds left while it does
UPDATE dossier_step s
   SET due_at = c.due,
       left_us = CASE WHEN s.paused_at IS NOT NULL THEN c.left_us END
  FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[])
       AS c (dossier, due, left_us)
 WHERE s.tenant_id = $1 AND s.dossier_id = c.dossier AND s.ended_at IS NULL;

-- name: recount_version
-- $1 tenant  $2 dossiers
UPDATE dossier SET version = version + 1
 WHERE tenant_id = $1 AND id = ANY ($2::bigint[]);
