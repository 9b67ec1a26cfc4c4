-- Every statement that audit*.c and cli_audit.c run.

-- name: audit_snapshot
-- All that follows sees one moment, though the gateway goes on.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: audit_chains
-- Chains and dossiers in one order, with what each lacks.
-- $1 tenant and $2 dossier of the last one seen  $3 how many
SELECT coalesce(c.tenant_id, d.tenant_id) AS tenant_id,
       coalesce(c.dossier_id, d.id) AS dossier_id,
       t.code AS tenant, coalesce(d.code, '') AS code,
       coalesce(c.seq, 0) AS seq, c.prev, c.head,
       coalesce(d.state, 0) AS state, coalesce(d.version, 0) AS version,
       coalesce(d.officer_id, 0) AS officer_id,
       coalesce(d.supplements, 0) AS supplements, d.received_at,
       d.accepted_at, d.moved_at, d.due_at, d.original_due_at, d.ended_at
  FROM event_chain c
  FULL JOIN dossier d ON d.tenant_id = c.tenant_id AND d.id = c.dossier_id
  LEFT JOIN tenant t ON t.id = coalesce(c.tenant_id, d.tenant_id)
 WHERE (coalesce(c.tenant_id, d.tenant_id), coalesce(c.dossier_id, d.id))
       > ($1, $2)
 ORDER BY 1, 2
 LIMIT $3;

-- name: audit_events
-- $1 tenant, $2 dossier and $3 seq of the last one seen  $4 how many
SELECT tenant_id, dossier_id, seq, kind, at, actor, data, prev, hash
  FROM event
 WHERE (tenant_id, dossier_id, seq) > ($1, $2, $3)
 ORDER BY tenant_id, dossier_id, seq
 LIMIT $4;

-- name: audit_heads
SELECT number, from_xact, to_xact, events, root, prev, hash, signature,
       made_at
  FROM event_head
 ORDER BY number;

-- name: audit_unsigned
-- $1 the transaction up to which heads reach
SELECT count(*) AS events FROM event WHERE xact >= $1::xid8;

-- name: audit_documents
-- Bytes are what their hash says, and a document's length what its bytes are.
-- $1 tenant and $2 document of the last one seen  $3 how many
SELECT d.tenant_id, d.id, t.code AS tenant, s.code, d.name,
       sha256(c.bytes) = d.sha256 AS hash_holds,
       length(c.bytes) = d.len AS length_holds
  FROM document d
  JOIN content c ON c.tenant_id = d.tenant_id AND c.sha256 = d.sha256
  JOIN tenant t ON t.id = d.tenant_id
  JOIN dossier s ON s.tenant_id = d.tenant_id AND s.id = d.dossier_id
 WHERE (d.tenant_id, d.id) > ($1, $2)
 ORDER BY d.tenant_id, d.id
 LIMIT $3;

-- name: audit_told
-- Is there this document of the dossier?
-- $1 tenant  $2 dossier  $3 name  $4 SHA-256 in hex
SELECT count(*) > 0 AS there
  FROM document
 WHERE tenant_id = $1 AND dossier_id = $2 AND name = $3
   AND encode(sha256, 'hex') = $4;

-- name: audit_papers
-- Bytes of forms, receipts and vouchers are what their hash says, and an event
-- tells that hash; of forms since the migration that brought the event.
-- $1 tenant, $2 what and $3 id of the last one seen  $4 how many
SELECT p.tenant_id, p.what, p.id, t.code AS tenant, s.code,
       sha256(c.bytes) = p.sha256 AS hash_holds,
       NOT p.told
       OR p.what = 'form' AND p.called_at <
          (SELECT applied_at FROM migration WHERE name LIKE '____-paper.sql')
       OR EXISTS (SELECT FROM event v
                   WHERE v.tenant_id = p.tenant_id
                     AND v.dossier_id = p.dossier_id
                     AND v.kind IN ('form', 'receipt', 'receipt-correct',
                                    'payment-voucher')
                     AND v.data::jsonb ->> 'sha256' = encode(p.sha256, 'hex'))
       AS told
  FROM dossier_paper p
  JOIN content c ON c.tenant_id = p.tenant_id AND c.sha256 = p.sha256
  JOIN tenant t ON t.id = p.tenant_id
  JOIN dossier s ON s.tenant_id = p.tenant_id AND s.id = p.dossier_id
 WHERE (p.tenant_id, p.what, p.id) > ($1, $2, $3)
 ORDER BY p.tenant_id, p.what, p.id
 LIMIT $4;

-- name: audit_paper_told
-- Is there this form, receipt or voucher of the dossier?
-- $1 tenant  $2 dossier  $3 which of them  $4 SHA-256 in hex
SELECT count(*) > 0 AS there
  FROM dossier_paper
 WHERE tenant_id = $1 AND dossier_id = $2 AND what = $3
   AND encode(sha256, 'hex') = $4;

-- name: audit_dossier
-- $1 code
SELECT tenant_id, id, to_jsonb(d) AS row
  FROM dossier d
 WHERE code = $1;

-- name: audit_dossier_rows
-- The rows of a dossier's tables, as they are; $3 names the table.
-- $1 tenant  $2 dossier  $3 which
SELECT r.row
  FROM (SELECT 'events' AS what, v.seq::bigint AS n, to_jsonb(v) AS row
          FROM event v
         WHERE v.tenant_id = $1 AND v.dossier_id = $2
        UNION ALL
        SELECT 'pauses', p.seq, to_jsonb(p)
          FROM pause p
         WHERE p.tenant_id = $1 AND p.dossier_id = $2
        UNION ALL
        SELECT 'timers', t.id, to_jsonb(t)
          FROM timer t
         WHERE t.tenant_id = $1 AND t.dossier_id = $2
        UNION ALL
        SELECT 'documents', c.id, to_jsonb(c) - 'report'
          FROM document c
         WHERE c.tenant_id = $1 AND c.dossier_id = $2
        UNION ALL
        SELECT 'payments', q.id, to_jsonb(q)
          FROM payment_request q
         WHERE q.tenant_id = $1 AND q.dossier_id = $2
        UNION ALL
        SELECT 'forms', f.id, to_jsonb(f)
          FROM dossier_form f
         WHERE f.tenant_id = $1 AND f.dossier_id = $2
        UNION ALL
        SELECT 'receipts', r.id, to_jsonb(r)
          FROM receipt r
         WHERE r.tenant_id = $1 AND r.dossier_id = $2
        UNION ALL
        SELECT 'vouchers', u.attempt_id, to_jsonb(u)
          FROM payment_voucher u
          JOIN payment_attempt e ON e.tenant_id = u.tenant_id
               AND e.id = u.attempt_id
          JOIN payment_request w ON w.tenant_id = e.tenant_id
               AND w.id = e.request_id
         WHERE w.tenant_id = $1 AND w.dossier_id = $2
        UNION ALL
        SELECT 'deliveries', o.id, to_jsonb(o)
          FROM outbox_delivery o
         WHERE o.tenant_id = $1 AND o.dossier_id = $2
        UNION ALL
        SELECT 'heads', h.number, to_jsonb(h)
          FROM event_head h
         WHERE EXISTS (SELECT FROM event v
                        WHERE v.tenant_id = $1 AND v.dossier_id = $2
                          AND v.xact >= h.from_xact
                          AND v.xact < h.to_xact)) r
 WHERE r.what = $3
 ORDER BY r.n;

-- name: audit_dossier_documents
-- $1 tenant  $2 dossier
SELECT d.id, d.name, d.file_name, d.report, c.bytes
  FROM document d
  JOIN content c ON c.tenant_id = d.tenant_id AND c.sha256 = d.sha256
 WHERE d.tenant_id = $1 AND d.dossier_id = $2
 ORDER BY d.id;
