-- Extensions in their order, the draft of form 04, and the inbox at scale.

ALTER TABLE procedure_extension
	ADD COLUMN follows text CHECK (follows <> code),
	ADD FOREIGN KEY (tenant_id, procedure_id, follows) REFERENCES procedure_extension;
COMMENT ON COLUMN procedure_extension.follows IS
	'The one that has to be decided first; null: none.  hosogate import writes it, and it stands above.';

-- An apology is prepared when it is owed, which a procedure may say is never.
UPDATE form_rule SET kind = 'apology-due' WHERE kind = 'near-due';

CREATE INDEX dossier_inbox ON dossier (tenant_id, (CASE
	WHEN due_at IS NOT NULL THEN due_at
	WHEN accepted_at IS NULL AND state = 1 THEN intake_due_at
	ELSE timestamptz '9999-01-01 00:00+00' END), id)
	WHERE ended_at IS NULL;
COMMENT ON INDEX dossier_inbox IS 'For dossier_inbox: live dossiers by time left; the expression is its sort_at.';
