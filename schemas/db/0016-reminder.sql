-- Who is reminded when, and to whom it is brought when nobody moves.

ALTER TABLE procedure
	ADD COLUMN near_due_hours smallint NOT NULL DEFAULT 0 CHECK (near_due_hours BETWEEN 0 AND 2000),
	ADD COLUMN apology_hours smallint NOT NULL DEFAULT 8 CHECK (apology_hours BETWEEN 0 AND 2000),
	ADD COLUMN fee_remind_days smallint NOT NULL DEFAULT 3 CHECK (fee_remind_days BETWEEN 0 AND 250),
	ADD COLUMN intake_restarts boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN procedure.near_due_hours IS
	'Working hours before the due date at which it is nearly due; 0: a fifth of the limit, one working day at most.';
COMMENT ON COLUMN procedure.apology_hours IS
	'Working hours before the due date from which a late result has to be apologized for; 0: no such duty.';
COMMENT ON COLUMN procedure.fee_remind_days IS
	'Working days between reminders of a fee that is waited for, three of them; 0: none.';
COMMENT ON COLUMN procedure.intake_restarts IS
	'Whether the time for an answer at intake begins anew when the fee is paid, or what was left goes on.';

CREATE TABLE escalation (
	tenant_id    bigint   NOT NULL,
	procedure_id bigint,
	unit_id      bigint,
	level        smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
	after_hours  integer  NOT NULL CHECK (after_hours BETWEEN 1 AND 2000),
	role         text     NOT NULL CHECK (role ~ '^[a-z0-9-]{1,40}$'),
	UNIQUE NULLS NOT DISTINCT (tenant_id, procedure_id, unit_id, level),
	CHECK ((procedure_id IS NULL) <> (unit_id IS NULL)),
	FOREIGN KEY (tenant_id, procedure_id) REFERENCES procedure,
	FOREIGN KEY (tenant_id, unit_id) REFERENCES unit
);
COMMENT ON TABLE escalation IS
	'To which role an overdue dossier is brought, so many working hours after it was due: of a version, or else of the unit; hosogate import writes it.';

CREATE FUNCTION escalation_of(tenant bigint, version bigint, unit bigint)
	RETURNS SETOF escalation LANGUAGE sql STABLE AS $$
SELECT x.* FROM escalation x
 WHERE x.tenant_id = tenant AND x.procedure_id = version
UNION ALL
SELECT x.* FROM escalation x
 WHERE x.tenant_id = tenant AND x.unit_id = unit
   AND NOT EXISTS (SELECT FROM escalation p
                    WHERE p.tenant_id = tenant AND p.procedure_id = version)
$$;
COMMENT ON FUNCTION escalation_of IS
	'The levels that hold for a dossier; its load and outbox_announce ask.';

ALTER TABLE timer
	DROP CONSTRAINT timer_kind_check,
	ADD CONSTRAINT timer_kind_check
		CHECK (kind IN ('intake', 'near-due', 'overdue', 'step-overdue', 'apology-due',
			'fee-reminder', 'escalate-1', 'escalate-2', 'escalate-3'));

ALTER TABLE outbox_rule
	DROP CONSTRAINT outbox_rule_recipient_check,
	ADD CONSTRAINT outbox_rule_recipient_check
		CHECK (recipient IN ('applicant', 'officer', 'desk', 'portal', 'role'));
COMMENT ON COLUMN outbox_rule.recipient IS
	'officer: who handles the dossier.  desk: the same, or the unit''s mailbox while nobody does.  role: each officer to whom that level of escalation goes, as officer-ID.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('apology-due',  'mail', 'desk',      'mail-desk-apology-due',  3, '{2,4}'),
	('fee-reminder', 'mail', 'applicant', 'mail-payment-reminder',  3, '{6}'),
	('escalate-1',   'mail', 'role',      'mail-desk-escalated',    3, '{2,4}'),
	('escalate-2',   'mail', 'role',      'mail-desk-escalated',    3, '{2,4}'),
	('escalate-3',   'mail', 'role',      'mail-desk-escalated',    3, '{2,4}');

GRANT SELECT ON escalation TO hosogate_gateway;
GRANT EXECUTE ON FUNCTION escalation_of TO hosogate_gateway;
