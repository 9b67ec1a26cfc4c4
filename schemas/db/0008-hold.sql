-- A clock that a decision makes stand still: suspension (tạm đình chỉ), and
-- waiting for another agency; on which grounds is data of the procedure.

CREATE TABLE procedure_hold (
	tenant_id    bigint   NOT NULL,
	procedure_id bigint   NOT NULL,
	position     smallint NOT NULL CHECK (position > 0),
	code         text     NOT NULL CHECK (code ~ '^[a-z0-9-]{1,40}$'),
	kind         text     NOT NULL CHECK (kind IN ('suspension', 'consultation')),
	title        text     NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	basis        text     NOT NULL CHECK (length(basis) BETWEEN 1 AND 500),
	PRIMARY KEY (tenant_id, procedure_id, code),
	FOREIGN KEY (tenant_id, procedure_id) REFERENCES procedure
);
COMMENT ON TABLE procedure_hold IS
	'On what grounds that version''s clock may be held by a decision; hosogate import writes it.';

ALTER TABLE pause
	ADD COLUMN hold text NOT NULL DEFAULT '' CHECK (length(hold) <= 40),
	DROP CONSTRAINT pause_kind_check,
	ADD CONSTRAINT pause_kind_check
		CHECK (kind IN ('supplement', 'payment', 'suspension', 'consultation'));
COMMENT ON COLUMN pause.hold IS
	'Which procedure_hold it rests on; empty for what the applicant is waited for.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('suspend', 'mail',    'applicant', 'mail-suspended', 2, '{4}'),
	('resume',  'mail',    'applicant', 'mail-resumed',   2, '{4}'),
	('suspend', 'webhook', 'portal',    'dossier',        2, NULL),
	('consult', 'webhook', 'portal',    'dossier',        2, NULL),
	('resume',  'webhook', 'portal',    'dossier',        2, NULL);

GRANT SELECT ON procedure_hold TO hosogate_gateway;
