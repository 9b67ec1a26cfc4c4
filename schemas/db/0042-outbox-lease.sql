-- A courier leases all the messages of a batch by one row, instead of marking
-- each of them (ADR 19).

CREATE TABLE outbox_lease (
	owner       bigint      PRIMARY KEY,
	tenant_id   bigint      NOT NULL,
	channel     text        NOT NULL,
	client_id   bigint      NOT NULL,
	messages    bigint[]    NOT NULL,
	lease_until timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01,
	autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE outbox_lease IS
	'What each courier has in hand; courier_claim writes a row anew for each batch, so that its messages need not be written.';
COMMENT ON COLUMN outbox_lease.messages IS 'Of outbox; empty once the batch has ended.';
COMMENT ON COLUMN outbox_lease.lease_until IS
	'Whoever takes the destination next deletes the row then, which fences off a courier that comes late.';

ALTER TABLE outbox
	DROP COLUMN owner,
	DROP COLUMN lease_until,
	RESET (fillfactor);
COMMENT ON COLUMN outbox.attempt IS 'How often it was tried.';

-- Two indexes less to write for each message; nothing searches by time.
ALTER TABLE outbox_delivery
	DROP CONSTRAINT outbox_delivery_pkey,
	ADD PRIMARY KEY (tenant_id, outbox_id, id);
DROP INDEX outbox_delivery_of_message, outbox_delivery_at;

-- courier_letters says itself what a message is about.
DROP FUNCTION outbox_subject(bigint, bigint, text);

CREATE FUNCTION quiet_ms(first_hour integer, hour_after integer)
	RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT CASE
       WHEN CASE WHEN first_hour <= hour_after
            THEN hour >= first_hour AND hour < hour_after
            ELSE hour >= first_hour OR hour < hour_after END
       THEN (extract(epoch FROM date_trunc('day', t) + hour_after * interval '1 hour'
            + CASE WHEN hour >= hour_after THEN interval '1 day' ELSE '0' END
            - t) * 1000)::bigint
       ELSE 0 END
  FROM (SELECT t, extract(hour FROM t) AS hour
          FROM (SELECT now() AT TIME ZONE 'Asia/Ho_Chi_Minh' AS t) n) here
$$;
COMMENT ON FUNCTION quiet_ms IS
	'How long the quiet hours of Vietnam''s clock still last, in ms; 0 outside of them; courier_letters asks.';

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_lease TO hosogate_gateway;
GRANT EXECUTE ON FUNCTION quiet_ms TO hosogate_gateway;
