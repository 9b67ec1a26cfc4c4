-- What db.c itself asks.

-- name: db_now
-- The clock that deadlines are counted by; not now(), which stands still in
-- a transaction.
SELECT clock_timestamp() AS now;

-- name: db_alive
SELECT pg_is_in_recovery() AS standby;
