-- Every statement that stray.c runs.

-- name: stray_list
-- What waits for an officer, oldest first.
-- $1 tenant  $2 after  $3 how many at most
SELECT id, provider, terminal, ref, txn, amount, heard_at, state,
       coalesce(attempt, '') AS attempt, note, proposed_at
  FROM stray_money
 WHERE tenant_id IN ($1, 0) AND state IN (1, 2) AND id > $2
 ORDER BY id
 LIMIT $3;

-- name: stray_lock
-- $1 tenant  $2 id
SELECT id, provider, terminal, ref, txn, amount, heard_at, state,
       coalesce(attempt, '') AS attempt, note, proposed_at,
       coalesce(proposed_by, 0) AS proposed_by
  FROM stray_money
 WHERE tenant_id IN ($1, 0) AND id = $2
   FOR UPDATE;

-- name: stray_attempt
-- The order that an officer means: at the same provider, of his tenant.
-- $1 tenant  $2 reference  $3 provider
SELECT a.terminal, a.amount
  FROM payment_attempt a
 WHERE a.tenant_id = $1 AND a.ref = $2 AND a.provider = $3;

-- name: stray_propose
-- $1 id  $2 attempt (null: none)  $3 note  $4 who  $5 now
UPDATE stray_money
   SET state = 2, attempt = $2, note = $3, proposed_by = $4, proposed_at = $5
 WHERE id = $1 AND state = 1;

-- name: stray_close
-- $1 id  $2 state  $3 who  $4 now
UPDATE stray_money
   SET state = $2::smallint, closed_by = $3, closed_at = $4
 WHERE id = $1 AND state = 2;

-- name: stray_reopen
-- $1 id
UPDATE stray_money
   SET state = 1, attempt = NULL, note = '', proposed_by = NULL,
       proposed_at = NULL
 WHERE id = $1 AND state = 2;
