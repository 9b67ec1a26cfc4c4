-- Every statement that procedure.c runs.

-- name: procedure_in_force
-- $1 tenant  $2 code  $3 an instant, of which the Vietnamese day counts
SELECT p.id, p.version, p.intake_hours, p.intake_unit, p.fee_due, p.code, p.name,
       p.limit_amount, p.limit_unit,
       coalesce((SELECT sum(f.amount)::bigint
                   FROM procedure_fee f
                  WHERE f.tenant_id = p.tenant_id
                    AND f.procedure_id = p.id), 0) AS fee
  FROM procedure p
 WHERE p.tenant_id = $1
   AND p.code = $2
   AND p.valid_from <= ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
   AND (p.valid_to IS NULL
        OR p.valid_to > ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
 ORDER BY p.version DESC
 LIMIT 1;

-- name: procedure_by_id
-- $1 tenant  $2 id
SELECT p.id, p.version, p.intake_hours, p.intake_unit, p.fee_due, p.code, p.name,
       p.limit_amount, p.limit_unit,
       coalesce((SELECT sum(f.amount)::bigint
                   FROM procedure_fee f
                  WHERE f.tenant_id = p.tenant_id
                    AND f.procedure_id = p.id), 0) AS fee
  FROM procedure p
 WHERE p.tenant_id = $1 AND p.id = $2;

-- name: procedure_documents
-- $1 tenant  $2 procedure
SELECT code, title, required, signer, role,
       array_to_string(formats, ' ') AS formats, bytes_max
  FROM procedure_document
 WHERE tenant_id = $1 AND procedure_id = $2
 ORDER BY position;

-- name: procedure_hold
-- $1 tenant  $2 procedure  $3 code  $4 kind
SELECT code, basis
  FROM procedure_hold
 WHERE tenant_id = $1 AND procedure_id = $2 AND code = $3 AND kind = $4;

-- name: procedure_extension
-- $1 tenant  $2 procedure  $3 code  $4 dossier
SELECT x.code, x.limit_amount, x.limit_unit, x.follows,
       x.follows IS NOT NULL AND NOT EXISTS (
		SELECT FROM extension d
		 WHERE d.tenant_id = $1 AND d.dossier_id = $4
		   AND d.code = x.follows) AS early
  FROM procedure_extension x
 WHERE x.tenant_id = $1 AND x.procedure_id = $2 AND x.code = $3;
