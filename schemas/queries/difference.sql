-- Every statement that difference.c and the lists of differences run.

-- name: difference_list
-- What waits for officers, oldest first.
-- $1 tenant  $2 after  $3 how many at most
SELECT d.id, d.provider, d.class, d.day::text AS day, d.ref, d.txn, d.ours,
       d.theirs, d.opened_at, d.note,
       CASE WHEN d.proposed_by IS NULL THEN 'open' ELSE 'proposed' END
           AS state,
       (SELECT login FROM officer WHERE id = d.owner) AS owner,
       (SELECT login FROM officer WHERE id = d.proposed_by) AS proposed_by
  FROM settlement_difference d
 WHERE d.closed_at IS NULL AND d.tenant_id IN ($1, 0) AND d.id > $2
 ORDER BY d.id
 LIMIT $3;

-- name: difference_open
-- The same of every tenant, for the command line.
SELECT id, provider, class, day::text AS day, ref, txn,
       coalesce(ours::text, '') AS ours, coalesce(theirs::text, '') AS theirs
  FROM settlement_difference
 WHERE closed_at IS NULL
 ORDER BY day, id;

-- name: difference_lock
-- $1 tenant  $2 id
SELECT class, provider, txn, proposed_by,
       CASE WHEN closed_at IS NOT NULL THEN 'closed'
            WHEN proposed_by IS NOT NULL THEN 'proposed'
            ELSE 'open' END AS state
  FROM settlement_difference
 WHERE tenant_id IN ($1, 0) AND id = $2
   FOR UPDATE;

-- name: difference_own
-- $1 id  $2 who
UPDATE settlement_difference SET owner = $2 WHERE id = $1;

-- name: difference_propose
-- $1 id  $2 who  $3 now  $4 why
UPDATE settlement_difference
   SET owner = coalesce(owner, $2), proposed_by = $2, proposed_at = $3,
       note = $4
 WHERE id = $1;

-- name: difference_end
-- $1 id  $2 who  $3 now  $4 why
UPDATE settlement_difference
   SET owner = coalesce(owner, $2), closed_by = $2, closed_at = $3, note = $4
 WHERE id = $1;

-- name: difference_confirm
-- $1 id  $2 who  $3 now
UPDATE settlement_difference SET closed_by = $2, closed_at = $3 WHERE id = $1;

-- name: difference_reopen
-- $1 id
UPDATE settlement_difference
   SET proposed_by = NULL, proposed_at = NULL, note = ''
 WHERE id = $1;
