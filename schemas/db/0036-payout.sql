-- The third side of a settlement: what providers paid out to the agency's
-- account, as the bank's statement has it.

ALTER TABLE settlement_file
	ADD COLUMN kind text NOT NULL DEFAULT 'settlement' CHECK (kind IN ('settlement', 'bank')),
	ADD COLUMN net_of_fee boolean,
	ADD COLUMN payout_by date,
	ADD CHECK ((net_of_fee IS NULL) = (payout_by IS NULL));
COMMENT ON COLUMN settlement_file.provider IS 'Whose file it is: a provider''s, or the bank''s name in settlement_formats.';
COMMENT ON COLUMN settlement_file.net_of_fee IS 'Is the fee kept back from the payout, by the contract?  Null: nothing is known of payouts.';
COMMENT ON COLUMN settlement_file.payout_by IS 'When the bank has it, by the contract.';
CREATE INDEX settlement_file_day ON settlement_file (provider, day);
CREATE INDEX settlement_file_due ON settlement_file (payout_by) WHERE payout_by IS NOT NULL;

CREATE TABLE settlement_payout (
	file_id  bigint NOT NULL REFERENCES settlement_file,
	line     int    NOT NULL CHECK (line > 0),
	bank     text   NOT NULL,
	txn      text   NOT NULL CHECK (length(txn) BETWEEN 1 AND 64),
	amount   bigint NOT NULL CHECK (amount > 0),
	provider text   NOT NULL,
	from_day date   NOT NULL,
	to_day   date   NOT NULL CHECK (to_day >= from_day),
	PRIMARY KEY (file_id, line),
	UNIQUE (txn, bank)
);
COMMENT ON TABLE settlement_payout IS
	'Entries of a bank''s statement that are a provider''s payout, once each however many statements have them; append-only.  settlement_payouts compares.';
COMMENT ON COLUMN settlement_payout.from_day IS 'The first of the days that it pays for, by its content.';
CREATE INDEX settlement_payout_days ON settlement_payout (provider, to_day);
CREATE TRIGGER settlement_payout_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement_payout
	FOR EACH STATEMENT EXECUTE FUNCTION money_is_append_only();

ALTER TABLE settlement_difference DROP CONSTRAINT settlement_difference_class_check;
ALTER TABLE settlement_difference ADD CONSTRAINT settlement_difference_class_check
	CHECK (class IN ('missing-here', 'missing-there', 'amount-diff', 'status-diff',
		'duplicate', 'fee-diff', 'payout-missing', 'payout-diff', 'payout-unexplained'));
COMMENT ON COLUMN settlement_difference.txn IS
	'The provider''s number of the transaction; of a payout the day, or both days, that it is for.';

-- What the files of some days let expect: each transaction once, on its first
-- day, as the latest file has it.
CREATE FUNCTION settlement_expected(provider text, first date, last date)
	RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT coalesce(sum(net), 0)::bigint FROM (
	SELECT DISTINCT ON (r.txn) CASE WHEN r.paid
	       THEN r.amount - CASE WHEN f.net_of_fee THEN r.fee ELSE 0 END ELSE 0 END AS net
	  FROM settlement_file f
	  JOIN settlement_row r ON r.file_id = f.id
	 WHERE f.provider = settlement_expected.provider AND f.day BETWEEN first AND last
	   AND NOT EXISTS (SELECT FROM settlement_row o
	                     JOIN settlement_file e ON e.id = o.file_id
	                    WHERE o.txn = r.txn AND o.provider = r.provider AND e.day < first)
	 ORDER BY r.txn, f.id DESC, r.line) AS each
$$;

GRANT SELECT, INSERT ON settlement_payout TO hosogate_gateway;
GRANT UPDATE (ours, theirs) ON settlement_difference TO hosogate_gateway;
