-- Every statement that relief.c runs.

-- name: relief_find
-- A relief that an officer may give under the dossier's tariff.
-- $1 tenant  $2 dossier  $3 code
SELECT code, title, basis
  FROM tariff_relief
 WHERE tenant_id = $1 AND tariff_id = tariff_of($1, $2) AND code = $3
   AND category IS NULL;

-- name: relief_add
-- $1 tenant  $2 dossier  $3 code  $4 ground  $5 now  $6 by
INSERT INTO dossier_relief (tenant_id, dossier_id, relief, ground, decided_at,
                            decided_by)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING;

-- name: relief_paid
-- Has the dossier paid what was last asked of it?
-- $1 tenant  $2 dossier
SELECT EXISTS (SELECT FROM payment_request
                WHERE tenant_id = $1 AND dossier_id = $2
                  AND paid_at IS NOT NULL AND superseded_at IS NULL) AS paid;
