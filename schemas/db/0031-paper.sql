-- Forms and receipts: what the verdict on each that we signed rested on, as
-- 0012 keeps it for documents, and their hashes in the chain of events.

CREATE TABLE paper_verdict (
	tenant_id bigint      NOT NULL,
	sha256    bytea       NOT NULL,
	report    jsonb       NOT NULL,
	judged_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, sha256),
	FOREIGN KEY (tenant_id, sha256) REFERENCES content
);
COMMENT ON TABLE paper_verdict IS 'How our own verifier judged a form or receipt before it was kept; paper_keep() writes it.';

CREATE TABLE paper_evidence (
	tenant_id    bigint NOT NULL,
	paper_sha256 bytea  NOT NULL,
	sha256       bytea  NOT NULL,
	role         text   NOT NULL CHECK (role IN ('anchor', 'certificate', 'crl', 'ocsp', 'policy')),
	PRIMARY KEY (tenant_id, paper_sha256, sha256, role),
	FOREIGN KEY (tenant_id, paper_sha256) REFERENCES paper_verdict,
	FOREIGN KEY (tenant_id, sha256) REFERENCES evidence
);
COMMENT ON TABLE paper_evidence IS 'What that verdict names that does not stand in the paper itself; paper_keep() writes it from the report.';
CREATE INDEX paper_evidence_of_piece ON paper_evidence (tenant_id, sha256);

CREATE TRIGGER paper_verdict_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper_verdict
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
CREATE TRIGGER paper_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper_evidence
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('form', 'webhook', 'portal', 'dossier', 2, NULL);

CREATE VIEW dossier_paper (tenant_id, dossier_id, what, id, sha256, called_at, told) AS
SELECT f.tenant_id, f.dossier_id, 'form', f.id, f.sha256, v.at, NOT f.draft
  FROM dossier_form f
  JOIN event v ON v.tenant_id = f.tenant_id AND v.id = f.event_id
 WHERE f.state = 'issued'
 UNION ALL
SELECT r.tenant_id, r.dossier_id, 'receipt', r.id, d.sha256, r.issued_at, true
  FROM receipt r
  JOIN receipt_document d ON d.tenant_id = r.tenant_id AND d.receipt_id = r.id;
COMMENT ON VIEW dossier_paper IS 'What the gateway made for a dossier: forms and receipts.  called_at: of the event that called for it.  told: an event has to tell its hash.';

COMMENT ON COLUMN dossier_form.sha256 IS
	'Of the PDF.  An event `form` tells it too, for all but drafts and what was called for before this migration.';

GRANT SELECT ON dossier_paper TO hosogate_gateway;
GRANT SELECT, INSERT ON paper_verdict, paper_evidence TO hosogate_gateway;
