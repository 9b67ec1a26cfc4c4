-- What the running gateway may do: read; write what happens; change only the
-- columns that its doors change; and delete nothing that is a record.  The
-- tables of a later migration bring their own grants.
--
-- schemas/db/roles.sql makes the role.

DO $$
BEGIN
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO hosogate_gateway', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO hosogate_gateway;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO hosogate_gateway;

-- Who is logged in, and what was answered: neither is a record.
GRANT INSERT, DELETE, UPDATE (seen_at) ON session TO hosogate_gateway;
GRANT INSERT, DELETE, UPDATE ON idempotency TO hosogate_gateway;

-- The dossier and its doors.
GRANT INSERT, UPDATE (last) ON code_counter TO hosogate_gateway;
GRANT INSERT, UPDATE (state, version, moved_at, accepted_at, supplements,
	officer_id, due_at, original_due_at, intake_due_at, ended_at, paused_sec)
	ON dossier TO hosogate_gateway;
GRANT INSERT ON content, document TO hosogate_gateway;
GRANT INSERT, UPDATE (ended_at, ended_by, working_sec) ON pause TO hosogate_gateway;
GRANT INSERT, DELETE, UPDATE (fired_at) ON timer TO hosogate_gateway;

-- The record.
GRANT INSERT, UPDATE (seq, prev, head) ON event_chain TO hosogate_gateway;
GRANT INSERT ON event, event_head TO hosogate_gateway;

-- Money.
GRANT INSERT, UPDATE (superseded_at, paid_attempt_id, paid_at)
	ON payment_request TO hosogate_gateway;
GRANT INSERT, UPDATE (state, code, txn, moved_at, ask_at, asks)
	ON payment_attempt TO hosogate_gateway;
GRANT INSERT ON payment_line, provider_event, ledger_account, ledger_journal,
	ledger_entry TO hosogate_gateway;

-- What is to be sent.
GRANT INSERT, DELETE, UPDATE ON outbox, outbox_dest, outbox_dead TO hosogate_gateway;
GRANT UPDATE ON outbox_channel TO hosogate_gateway;
GRANT INSERT ON outbox_delivery TO hosogate_gateway;

-- What citizens say.
GRANT INSERT ON rating, feedback TO hosogate_gateway;
GRANT INSERT, UPDATE (last) ON feedback_counter TO hosogate_gateway;
