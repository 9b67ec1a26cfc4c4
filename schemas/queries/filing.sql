-- Every statement that filing.c runs.

-- name: filing_window
-- $1 tenant  $2 procedure
SELECT amount, remote_amount, unit
  FROM procedure_filing
 WHERE tenant_id = $1 AND procedure_id = $2;

-- name: filing_add
-- $1 tenant  $2 dossier  $3 known on, or null  $4 remote  $5 last day since
-- 1970, or null  $6 outcome
INSERT INTO dossier_filing (tenant_id, dossier_id, known_on, remote, last_day,
                            outcome)
VALUES ($1, $2, $3::date, $4, date '1970-01-01' + $5::int, $6);

-- name: filing_of
-- $1 tenant  $2 dossier
SELECT f.known_on::text AS known_on, f.remote, f.last_day::text AS last_day,
       f.outcome, w.basis
  FROM dossier_filing f
  JOIN dossier d ON d.tenant_id = f.tenant_id AND d.id = f.dossier_id
  JOIN procedure_filing w ON w.tenant_id = d.tenant_id
       AND w.procedure_id = d.procedure_id
 WHERE f.tenant_id = $1 AND f.dossier_id = $2;
