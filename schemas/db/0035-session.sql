-- How many sessions all gateways together may have with the mail server.

CREATE TABLE outbox_session (
	slot        integer PRIMARY KEY CHECK (slot BETWEEN 1 AND 1024),
	owner       bigint,
	lease_until timestamptz,
	CHECK ((owner IS NULL) = (lease_until IS NULL))
) WITH (fillfactor = 50);
COMMENT ON TABLE outbox_session IS
	'A session with the mail server each, up to smtp_sessions_fleet; courier.c leases as many as it opens.';
COMMENT ON COLUMN outbox_session.lease_until IS
	'A courier that was killed leaves its sessions to others then.';
INSERT INTO outbox_session (slot) SELECT generate_series(1, 1024);

GRANT SELECT, UPDATE ON outbox_session TO hosogate_gateway;
