-- Every statement that counter.c and the collections' handlers run.

-- name: counter_find_key
-- $1 tenant  $2 key
SELECT id FROM counter_collection WHERE tenant_id = $1 AND key = $2;

-- name: counter_add
-- Cash is decided by whoever takes it.
-- $1 tenant  $2 dossier  $3 attempt's reference  $4 method  $5 amount
-- $6 reference  $7 key  $8 now  $9 by
INSERT INTO counter_collection (tenant_id, dossier_id, attempt_id, method,
                                amount, reference, key, recorded_at,
                                recorded_by, decision, decided_at, decided_by)
SELECT $1, $2, a.id, $4, $5, $6, $7, $8, $9,
       CASE WHEN $4 = 'cash' THEN 'confirmed' END,
       CASE WHEN $4 = 'cash' THEN $8::timestamptz END,
       CASE WHEN $4 = 'cash' THEN $9::bigint END
  FROM payment_attempt a
 WHERE a.tenant_id = $1 AND a.ref = $3
RETURNING id;

-- name: counter_load
-- $1 tenant  $2 dossier  $3 collection
SELECT c.id, c.method, c.amount, c.reference, c.recorded_at, c.recorded_by,
       coalesce(c.decision, '') AS decision, c.decided_at,
       coalesce(c.decided_by, 0) AS decided_by, a.ref, a.terminal, a.state
  FROM counter_collection c
  JOIN payment_attempt a ON a.tenant_id = c.tenant_id AND a.id = c.attempt_id
 WHERE c.tenant_id = $1 AND c.dossier_id = $2 AND c.id = $3;

-- name: counter_decide
-- $1 tenant  $2 collection  $3 decision  $4 now  $5 by
UPDATE counter_collection
   SET decision = $3, decided_at = $4, decided_by = $5
 WHERE tenant_id = $1 AND id = $2 AND decision IS NULL;

-- name: counter_day
-- All that was taken on a Vietnamese day, by whom and how.
-- $1 tenant  $2 day
SELECT c.id, d.code AS dossier, c.method, c.amount, c.reference, c.decided_at,
       o.login, p.name AS officer, coalesce(q.name, '') AS second
  FROM counter_collection c
  JOIN dossier d ON d.tenant_id = c.tenant_id AND d.id = c.dossier_id
  JOIN officer o ON o.tenant_id = c.tenant_id AND o.id = c.recorded_by
  JOIN principal p ON p.tenant_id = c.tenant_id AND p.id = c.recorded_by
  LEFT JOIN principal q ON q.tenant_id = c.tenant_id AND q.id = c.decided_by
       AND c.decided_by <> c.recorded_by
 WHERE c.tenant_id = $1 AND c.decision = 'confirmed'
   AND c.decided_at >= $2::date::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
   AND c.decided_at < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
 ORDER BY o.login, c.method, c.id;
