-- Every statement that evidence_piece.c, document_evidence.c, paper_sign.c
-- (of evidence) and audit_evidence.c run.

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

-- name: evidence_paper
-- The verdict on a paper, and the paper to what it names outside itself.
-- $1 tenant  $2 SHA-256 of the paper  $3 report  $4 now
WITH judged AS (
	INSERT INTO paper_verdict (tenant_id, sha256, report, judged_at)
	VALUES ($1, $2, $3::jsonb, $4)
	    ON CONFLICT DO NOTHING
	RETURNING tenant_id, sha256, report
)
INSERT INTO paper_evidence (tenant_id, paper_sha256, sha256, role)
SELECT j.tenant_id, j.sha256, decode(w.sha256, 'hex'), w.kind
  FROM judged j
 CROSS JOIN LATERAL jsonb_to_recordset(j.report -> 'evidence')
    AS w (kind text, place text, sha256 text)
 WHERE w.place <> 'document'
    ON CONFLICT DO NOTHING;

-- name: evidence_of_dossier
-- What its documents and its papers rest on.
-- $1 tenant  $2 dossier
SELECT DISTINCT e.sha256, l.role, e.bytes
  FROM (SELECT x.sha256, x.role
          FROM document d
          JOIN document_evidence x
            ON x.tenant_id = d.tenant_id AND x.document_id = d.id
         WHERE d.tenant_id = $1 AND d.dossier_id = $2
         UNION
        SELECT x.sha256, x.role
          FROM dossier_paper p
          JOIN paper_evidence x
            ON x.tenant_id = p.tenant_id AND x.paper_sha256 = p.sha256
         WHERE p.tenant_id = $1 AND p.dossier_id = $2) l
  JOIN evidence e ON e.tenant_id = $1 AND e.sha256 = l.sha256
 ORDER BY e.sha256, l.role;

-- name: evidence_papers
-- Forms, receipts and vouchers with the verdict on each; null where it is not
-- signed by us.
-- $1 tenant  $2 dossier
SELECT p.what || '-' || p.id || '.pdf' AS file, c.bytes, v.report
  FROM dossier_paper p
  JOIN content c ON c.tenant_id = p.tenant_id AND c.sha256 = p.sha256
  LEFT JOIN paper_verdict v ON v.tenant_id = p.tenant_id AND v.sha256 = p.sha256
 WHERE p.tenant_id = $1 AND p.dossier_id = $2
 ORDER BY p.what, p.id;

-- name: evidence_judged
-- The documents that have a report, each with its detached signature; those
-- that had to wait with both verdicts.
-- $1 tenant  $2 dossier
SELECT d.id, d.name, d.file_name, v.report,
       coalesce(s.id, 0) AS signature_id,
       coalesce(s.file_name, '') AS signature_file
  FROM document d
  JOIN (SELECT tenant_id, id AS document_id, report, added_at AS at
          FROM document
         UNION ALL
        SELECT tenant_id, document_id, report, judged_at
          FROM document_verdict) v
    ON v.tenant_id = d.tenant_id AND v.document_id = d.id
  LEFT JOIN document s
    ON s.tenant_id = d.tenant_id AND s.dossier_id = d.dossier_id
   AND s.detached_for = d.name AND s.added_at = d.added_at
   AND s.role = d.role
 WHERE d.tenant_id = $1 AND d.dossier_id = $2 AND v.report IS NOT NULL
 ORDER BY d.id, v.at;
