-- Until when a decision may still be contested: a complaint the second time.

CREATE TABLE procedure_filing (
	tenant_id     bigint  NOT NULL,
	procedure_id  bigint  NOT NULL,
	amount        integer NOT NULL CHECK (amount BETWEEN 1 AND 1000),
	remote_amount integer NOT NULL CHECK (remote_amount >= amount),
	unit          text    NOT NULL CHECK (unit IN ('working-day', 'day', 'month')),
	basis         text    NOT NULL CHECK (length(basis) BETWEEN 1 AND 500),
	PRIMARY KEY (tenant_id, procedure_id),
	FOREIGN KEY (tenant_id, procedure_id) REFERENCES procedure
);
COMMENT ON TABLE procedure_filing IS
	'How long after it was known a decision may be contested under that version; without a row nothing is asked.  hosogate import writes it.';
COMMENT ON COLUMN procedure_filing.remote_amount IS 'The same where the ways are long (vùng sâu, vùng xa).';

CREATE TABLE dossier_filing (
	tenant_id  bigint  NOT NULL,
	dossier_id bigint  NOT NULL,
	known_on   date,
	remote     boolean NOT NULL,
	last_day   date    CHECK (last_day > known_on),
	outcome    text    NOT NULL CHECK (outcome IN ('in-time', 'late', 'unknown')),
	PRIMARY KEY (tenant_id, dossier_id),
	FOREIGN KEY (tenant_id, dossier_id) REFERENCES dossier,
	CHECK ((known_on IS NULL) = (outcome = 'unknown')),
	CHECK ((known_on IS NULL) = (last_day IS NULL))
);
COMMENT ON TABLE dossier_filing IS
	'Whether a dossier contests a decision in time, by what was said when it was handed in; filing.c writes it, and an officer decides.';
CREATE TRIGGER dossier_filing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dossier_filing
	FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();

GRANT SELECT ON procedure_filing, dossier_filing TO hosogate_gateway;
GRANT INSERT ON dossier_filing TO hosogate_gateway;
