-- The internal process of a procedure (quy trình nội bộ, ISO điện tử): which
-- steps a dossier goes through, in whose hands each lies, and its own clock.

CREATE TABLE procedure_step (
	tenant_id    bigint   NOT NULL,
	procedure_id bigint   NOT NULL,
	position     smallint NOT NULL CHECK (position BETWEEN 1 AND 50),
	code         text     NOT NULL CHECK (code ~ '^[a-z0-9-]{1,40}$'),
	title        text     NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	role         text     NOT NULL CHECK (role ~ '^[a-z0-9-]{1,40}$'),
	limit_amount integer  NOT NULL CHECK (limit_amount > 0),
	limit_unit   text     NOT NULL CHECK (limit_unit IN ('working-hour', 'working-day', 'day', 'month')),
	PRIMARY KEY (tenant_id, procedure_id, position),
	UNIQUE (tenant_id, procedure_id, code),
	FOREIGN KEY (tenant_id, procedure_id) REFERENCES procedure
);
COMMENT ON TABLE procedure_step IS
	'The steps of that version in their order; hosogate import writes it.';
COMMENT ON COLUMN procedure_step.role IS 'Who may hold it: officers of the dossier''s unit with that officer_role.';

CREATE TABLE officer_role (
	tenant_id  bigint NOT NULL,
	officer_id bigint NOT NULL,
	role       text   NOT NULL CHECK (role ~ '^[a-z0-9-]{1,40}$'),
	PRIMARY KEY (tenant_id, officer_id, role),
	FOREIGN KEY (tenant_id, officer_id) REFERENCES officer
);
COMMENT ON TABLE officer_role IS
	'What an officer is in the processes of his unit; hosogate import writes it.';

CREATE TABLE dossier_step (
	tenant_id   bigint      NOT NULL,
	dossier_id  bigint      NOT NULL,
	seq         smallint    NOT NULL CHECK (seq > 0),
	code        text        NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
	officer_id  bigint,
	began_at    timestamptz NOT NULL,
	began_by    bigint      NOT NULL,
	taken_at    timestamptz CHECK (taken_at >= began_at),
	due_at      timestamptz,
	first_due_at timestamptz NOT NULL,
	paused_at   timestamptz,
	left_sec    bigint      CHECK (left_sec >= 0),
	paused_sec  bigint      NOT NULL DEFAULT 0 CHECK (paused_sec >= 0),
	ended_at    timestamptz CHECK (ended_at >= began_at),
	ended_by    bigint,
	outcome     text        CHECK (outcome IN ('handed-over', 'ended')),
	working_sec bigint      CHECK (working_sec >= 0),
	late        boolean,
	PRIMARY KEY (tenant_id, dossier_id, seq),
	FOREIGN KEY (tenant_id, dossier_id) REFERENCES dossier,
	CHECK ((ended_at IS NULL) = (outcome IS NULL)),
	CHECK ((ended_at IS NULL) = (working_sec IS NULL)),
	CHECK ((paused_at IS NULL) = (left_sec IS NULL))
);
COMMENT ON TABLE dossier_step IS
	'Each time a dossier lay at a step, and in whose hands; step_turn() writes it, and an ended row never changes.';
COMMENT ON COLUMN dossier_step.officer_id IS 'Who holds it; null while it is offered to the role.';
COMMENT ON COLUMN dossier_step.due_at IS 'Null while the dossier''s clock stands still.';
COMMENT ON COLUMN dossier_step.working_sec IS 'Working seconds from beginning to end, pauses taken off.';
CREATE UNIQUE INDEX dossier_step_open ON dossier_step (tenant_id, dossier_id) WHERE ended_at IS NULL;
CREATE INDEX dossier_step_ended ON dossier_step (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE FUNCTION dossier_step_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a step that has ended stays as it is' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER dossier_step_closed BEFORE UPDATE ON dossier_step
	FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION dossier_step_is_closed();
CREATE TRIGGER dossier_step_kept BEFORE DELETE OR TRUNCATE ON dossier_step
	FOR EACH STATEMENT EXECUTE FUNCTION dossier_step_is_closed();

ALTER TABLE timer
	DROP CONSTRAINT timer_kind_check,
	ADD CONSTRAINT timer_kind_check
		CHECK (kind IN ('intake', 'near-due', 'overdue', 'step-overdue'));

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('hand-over',    'mail', 'desk', 'mail-desk-handed-over',  2, '{2,4}'),
	('step-overdue', 'mail', 'desk', 'mail-desk-step-overdue', 3, '{2,4}');

GRANT SELECT ON procedure_step, officer_role, dossier_step TO hosogate_gateway;
GRANT INSERT, UPDATE (officer_id, taken_at, due_at, paused_at, left_sec, paused_sec,
	ended_at, ended_by, outcome, working_sec, late) ON dossier_step TO hosogate_gateway;
