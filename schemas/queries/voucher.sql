-- Every statement that payment_voucher.c and api_voucher_get.c run.

-- name: voucher_owe
-- What was paid just now.  Never a reason not to book the money: what is owed
-- already stays as it is.
-- $1 tenant  $2 attempts  $3 now
INSERT INTO payment_voucher_work (tenant_id, attempt_id, owed_at, run_at)
SELECT $1, a.id, $3, $3 FROM unnest($2::bigint[]) AS a (id)
    ON CONFLICT DO NOTHING;

-- name: voucher_claim
-- One that it is time to ask for; the claim's own next time is the lease.  A
-- provider at rest is not asked, but what is too late to ask for is claimed to
-- be given up.
-- $1 lease in ms  $2 seconds for which it is worth asking
UPDATE payment_voucher_work w
   SET run_at = clock_timestamp() + $1::bigint * interval '1 ms'
  FROM (SELECT q.tenant_id, q.attempt_id
          FROM payment_voucher_work q
          JOIN payment_attempt t ON t.tenant_id = q.tenant_id
               AND t.id = q.attempt_id
         WHERE q.run_at <= clock_timestamp()
           AND (q.owed_at < clock_timestamp() - $2::bigint * interval '1 s'
                OR NOT EXISTS (
		SELECT FROM provider_rest p
		 WHERE p.provider IN (t.provider, t.provider || 'voucher')
		   AND p.open_until > clock_timestamp()))
         ORDER BY q.run_at
         LIMIT 1
           FOR UPDATE OF q SKIP LOCKED) due
  JOIN payment_attempt a ON a.tenant_id = due.tenant_id
       AND a.id = due.attempt_id
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
 WHERE w.tenant_id = due.tenant_id AND w.attempt_id = due.attempt_id
RETURNING w.tenant_id, w.attempt_id, w.failures, r.dossier_id, a.ref,
          a.provider, a.provider || 'voucher' AS service, a.terminal, a.amount,
          a.created_at, a.expires_at, clock_timestamp() AS now,
          w.owed_at < clock_timestamp() - $2 * interval '1 s' AS late;

-- name: voucher_put_off
-- $1 tenant  $2 attempt  $3 ms from now (null: it is given up)
UPDATE payment_voucher_work
   SET failures = failures + 1,
       run_at = clock_timestamp() + $3::bigint * interval '1 ms'
 WHERE tenant_id = $1 AND attempt_id = $2 AND run_at IS NOT NULL;

-- name: voucher_done
-- Whoever deletes the row is the one who keeps the document.
-- $1 tenant  $2 attempt
DELETE FROM payment_voucher_work WHERE tenant_id = $1 AND attempt_id = $2;

-- name: voucher_keep
-- $1 tenant  $2 attempt  $3 sha256  $4 now
INSERT INTO payment_voucher (tenant_id, attempt_id, sha256, fetched_at)
VALUES ($1, $2, $3, $4);

-- name: voucher_find
-- $1 tenant  $2 dossier  $3 reference of the attempt
SELECT w.run_at IS NOT NULL AS pending, c.bytes
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
  LEFT JOIN payment_voucher_work w ON w.tenant_id = a.tenant_id
       AND w.attempt_id = a.id
  LEFT JOIN payment_voucher v ON v.tenant_id = a.tenant_id
       AND v.attempt_id = a.id
  LEFT JOIN content c ON c.tenant_id = v.tenant_id AND c.sha256 = v.sha256
 WHERE a.tenant_id = $1 AND r.dossier_id = $2 AND a.ref = $3;
