-- One transaction of a provider is one sum of money: it pays no orders of two
-- tenants either.  Whoever is second runs again, and finds whose it is.  But a
-- counter's numbers are its agency's own.

DROP INDEX ledger_money_once;
CREATE UNIQUE INDEX ledger_money_once
	ON ledger_journal (txn, provider, (CASE provider WHEN 'counter' THEN tenant_id ELSE 0 END))
	WHERE kind IN ('payment', 'surplus');
CREATE UNIQUE INDEX ledger_suspense_once
	ON ledger_journal (txn, provider, (CASE provider WHEN 'counter' THEN tenant_id ELSE 0 END))
	WHERE kind = 'suspense';
COMMENT ON INDEX ledger_money_once IS
	'Over all tenants.  Where ledger_journal is spread over nodes by tenant, it has to be a table of its own, spread by txn.';

-- Rows of a provider's file that are refunds, where its format tells them from
-- payments.

ALTER TABLE settlement_row ADD COLUMN kind text NOT NULL DEFAULT 'payment'
	CHECK (kind IN ('payment', 'refund'));
CREATE INDEX settlement_row_refund ON settlement_row (provider, ref) WHERE kind = 'refund';
ALTER TABLE settlement_file ADD COLUMN net_of_refunds boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN settlement_file.net_of_refunds IS 'Are refunds kept back from the payout, by the contract?';

ALTER TABLE settlement_difference DROP CONSTRAINT settlement_difference_class_check;
ALTER TABLE settlement_difference ADD CONSTRAINT settlement_difference_class_check
	CHECK (class IN ('missing-here', 'missing-there', 'amount-diff', 'status-diff',
		'duplicate', 'fee-diff', 'payout-missing', 'payout-diff', 'payout-unexplained',
		'refund-missing-here', 'refund-missing-there', 'refund-diff', 'refund-duplicate'));
COMMENT ON COLUMN settlement_difference.txn IS
	'The provider''s number of the transaction; of a refund that it does not name our reference; of a payout the day, or both days, that it is for.';

-- The refund that such a row is about: by the provider's number of it, by our
-- name for it, or by the order and, where there are several, the amount.
CREATE FUNCTION settlement_refund(provider text, ref text, txn text, amount bigint)
	RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT f.id
  FROM refund f
  JOIN payment_attempt a ON a.tenant_id = f.tenant_id AND a.id = f.attempt_id
 WHERE a.provider = settlement_refund.provider
   AND (f.ref = settlement_refund.ref OR a.ref = settlement_refund.ref
        OR f.txn = settlement_refund.txn)
 ORDER BY f.txn = settlement_refund.txn DESC, f.ref = settlement_refund.ref DESC,
       f.amount = settlement_refund.amount DESC, f.id
 LIMIT 1
$$;

-- Does any file name this refund?
CREATE FUNCTION settlement_names_refund(provider text, refund bigint)
	RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
	SELECT FROM refund f
	  JOIN payment_attempt a ON a.tenant_id = f.tenant_id AND a.id = f.attempt_id
	  JOIN settlement_row r ON r.provider = settlement_names_refund.provider
	       AND r.kind = 'refund'
	       AND (r.ref IN (f.ref, a.ref) OR r.txn = f.txn)
	 WHERE f.id = settlement_names_refund.refund
	   AND settlement_refund(r.provider, r.ref, r.txn, r.amount) = f.id)
$$;

-- Is what the latest file says of a payment what is booked of it?
CREATE OR REPLACE FUNCTION settlement_agrees(provider text, txn text) RETURNS boolean
	LANGUAGE sql STABLE AS $$
SELECT coalesce((
	SELECT r.paid AND EXISTS (
		SELECT FROM ledger_journal j
		  JOIN payment_attempt a ON a.tenant_id = j.tenant_id AND a.id = j.attempt_id
		 WHERE j.txn = r.txn AND j.provider = r.provider
		   AND j.kind IN ('payment', 'surplus')
		   AND j.amount = r.amount AND a.ref = r.ref)
	  FROM settlement_row r
	 WHERE r.txn = settlement_agrees.txn AND r.provider = settlement_agrees.provider
	   AND r.kind = 'payment'
	 ORDER BY r.file_id DESC, r.line DESC
	 LIMIT 1), false)
$$;

-- What the files of some days let expect: each payment and each refund once, on
-- its first day, as the latest file has it.
CREATE OR REPLACE FUNCTION settlement_expected(provider text, first date, last date)
	RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT coalesce(sum(net), 0)::bigint FROM (
	SELECT DISTINCT ON (r.kind, r.txn)
	       CASE WHEN NOT r.paid THEN 0
	            WHEN r.kind = 'payment'
	            THEN r.amount - CASE WHEN f.net_of_fee THEN r.fee ELSE 0 END
	            WHEN f.net_of_refunds THEN -r.amount
	            ELSE 0 END AS net
	  FROM settlement_file f
	  JOIN settlement_row r ON r.file_id = f.id
	 WHERE f.provider = settlement_expected.provider AND f.day BETWEEN first AND last
	   AND NOT EXISTS (SELECT FROM settlement_row o
	                     JOIN settlement_file e ON e.id = o.file_id
	                    WHERE o.txn = r.txn AND o.provider = r.provider
	                      AND o.kind = r.kind AND e.day < first)
	 ORDER BY r.kind, r.txn, f.id DESC, r.line) AS each
$$;
