-- Dossiers whose signatures cannot be judged yet ("chờ xác minh", ADR 14).

CREATE TABLE dossier_pending (
	tenant_id  bigint      NOT NULL,
	dossier_id bigint      NOT NULL,
	outcome    text        NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'passed', 'failed', 'undecided')),
	began_at   timestamptz NOT NULL,
	until_at   timestamptz NOT NULL CHECK (until_at > began_at),
	run_at     timestamptz NOT NULL,
	tries      integer     NOT NULL DEFAULT 0 CHECK (tries >= 0),
	decided_at timestamptz,
	PRIMARY KEY (tenant_id, dossier_id),
	FOREIGN KEY (tenant_id, dossier_id) REFERENCES dossier,
	CHECK ((outcome = 'waiting') = (decided_at IS NULL))
);
COMMENT ON TABLE dossier_pending IS
	'A dossier that was taken in though evidence for a signature was not at hand; pending.c judges it again until it is decided.';
COMMENT ON COLUMN dossier_pending.outcome IS
	'waiting: not accepted by anyone.  passed: all signatures are proved.  failed: one is not, and never will be.  undecided: until_at has come; an officer decides.';
COMMENT ON COLUMN dossier_pending.run_at IS 'When it is judged again; a lease while somebody does.';
CREATE INDEX dossier_pending_turn ON dossier_pending (run_at) WHERE outcome = 'waiting';

CREATE FUNCTION dossier_pending_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' OR OLD.outcome <> 'waiting' THEN
		RAISE EXCEPTION 'a verification is decided once' USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER dossier_pending_decided_once BEFORE UPDATE OR DELETE ON dossier_pending
	FOR EACH ROW EXECUTE FUNCTION dossier_pending_is_decided_once();

CREATE TABLE document_verdict (
	tenant_id     bigint      NOT NULL,
	document_id   bigint      NOT NULL,
	indication    text        NOT NULL CHECK (indication IN ('TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED')),
	subindication text        CHECK (length(subindication) <= 60),
	report        jsonb       NOT NULL,
	judged_at     timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, document_id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES document
);
COMMENT ON TABLE document_verdict IS
	'The last verdict on a document of a dossier that had to wait; the first stays with the document.  pending.c writes it when the dossier is decided.';
CREATE TRIGGER document_verdict_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document_verdict
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('verified',      'webhook', 'portal', 'dossier',                2, NULL),
	('verify-failed', 'webhook', 'portal', 'dossier',                2, NULL),
	('verify-late',   'webhook', 'portal', 'dossier',                2, NULL),
	('verify-failed', 'mail',    'desk',   'mail-desk-verify-failed', 2, NULL),
	('verify-late',   'mail',    'desk',   'mail-desk-verify-late',   2, NULL);

GRANT SELECT ON dossier_pending, document_verdict TO hosogate_gateway;
GRANT INSERT, UPDATE (outcome, run_at, tries, decided_at) ON dossier_pending TO hosogate_gateway;
GRANT INSERT ON document_verdict TO hosogate_gateway;
