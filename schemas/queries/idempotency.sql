-- Every statement that idempotency.c runs.

-- name: idempotency_find
-- $1 principal  $2 key
SELECT fingerprint, status, headers, body
  FROM idempotency
 WHERE principal = $1 AND key = $2 AND ends_at > now();

-- name: idempotency_claim
-- No row: another request holds the key, and has committed by now.
-- $1 principal  $2 key  $3 fingerprint  $4 hours to keep it
INSERT INTO idempotency AS i (principal, key, fingerprint, ends_at)
VALUES ($1, $2, $3, now() + make_interval(hours => $4::int))
ON CONFLICT (principal, key) DO UPDATE
   SET fingerprint = $3, status = NULL, headers = NULL, body = NULL,
       ends_at = excluded.ends_at
 WHERE i.ends_at <= now();

-- name: idempotency_keep
-- $1 principal  $2 key  $3 status  $4 headers  $5 body
UPDATE idempotency
   SET status = $3, headers = $4, body = $5
 WHERE principal = $1 AND key = $2;

-- name: idempotency_sweep
-- Keys whose time is over, a batch at a time.
-- $1 how many at most
DELETE FROM idempotency
 WHERE (principal, key) IN (SELECT principal, key FROM idempotency
                             WHERE ends_at <= now() LIMIT $1::int);
