-- Every statement that reconcile.c runs.

-- name: settlement_file
-- No row: this very file was handed in before.
-- $1 provider  $2 sha256  $3 day  $4 why nothing is taken, or ''
INSERT INTO settlement_file (provider, sha256, day, why)
VALUES ($1, $2, $3::text::date, $4)
ON CONFLICT (sha256, provider) DO NOTHING
RETURNING id;

-- name: settlement_rows
-- $1 file  $2 provider  $3 lines  $4 references  $5 transactions  $6 amounts
-- $7 fees  $8 1: paid, 0: not
INSERT INTO settlement_row (file_id, line, provider, ref, txn, amount, fee, paid)
SELECT $1, n.line::int, $2, n.ref, n.txn, n.amount, n.fee, n.paid = 1
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[],
              $7::bigint[], $8::bigint[])
       AS n (line, ref, txn, amount, fee, paid);

-- name: settlement_match
-- Compares a file with the ledger, both ways; what differs is opened once.
-- $1 file  $2 provider  $3 fee in hundredths of a per cent, -1: not known
-- $4 and in đồng, for each payment
WITH file AS (
	SELECT id, day FROM settlement_file WHERE id = $1
), theirs AS (
	SELECT r.*, count(*) OVER (PARTITION BY r.txn) AS times,
	       EXISTS (SELECT FROM settlement_row o
	                 JOIN settlement_file f ON f.id = o.file_id
	                WHERE o.txn = r.txn AND o.provider = r.provider
	                  AND f.day <> file.day) AS before,
	       coalesce((SELECT a.tenant_id FROM payment_attempt a
	                  WHERE a.ref = r.ref), 0) AS tenant_id
	  FROM settlement_row r JOIN file ON file.id = r.file_id
), ours AS (
	SELECT j.tenant_id, j.txn, j.amount, a.ref, j.booked_at
	  FROM ledger_journal j
	  JOIN payment_attempt a ON a.tenant_id = j.tenant_id
	       AND a.id = j.attempt_id
	 WHERE j.provider = $2 AND j.kind IN ('payment', 'surplus', 'suspense')
	   AND NOT (j.kind = 'suspense' AND EXISTS (
		SELECT FROM ledger_journal v
		 WHERE v.tenant_id = j.tenant_id AND v.txn = j.txn
		   AND v.provider = j.provider AND v.kind = 'reversal'))
), found AS (
	SELECT 'duplicate' AS class, t.tenant_id, t.ref, t.txn,
	       NULL::bigint AS ours, t.amount AS theirs
	  FROM theirs t WHERE t.paid AND (t.times > 1 OR t.before)
	UNION ALL
	SELECT 'missing-here', t.tenant_id, t.ref, t.txn, NULL, t.amount
	  FROM theirs t
	 WHERE t.paid AND NOT EXISTS (SELECT FROM ours o WHERE o.txn = t.txn)
	UNION ALL
	SELECT 'status-diff', o.tenant_id, t.ref, t.txn, o.amount, 0
	  FROM theirs t JOIN ours o ON o.txn = t.txn WHERE NOT t.paid
	UNION ALL
	SELECT 'amount-diff', o.tenant_id, t.ref, t.txn, o.amount,
	       t.amount
	  FROM theirs t JOIN ours o ON o.txn = t.txn
	 WHERE t.paid AND (o.amount <> t.amount OR o.ref <> t.ref)
	UNION ALL
	SELECT 'fee-diff', t.tenant_id, t.ref, t.txn,
	       t.amount * $3::bigint / 10000 + $4::bigint, t.fee
	  FROM theirs t
	 WHERE t.paid AND $3 >= 0
	   AND t.fee <> t.amount * $3 / 10000 + $4
	UNION ALL
	SELECT 'missing-there', o.tenant_id, o.ref, o.txn, o.amount, NULL
	  FROM ours o, file f
	 WHERE (o.booked_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = f.day
	   AND NOT EXISTS (SELECT FROM settlement_row r
	                    WHERE r.txn = o.txn AND r.provider = $2)
), opened AS (
	INSERT INTO settlement_difference (tenant_id, provider, class, day, ref,
	                                   txn, ours, theirs)
	SELECT DISTINCT ON (d.txn, d.class) d.tenant_id, $2, d.class, f.day,
	       d.ref, d.txn, d.ours, d.theirs
	  FROM found d, file f
	ON CONFLICT (txn, provider, class) DO NOTHING
)
SELECT (SELECT count(*) FROM theirs) AS rows,
       (SELECT count(*) FROM theirs t JOIN ours o ON o.txn = t.txn
         WHERE t.paid AND t.amount = o.amount AND t.ref = o.ref
           AND t.times = 1 AND NOT t.before) AS matched,
       (SELECT count(*) FROM found) AS different;

-- name: settlement_agree
-- Closes what has been set right since: money that arrived here, or there, and
-- what a later file says otherwise.
-- $1 note
UPDATE settlement_difference d
   SET closed_by = 0, closed_at = now(), note = $1
 WHERE d.closed_at IS NULL
   AND CASE d.class
       WHEN 'missing-here' THEN EXISTS (
		SELECT FROM ledger_journal j
		 WHERE j.txn = d.txn AND j.provider = d.provider
		   AND j.kind IN ('payment', 'surplus') AND j.amount = d.theirs)
       WHEN 'missing-there' THEN EXISTS (
		SELECT FROM settlement_row r
		 WHERE r.txn = d.txn AND r.provider = d.provider AND r.paid
		   AND r.amount = d.ours)
       WHEN 'amount-diff' THEN settlement_agrees(d.provider, d.txn)
       WHEN 'status-diff' THEN settlement_agrees(d.provider, d.txn)
       ELSE false END;
