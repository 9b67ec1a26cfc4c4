-- The ledger learns what is owed: a request that is opened is a receivable,
-- money that pays it takes the receivable away, and a request that is given up
-- is released.  Later kinds of journals (refunds, settlement) come with it.

ALTER TABLE ledger_journal DROP CONSTRAINT ledger_journal_kind_check;
ALTER TABLE ledger_journal ADD CONSTRAINT ledger_journal_kind_check
	CHECK (kind IN ('payment', 'surplus', 'suspense', 'reversal', 'demand', 'release',
		'refund-due', 'refund-undone', 'refund', 'settlement'));
ALTER TABLE ledger_journal ALTER COLUMN attempt_id DROP NOT NULL;
ALTER TABLE ledger_journal ADD COLUMN request_id bigint;
ALTER TABLE ledger_journal ADD FOREIGN KEY (tenant_id, request_id) REFERENCES payment_request;
ALTER TABLE ledger_journal ADD CONSTRAINT ledger_journal_about
	CHECK ((kind IN ('demand', 'release')) = (request_id IS NOT NULL)
		AND (kind IN ('demand', 'release', 'settlement')) = (attempt_id IS NULL));
CREATE UNIQUE INDEX ledger_request_once ON ledger_journal (request_id, tenant_id, kind)
	WHERE request_id IS NOT NULL;
COMMENT ON COLUMN ledger_journal.kind IS
	'demand: a request was opened.  release: it was given up unpaid.  payment: of a request.  surplus: nobody owed it, to be given back.  suspense: another amount than was asked for.  reversal: of a suspense that the provider has corrected.  refund-due: it was decided to give money back.  refund-undone: that came to nothing.  refund: it was given back.  settlement: the provider has paid it out.';
COMMENT ON COLUMN ledger_journal.txn IS
	'The provider''s number of the transaction: the same money is never booked twice.  Where no provider moved anything (provider hosogate): request-<id>, or the refund''s reference.';
COMMENT ON COLUMN ledger_journal.request_id IS 'Of a demand and a release.';
COMMENT ON TABLE ledger_account IS
	'receivable, provider_clearing:<provider> (received, and lies there), fee_income:<tariff code>, fee_refunded, surplus_payable, refund_payable, suspense, own_funds, provider_fee, bank; opened by the first journal that needs it.';

-- Requests that were open before there were receivables.
INSERT INTO ledger_account (tenant_id, code)
SELECT DISTINCT r.tenant_id, a.code
  FROM payment_request r
  JOIN payment_line l ON l.tenant_id = r.tenant_id AND l.request_id = r.id
 CROSS JOIN LATERAL (VALUES ('receivable'), ('fee_income:' || l.code)) AS a (code)
 WHERE r.paid_at IS NULL AND r.superseded_at IS NULL
    ON CONFLICT DO NOTHING;
INSERT INTO ledger_journal (tenant_id, kind, request_id, provider, txn, amount, booked_at)
SELECT tenant_id, 'demand', id, 'hosogate', 'request-' || id, amount, now()
  FROM payment_request
 WHERE paid_at IS NULL AND superseded_at IS NULL;
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT j.tenant_id, j.id, s.line, s.account, s.amount
  FROM ledger_journal j
 CROSS JOIN LATERAL (
	SELECT 1 AS line, 'receivable' AS account, j.amount
	UNION ALL
	SELECT l.position + 2, 'fee_income:' || l.code, -l.amount
	  FROM payment_line l
	 WHERE l.tenant_id = j.tenant_id AND l.request_id = j.request_id
	   AND l.amount > 0) AS s
 WHERE j.kind = 'demand';

-- What a request says of itself and what the ledger says of it agree whenever
-- a transaction ends, whoever wrote it.  One that was paid before there were
-- receivables has no demand, and may stay so.
CREATE FUNCTION payment_request_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	kinds text[];
	r payment_request;
BEGIN
	SELECT * INTO r FROM payment_request WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
	SELECT array_agg(kind) INTO kinds
	  FROM ledger_journal WHERE tenant_id = r.tenant_id AND request_id = r.id;
	IF kinds IS NULL AND (TG_OP = 'INSERT' OR r.paid_at IS NULL)
	   OR kinds IS NOT NULL
	      AND (r.superseded_at IS NOT NULL) <> ('release' = ANY (kinds))
	   OR r.paid_at IS NOT NULL AND NOT EXISTS (
		SELECT FROM ledger_journal
		 WHERE tenant_id = r.tenant_id AND attempt_id = r.paid_attempt_id
		   AND kind = 'payment' AND amount = r.amount)
	THEN
		RAISE EXCEPTION 'request % is not what is booked', r.id
		    USING ERRCODE = 'check_violation';
	END IF;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_request_is_booked
	AFTER INSERT OR UPDATE ON payment_request
	DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION payment_request_is_booked();
