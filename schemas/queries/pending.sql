-- Every statement that pending.c and the accepting of dossiers run.

-- name: pending_add
-- $1 tenant  $2 dossier  $3 now  $4 hours  $5 seconds to the next try
INSERT INTO dossier_pending (tenant_id, dossier_id, began_at, until_at, run_at)
VALUES ($1, $2, $3::timestamptz,
        $3::timestamptz + $4::bigint * interval '1 hour',
        $3::timestamptz + $5::bigint * interval '1 s');

-- name: pending_outcome
-- No row: nothing had to wait.
-- $1 tenant  $2 dossier
SELECT outcome
  FROM dossier_pending
 WHERE tenant_id = $1 AND dossier_id = $2;

-- name: pending_claim
-- The one that has waited longest for its turn, under a lease.
-- $1 lease in ms
UPDATE dossier_pending v
   SET run_at = now() + $1::bigint * interval '1 ms', tries = v.tries + 1
  FROM (SELECT w.tenant_id, w.dossier_id, d.procedure_id,
               d.applicant ->> 'id_kind' AS id_kind,
               d.applicant ->> 'id' AS id
          FROM dossier_pending w
          JOIN dossier d ON d.tenant_id = w.tenant_id AND d.id = w.dossier_id
         WHERE w.outcome = 'waiting' AND w.run_at <= now()
           AND d.ended_at IS NULL
         ORDER BY w.run_at
         LIMIT 1
           FOR UPDATE OF w SKIP LOCKED) next
 WHERE v.tenant_id = next.tenant_id AND v.dossier_id = next.dossier_id
RETURNING v.tenant_id, v.dossier_id, v.until_at <= now() AS late, now() AS now,
          next.procedure_id, next.id_kind, next.id;

-- name: pending_documents
-- What could not be judged, each with its detached signature.
-- $1 tenant  $2 dossier
SELECT d.id, d.name, d.file_name, d.sha256, c.bytes, s.file_name AS signature_file,
       s.sha256 AS signature_sha256, k.bytes AS signature_bytes
  FROM document d
  JOIN content c ON c.tenant_id = d.tenant_id AND c.sha256 = d.sha256
  LEFT JOIN document s
    ON s.tenant_id = d.tenant_id AND s.dossier_id = d.dossier_id
   AND s.detached_for = d.name AND s.added_at = d.added_at
   AND s.role = d.role
  LEFT JOIN content k ON k.tenant_id = s.tenant_id AND k.sha256 = s.sha256
 WHERE d.tenant_id = $1 AND d.dossier_id = $2 AND d.role = 'component'
   AND d.indication = 'INDETERMINATE' AND d.subindication = 'TRY_LATER'
 ORDER BY d.id;

-- name: pending_later
-- $1 tenant  $2 dossier  $3 seconds to the next try
UPDATE dossier_pending
   SET run_at = least(now() + $3::bigint * interval '1 s',
                      greatest(until_at, now() + interval '1 s'))
 WHERE tenant_id = $1 AND dossier_id = $2 AND outcome = 'waiting';

-- name: pending_decide
-- No row: another gateway was first.
-- $1 tenant  $2 dossier  $3 outcome  $4 now
UPDATE dossier_pending
   SET outcome = $3, decided_at = $4
 WHERE tenant_id = $1 AND dossier_id = $2 AND outcome = 'waiting';

-- name: pending_verdict
-- The last verdict on a document, and the document to what that names.
-- $1 tenant  $2 document  $3 indication  $4 subindication or null  $5 report
-- $6 now
WITH judged AS (
	INSERT INTO document_verdict (tenant_id, document_id, indication,
	                              subindication, report, judged_at)
	VALUES ($1, $2, $3, $4, $5::jsonb, $6)
	RETURNING tenant_id, document_id, report
)
INSERT INTO document_evidence (tenant_id, document_id, sha256, role)
SELECT j.tenant_id, j.document_id, decode(w.sha256, 'hex'), w.kind
  FROM judged j
 CROSS JOIN LATERAL jsonb_to_recordset(j.report -> 'evidence')
    AS w (kind text, place text, sha256 text)
 WHERE w.place <> 'document'
    ON CONFLICT DO NOTHING;
