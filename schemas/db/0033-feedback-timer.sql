-- Feedback is reminded of and brought up as dossiers are: timers, events and
-- messages that are about feedback instead of a dossier.

CREATE FUNCTION feedback_rules(tenant bigint, at timestamptz)
	RETURNS SETOF procedure LANGUAGE sql STABLE AS $$
SELECT p.* FROM procedure p
 WHERE p.tenant_id = tenant AND p.kind = 'feedback'
   AND p.valid_from <= (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
   AND (p.valid_to IS NULL OR p.valid_to > (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
 ORDER BY p.code, p.version DESC
 LIMIT 1
$$;
COMMENT ON FUNCTION feedback_rules IS 'The procedure of kind feedback that is in force; feedback.sql asks.';

CREATE FUNCTION feedback_awaits(f feedback) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
SELECT CASE f.state WHEN 'received' THEN f.return_due_at
	WHEN 'awaiting-more' THEN f.answer_due_at
	WHEN 'processing' THEN f.answer_due_at
	WHEN 'answered' THEN f.publish_due_at END
$$;
COMMENT ON FUNCTION feedback_awaits IS 'When the step is due that feedback waits for; null: it waits for none.';

ALTER TABLE timer
	ALTER COLUMN dossier_id DROP NOT NULL,
	ADD COLUMN feedback text,
	ADD CHECK (num_nonnulls(dossier_id, feedback) = 1),
	ADD FOREIGN KEY (tenant_id, feedback) REFERENCES feedback;
COMMENT ON COLUMN timer.feedback IS 'Code of the feedback that it is of, instead of a dossier.';
CREATE UNIQUE INDEX timer_feedback ON timer (tenant_id, feedback, kind, round) WHERE feedback IS NOT NULL;
CREATE INDEX timer_feedback_due ON timer (due_at) WHERE fired_at IS NULL AND feedback IS NOT NULL;

ALTER TABLE outbox
	ALTER COLUMN dossier_id DROP NOT NULL,
	ADD COLUMN feedback text,
	ADD CHECK (num_nonnulls(dossier_id, feedback) = 1),
	ADD FOREIGN KEY (tenant_id, feedback) REFERENCES feedback;
ALTER TABLE outbox_delivery
	ALTER COLUMN dossier_id DROP NOT NULL,
	ADD COLUMN feedback text;
ALTER TABLE outbox_dead
	ALTER COLUMN dossier_id DROP NOT NULL,
	ADD COLUMN feedback text;
COMMENT ON COLUMN outbox.feedback IS 'Code of the feedback that it is about, instead of a dossier; to the unit and its officers alone.';

CREATE FUNCTION outbox_subject(tenant bigint, dossier bigint, feedback_code text)
	RETURNS TABLE (code text, state smallint, received_at timestamptz, due_at timestamptz,
		intake_due_at timestamptz, ended_at timestamptz, original_due_at timestamptz,
		applicant jsonb, officer_id bigint, procedure text, unit_id bigint)
	LANGUAGE sql STABLE AS $$
SELECT d.code, d.state, d.received_at, d.due_at, d.intake_due_at, d.ended_at,
       d.original_due_at, d.applicant, d.officer_id, p.name, d.unit_id
  FROM dossier d
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
 WHERE d.tenant_id = tenant AND d.id = dossier
UNION ALL
SELECT f.code, NULL, f.received_at, feedback_awaits(f), NULL, NULL, NULL, NULL, NULL,
       CASE f.kind WHEN 'proposal' THEN 'kiến nghị' ELSE 'phản ánh' END, f.unit_id
  FROM feedback f
 WHERE f.tenant_id = tenant AND f.code = feedback_code
$$;
COMMENT ON FUNCTION outbox_subject IS 'What a message is about, a dossier or feedback; courier_letters asks.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane) VALUES
	('feedback-near-due',   'mail', 'desk', 'mail-feedback-near-due',  3),
	('feedback-overdue',    'mail', 'desk', 'mail-feedback-overdue',   3),
	('feedback-escalate-1', 'mail', 'role', 'mail-feedback-escalated', 3),
	('feedback-escalate-2', 'mail', 'role', 'mail-feedback-escalated', 3),
	('feedback-escalate-3', 'mail', 'role', 'mail-feedback-escalated', 3);

GRANT EXECUTE ON FUNCTION feedback_rules, feedback_awaits, outbox_subject TO hosogate_gateway;
