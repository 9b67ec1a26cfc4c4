-- Payment by transfers, which may be of any amount and add up.

ALTER TABLE payment_attempt DROP CONSTRAINT payment_attempt_state_check;
ALTER TABLE payment_attempt ADD CONSTRAINT payment_attempt_state_check
	CHECK (state BETWEEN 1 AND 9);
GRANT UPDATE (expires_at) ON payment_attempt TO hosogate_gateway;

CREATE INDEX ledger_journal_of_transfers ON ledger_journal (attempt_id, tenant_id)
	WHERE kind = 'suspense' OR provider = 'hosogate';

-- plpgsql, since an SQL function would be inlined where it is not wanted.
CREATE FUNCTION transfers_received(tenant bigint, attempt bigint)
	RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(sum(CASE kind WHEN 'suspense' THEN amount ELSE -amount END), 0)
	          FROM ledger_journal
	         WHERE tenant_id = tenant AND attempt_id = attempt
	           AND (kind = 'suspense'
	                OR provider = 'hosogate' AND kind IN ('payment', 'surplus')));
END $$;
COMMENT ON FUNCTION transfers_received IS
	'What was transferred for an attempt and is still in suspense; payment_apply() and the QR of the remainder rest on it.';
