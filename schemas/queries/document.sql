-- Every statement that document_store.c and the document handlers run.

-- name: content_add
-- The bytes of one document, once each.
-- $1 tenant  $2 sha256  $3 bytes
INSERT INTO content (tenant_id, sha256, bytes)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING;

-- name: document_add
-- $1 tenant  $2 dossier  $3 name  $4 role  $5 file name  $6 sha256  $7 length
-- $8 detached for  $9 format  $10 indication  $11 subindication  $12 report
-- $13 now  $14 by
INSERT INTO document (tenant_id, dossier_id, name, role, file_name, sha256,
                      len, detached_for, format, indication, subindication,
                      report, added_at, added_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14);

-- name: document_of_dossier
-- $1 tenant  $2 dossier
-- The last verdict on each.
SELECT d.id, d.name, d.role, d.file_name, encode(d.sha256, 'hex') AS sha256,
       d.len, d.detached_for, d.format,
       coalesce(v.indication, d.indication) AS indication,
       CASE WHEN v.document_id IS NULL THEN d.subindication
            ELSE v.subindication END AS subindication, d.added_at
  FROM document d
  LEFT JOIN document_verdict v
    ON v.tenant_id = d.tenant_id AND v.document_id = d.id
 WHERE d.tenant_id = $1 AND d.dossier_id = $2
 ORDER BY d.id;

-- name: document_bytes
-- $1 tenant  $2 dossier  $3 document
SELECT d.file_name, d.format, c.bytes
  FROM document d
  JOIN content c ON c.tenant_id = d.tenant_id AND c.sha256 = d.sha256
 WHERE d.tenant_id = $1 AND d.dossier_id = $2 AND d.id = $3;

-- name: document_report
-- $1 tenant  $2 dossier  $3 document
SELECT report
  FROM document
 WHERE tenant_id = $1 AND dossier_id = $2 AND id = $3
   AND report IS NOT NULL;
