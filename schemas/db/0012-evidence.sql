-- What verdicts rested on, so that each can be drawn again (DESIGN 6).

CREATE TABLE evidence (
	tenant_id bigint      NOT NULL REFERENCES tenant,
	sha256    bytea       NOT NULL CHECK (sha256 = sha256(bytes)),
	kind      text        NOT NULL CHECK (kind IN ('certificate', 'crl', 'ocsp', 'policy')),
	bytes     bytea       NOT NULL CHECK (length(bytes) BETWEEN 1 AND 52428800),
	added_at  timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, sha256)
);
ALTER TABLE evidence ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE evidence IS 'Certificates, CRLs and OCSP answers in DER, and policies as their files, once each; document_store() writes it.';

CREATE TABLE document_evidence (
	tenant_id   bigint NOT NULL,
	document_id bigint NOT NULL,
	sha256      bytea  NOT NULL CHECK (length(sha256) = 32),
	role        text   NOT NULL CHECK (role IN ('anchor', 'certificate', 'crl', 'ocsp', 'policy')),
	PRIMARY KEY (tenant_id, document_id, sha256, role),
	FOREIGN KEY (tenant_id, document_id) REFERENCES document,
	FOREIGN KEY (tenant_id, sha256) REFERENCES evidence
);
COMMENT ON TABLE document_evidence IS 'What the report of a document names that does not stand in the document itself; document_store() writes it from the report.';
CREATE INDEX document_evidence_of_piece ON document_evidence (tenant_id, sha256);

CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
CREATE TRIGGER document_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document_evidence
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();

GRANT SELECT, INSERT ON evidence, document_evidence TO hosogate_gateway;
