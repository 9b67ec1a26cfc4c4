-- Where the money for a unit goes: its own account or the Treasury's, never the
-- gateway's (Decree 52/2024/NĐ-CP, art. 22).

CREATE TABLE collecting_account (
	tenant_id bigint NOT NULL,
	unit_id   bigint NOT NULL,
	bank      text   NOT NULL CHECK (bank ~ '^970[0-9]{3}$'),
	number    text   NOT NULL CHECK (number ~ '^[0-9A-Za-z]{1,19}$'),
	holder    text   NOT NULL CHECK (length(holder) BETWEEN 1 AND 100),
	PRIMARY KEY (tenant_id, unit_id),
	FOREIGN KEY (tenant_id, unit_id) REFERENCES unit
);
COMMENT ON TABLE collecting_account IS 'The account that fees of a unit are paid to.  hosogate import writes it.';
COMMENT ON COLUMN collecting_account.bank IS 'The bank''s BIN at NAPAS.';
CREATE INDEX collecting_account_number ON collecting_account (number, tenant_id);
GRANT SELECT ON collecting_account TO hosogate_gateway;

-- Some providers and every payer's bank take fewer characters than a reference
-- has; how one goes on after its R finds the attempt again.
CREATE INDEX payment_attempt_mark ON payment_attempt
	(left(split_part(ref, 'R', 2), 11), tenant_id);
