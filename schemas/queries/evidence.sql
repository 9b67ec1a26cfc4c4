-- Every statement that document_evidence.c and audit_evidence.c run.

-- name: evidence_missing
-- Which of these the tenant has not got yet.
-- $1 tenant  $2 SHA-256s
SELECT DISTINCT w.sha256
  FROM unnest($2::bytea[]) AS w (sha256)
 WHERE NOT EXISTS (SELECT FROM evidence e
                    WHERE e.tenant_id = $1 AND e.sha256 = w.sha256);

-- name: evidence_add
-- $1 tenant  $2 SHA-256s  $3 kinds  $4 bytes  $5 now
INSERT INTO evidence (tenant_id, sha256, kind, bytes, added_at)
SELECT $1, w.sha256, w.kind, w.bytes, $5
  FROM unnest($2::bytea[], $3::text[], $4::bytea[]) AS w (sha256, kind, bytes)
    ON CONFLICT DO NOTHING;

-- name: evidence_link
-- Each document of the dossier to what its report names outside itself.
-- $1 tenant  $2 dossier
INSERT INTO document_evidence (tenant_id, document_id, sha256, role)
SELECT d.tenant_id, d.id, decode(w.sha256, 'hex'), w.kind
  FROM document d
 CROSS JOIN LATERAL jsonb_to_recordset(d.report -> 'evidence')
    AS w (kind text, place text, sha256 text)
 WHERE d.tenant_id = $1 AND d.dossier_id = $2 AND w.place <> 'document'
    ON CONFLICT DO NOTHING;

-- name: evidence_of_dossier
-- $1 tenant  $2 dossier
SELECT DISTINCT e.sha256, l.role, e.bytes
  FROM document d
  JOIN document_evidence l ON l.tenant_id = d.tenant_id AND l.document_id = d.id
  JOIN evidence e ON e.tenant_id = l.tenant_id AND e.sha256 = l.sha256
 WHERE d.tenant_id = $1 AND d.dossier_id = $2
 ORDER BY e.sha256, l.role;

-- name: evidence_judged
-- The documents that have a report, each with its detached signature.
-- $1 tenant  $2 dossier
SELECT d.id, d.name, d.file_name, d.report,
       coalesce(s.id, 0) AS signature_id,
       coalesce(s.file_name, '') AS signature_file
  FROM document d
  LEFT JOIN document s
    ON s.tenant_id = d.tenant_id AND s.dossier_id = d.dossier_id
   AND s.detached_for = d.name AND s.added_at = d.added_at
   AND s.role = d.role
 WHERE d.tenant_id = $1 AND d.dossier_id = $2 AND d.report IS NOT NULL
 ORDER BY d.id;
