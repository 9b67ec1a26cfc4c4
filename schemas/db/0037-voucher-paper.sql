-- A provider's own receipt is among a dossier's papers: hosogate audit verifies
-- and exports it as it does forms and receipts.

CREATE OR REPLACE VIEW dossier_paper (tenant_id, dossier_id, what, id, sha256, called_at, told) AS
SELECT f.tenant_id, f.dossier_id, 'form', f.id, f.sha256, v.at, NOT f.draft
  FROM dossier_form f
  JOIN event v ON v.tenant_id = f.tenant_id AND v.id = f.event_id
 WHERE f.state = 'issued'
 UNION ALL
SELECT r.tenant_id, r.dossier_id, 'receipt', r.id, d.sha256, r.issued_at, true
  FROM receipt r
  JOIN receipt_document d ON d.tenant_id = r.tenant_id AND d.receipt_id = r.id
 UNION ALL
SELECT v.tenant_id, q.dossier_id, 'voucher', v.attempt_id, v.sha256, v.fetched_at, true
  FROM payment_voucher v
  JOIN payment_attempt a ON a.tenant_id = v.tenant_id AND a.id = v.attempt_id
  JOIN payment_request q ON q.tenant_id = a.tenant_id AND q.id = a.request_id;
COMMENT ON VIEW dossier_paper IS 'Forms and receipts that the gateway made for a dossier, and vouchers as providers gave them.  id: of a voucher its attempt''s.  called_at: of the event that called for it; of a voucher when it came.  told: an event has to tell its hash.';
