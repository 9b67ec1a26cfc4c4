-- The life of feedback (phản ánh, kiến nghị): who handles it, what was done
-- when, what each step was due, and the answer that is published.

ALTER TABLE feedback
	ADD COLUMN state text NOT NULL DEFAULT 'received'
		CHECK (state IN ('received', 'awaiting-more', 'processing', 'answered', 'returned', 'published')),
	ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
	ADD COLUMN unit_id bigint,
	ADD COLUMN return_due_at timestamptz,
	ADD COLUMN ask_due_at timestamptz,
	ADD COLUMN answer_due_at timestamptz,
	ADD COLUMN publish_due_at timestamptz,
	ADD COLUMN returned_at timestamptz,
	ADD COLUMN answer text CHECK (length(answer) BETWEEN 1 AND 10000),
	ADD FOREIGN KEY (tenant_id, unit_id) REFERENCES unit;
COMMENT ON COLUMN feedback.state IS 'feedback_act() in gateway/feedback.c writes it, and all below.';
COMMENT ON COLUMN feedback.unit_id IS 'Who handles it; a transfer changes it and begins its times anew.';
COMMENT ON COLUMN feedback.return_due_at IS 'Until when it may be refused or returned; null where no procedure of kind feedback says so.';
COMMENT ON COLUMN feedback.answer IS 'What is published with it.';
CREATE INDEX feedback_queue ON feedback (tenant_id, answer_due_at, code)
	WHERE state NOT IN ('returned', 'published');
CREATE INDEX feedback_published ON feedback (tenant_id, published_at, code) WHERE state = 'published';

CREATE TABLE feedback_step (
	tenant_id bigint      NOT NULL,
	code      text        NOT NULL,
	seq       integer     NOT NULL CHECK (seq > 0),
	action    text        NOT NULL CHECK (action IN ('accept', 'return', 'ask-more', 'add', 'transfer', 'answer', 'publish')),
	at        timestamptz NOT NULL,
	by        bigint      NOT NULL,
	text      text        NOT NULL DEFAULT '' CHECK (length(text) <= 10000),
	unit_id   bigint,
	due_at    timestamptz,
	late      boolean     NOT NULL,
	PRIMARY KEY (tenant_id, code, seq),
	FOREIGN KEY (tenant_id, code) REFERENCES feedback
);
COMMENT ON TABLE feedback_step IS
	'What was done with feedback, append-only, each with when it was due; feedback_act() writes it.';
CREATE TRIGGER feedback_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_step
	FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only();

GRANT SELECT, INSERT ON feedback_step TO hosogate_gateway;
GRANT UPDATE (state, version, unit_id, return_due_at, ask_due_at, answer_due_at,
	publish_due_at, handled_at, returned_at, answered_at, published_at, answer)
	ON feedback TO hosogate_gateway;
