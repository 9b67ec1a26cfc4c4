-- Clocks of more kinds: limits of the same day with a cut-off hour, answers at
-- intake that are due in days, and extensions by decision.

ALTER TABLE procedure
	ADD COLUMN cutoff integer CHECK (cutoff BETWEEN 1 AND 86399),
	ADD COLUMN intake_unit text NOT NULL DEFAULT 'working-hour'
		CHECK (intake_unit IN ('working-hour', 'working-day', 'day', 'month')),
	DROP CONSTRAINT procedure_kind_check,
	ADD CONSTRAINT procedure_kind_check
		CHECK (kind IN ('tthc', 'complaint', 'denunciation', 'feedback')),
	DROP CONSTRAINT procedure_limit_unit_check,
	ADD CONSTRAINT procedure_limit_unit_check
		CHECK (limit_unit IN ('same-day', 'working-hour', 'working-day', 'day', 'month'));
COMMENT ON COLUMN procedure.cutoff IS
	'Second of the Vietnamese day from which an acceptance counts as the next day''s; null: none.';
COMMENT ON COLUMN procedure.intake_hours IS 'How many intake_unit an answer may take.';
COMMENT ON COLUMN procedure.kind IS
	'TTHC, khiếu nại, tố cáo, phản ánh: each has limits and extensions of its own.';

CREATE TABLE procedure_extension (
	tenant_id    bigint  NOT NULL,
	procedure_id bigint  NOT NULL,
	position     smallint NOT NULL,
	code         text    NOT NULL CHECK (code ~ '^[a-z0-9-]{1,40}$'),
	title        text    NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	limit_amount integer NOT NULL CHECK (limit_amount > 0),
	limit_unit   text    NOT NULL CHECK (limit_unit IN ('working-hour', 'working-day', 'day', 'month')),
	basis        text    NOT NULL CHECK (length(basis) BETWEEN 1 AND 500),
	PRIMARY KEY (tenant_id, procedure_id, code),
	FOREIGN KEY (tenant_id, procedure_id) REFERENCES procedure
);
COMMENT ON TABLE procedure_extension IS
	'To which limits, each counted from acceptance, a decision may extend that version''s own.';

CREATE TABLE extension (
	tenant_id    bigint      NOT NULL,
	dossier_id   bigint      NOT NULL,
	code         text        NOT NULL,
	ground       text        NOT NULL CHECK (length(ground) >= 1),
	was_due_at   timestamptz NOT NULL,
	due_at       timestamptz NOT NULL CHECK (due_at > was_due_at),
	decided_at   timestamptz NOT NULL,
	decided_by   bigint      NOT NULL,
	PRIMARY KEY (tenant_id, dossier_id, code),
	FOREIGN KEY (tenant_id, dossier_id) REFERENCES dossier
);
COMMENT ON TABLE extension IS
	'Decisions that moved a due date, each possible one at most once; sla_turn() writes it, and original_due_at stays.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('extend', 'mail',    'applicant', 'mail-extended', 2, NULL),
	('extend', 'webhook', 'portal',    'dossier',       2, NULL);

GRANT SELECT ON procedure_extension, extension TO hosogate_gateway;
GRANT INSERT ON extension TO hosogate_gateway;
