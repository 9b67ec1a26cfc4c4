-- A provider's own receipt (biên lai) of an order that was paid with it, as the
-- National Portal's PaymentPlatform gives one (GET_BILL).

CREATE TABLE payment_voucher (
	tenant_id  bigint      NOT NULL,
	attempt_id bigint      NOT NULL,
	sha256     bytea       NOT NULL,
	fetched_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, attempt_id),
	FOREIGN KEY (tenant_id, attempt_id) REFERENCES payment_attempt,
	FOREIGN KEY (tenant_id, sha256) REFERENCES content
);
COMMENT ON TABLE payment_voucher IS
	'The PDF that the provider gave for an attempt, byte for byte and not judged; payment_voucher.c writes it, once.';
CREATE TRIGGER payment_voucher_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_voucher
	FOR EACH STATEMENT EXECUTE FUNCTION money_is_append_only();

CREATE TABLE payment_voucher_work (
	tenant_id  bigint      NOT NULL,
	attempt_id bigint      NOT NULL,
	owed_at    timestamptz NOT NULL,
	run_at     timestamptz,
	failures   integer     NOT NULL DEFAULT 0 CHECK (failures >= 0),
	PRIMARY KEY (tenant_id, attempt_id),
	FOREIGN KEY (tenant_id, attempt_id) REFERENCES payment_attempt
) WITH (fillfactor = 50);
COMMENT ON TABLE payment_voucher_work IS
	'Vouchers that are to be asked for, from the moment that the attempt is paid; gone once one is kept.  payment_voucher.c writes it.';
COMMENT ON COLUMN payment_voucher_work.run_at IS 'When it is asked for; null: given up.';
CREATE INDEX payment_voucher_work_turn ON payment_voucher_work (run_at) WHERE run_at IS NOT NULL;

COMMENT ON COLUMN provider_rest.provider IS
	'A provider, or its name and "voucher": that it gives no receipts must not keep anyone from asking what was paid.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('payment-voucher', 'webhook', 'portal', 'dossier', 2, NULL);

GRANT SELECT, INSERT ON payment_voucher TO hosogate_gateway;
GRANT SELECT, INSERT, DELETE, UPDATE (run_at, failures) ON payment_voucher_work TO hosogate_gateway;
