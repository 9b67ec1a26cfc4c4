-- Every statement that reconcile.c runs.

-- name: settlement_file
-- No row: this very file was handed in before.
-- $1 whose  $2 sha256  $3 day  $4 why nothing is taken, or ''  $5 kind
-- $6 is the fee kept back from its payout, which comes within $7 days; or null
-- $8 are refunds kept back from it?
INSERT INTO settlement_file (provider, sha256, day, why, kind, net_of_fee,
                             payout_by, net_of_refunds)
VALUES ($1, $2, $3::text::date, $4, $5, $6, $3::text::date + $7::int, $8)
ON CONFLICT (sha256, provider) DO NOTHING
RETURNING id;

-- name: settlement_rows
-- $1 file  $2 lines  $3 references  $4 transactions  $5 amounts  $6 fees
-- $7 1: paid, 0: not  $8 payment or refund
INSERT INTO settlement_row (file_id, line, provider, ref, txn, amount, fee,
                            paid, kind)
SELECT f.id, n.line::int, f.provider, n.ref, n.txn, n.amount, n.fee,
       n.paid = 1, n.kind
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[],
              $6::bigint[], $7::bigint[], $8::text[])
       AS n (line, ref, txn, amount, fee, paid, kind)
  JOIN settlement_file f ON f.id = $1;

-- name: settlement_match
-- Compares a file's payments with the ledger, both ways; what differs is
-- opened once.
-- $1 file  $2 provider  $3 fee in hundredths of a per cent, -1: not known
-- $4 and in đồng, for each payment
WITH file AS (
	SELECT id, day FROM settlement_file WHERE id = $1
), theirs AS (
	SELECT r.*, count(*) OVER (PARTITION BY r.txn) AS times,
	       EXISTS (SELECT FROM settlement_row o
	                 JOIN settlement_file f ON f.id = o.file_id
	                WHERE o.txn = r.txn AND o.provider = r.provider
	                  AND o.kind = 'payment' AND f.day <> file.day) AS before,
	       coalesce((SELECT a.tenant_id FROM payment_attempt a
	                  WHERE a.ref = r.ref), 0) AS tenant_id
	  FROM settlement_row r JOIN file ON file.id = r.file_id
	 WHERE r.kind = 'payment'
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
	                    WHERE r.txn = o.txn AND r.provider = $2
	                      AND r.kind = 'payment')
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

-- name: settlement_match_refunds
-- The same of its refunds, against those that the provider has carried out.
-- What names again a refund that it has named is one that we do not have.
-- $1 file  $2 provider  $3 done
WITH file AS (
	SELECT id, day FROM settlement_file WHERE id = $1
), named AS (
	SELECT r.ref, r.txn, r.amount, r.paid,
	       f.id, f.tenant_id, f.amount AS ours,
	       f.state = $3 AND f.closed_by IS NULL AS done,
	       row_number() OVER (PARTITION BY f.id ORDER BY r.line) > 1
	       OR EXISTS (SELECT FROM settlement_row o
	                    JOIN settlement_file e ON e.id = o.file_id
	                   WHERE o.txn = r.txn AND o.provider = r.provider
	                     AND o.kind = 'refund' AND e.day <> file.day
	                     AND settlement_refund(o.provider, o.ref, o.txn,
	                                           o.amount) = f.id) AS again
	  FROM settlement_row r
	  JOIN file ON file.id = r.file_id
	  LEFT JOIN refund f
	    ON f.id = settlement_refund(r.provider, r.ref, r.txn, r.amount)
	 WHERE r.kind = 'refund'
), found AS (
	SELECT 'refund-duplicate' AS class, n.tenant_id, n.ref, n.txn,
	       NULL::bigint AS ours, n.amount AS theirs
	  FROM named n WHERE n.paid AND n.again AND n.id IS NOT NULL
	UNION ALL
	SELECT 'refund-missing-here', n.tenant_id, n.ref, n.txn, NULL, n.amount
	  FROM named n WHERE n.paid AND n.done IS NOT TRUE
	UNION ALL
	SELECT 'refund-diff', n.tenant_id, n.ref, n.txn, n.ours,
	       CASE WHEN n.paid THEN n.amount ELSE 0 END
	  FROM named n
	 WHERE n.done AND NOT n.again AND NOT (n.paid AND n.amount = n.ours)
	UNION ALL
	SELECT 'refund-missing-there', f.tenant_id, a.ref, f.ref, f.amount, NULL
	  FROM file, refund f
	  JOIN payment_attempt a ON a.tenant_id = f.tenant_id
	       AND a.id = f.attempt_id
	 WHERE a.provider = $2 AND f.state = $3 AND f.closed_by IS NULL
	   AND (f.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = file.day
	   AND NOT settlement_names_refund($2, f.id)
), opened AS (
	INSERT INTO settlement_difference (tenant_id, provider, class, day, ref,
	                                   txn, ours, theirs)
	SELECT DISTINCT ON (d.txn, d.class) coalesce(d.tenant_id, 0), $2,
	       d.class, f.day, d.ref, d.txn, d.ours, d.theirs
	  FROM found d, file f
	ON CONFLICT (txn, provider, class) DO NOTHING
)
SELECT (SELECT count(*) FROM named) AS rows,
       (SELECT count(*) FROM named n
         WHERE n.paid AND n.done AND NOT n.again AND n.amount = n.ours)
           AS matched,
       (SELECT count(*) FROM found) AS different;

-- name: settlement_agree
-- Closes what has been set right since: money that arrived here, or there, and
-- what a later file says otherwise.
-- $1 note  $2 a refund's state done
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
		   AND r.kind = 'payment' AND r.amount = d.ours)
       WHEN 'amount-diff' THEN settlement_agrees(d.provider, d.txn)
       WHEN 'status-diff' THEN settlement_agrees(d.provider, d.txn)
       WHEN 'refund-missing-here' THEN EXISTS (
		SELECT FROM refund f
		 WHERE f.id = settlement_refund(d.provider, d.ref, d.txn, d.theirs)
		   AND f.state = $2 AND f.closed_by IS NULL AND f.amount = d.theirs)
       WHEN 'refund-missing-there' THEN settlement_names_refund(d.provider, (
		SELECT f.id FROM refund f
		 WHERE f.ref = d.txn AND f.tenant_id = d.tenant_id))
       WHEN 'refund-diff' THEN (
		SELECT r.paid AND r.amount = d.ours FROM settlement_row r
		 WHERE r.txn = d.txn AND r.provider = d.provider
		   AND r.kind = 'refund'
		 ORDER BY r.file_id DESC, r.line DESC LIMIT 1)
       ELSE false END;

-- name: settlement_payout_rows
-- An entry that another statement had already is passed over.
-- $1 file  $2 lines  $3 the bank's numbers  $4 amounts  $5 providers
-- $6 first and $7 last days, or ''  $8 so many days after
INSERT INTO settlement_payout (file_id, line, bank, txn, amount, provider,
                               from_day, to_day)
SELECT f.id, n.line::int, f.provider, n.txn, n.amount, n.provider,
       coalesce(nullif(n.first, '')::date, f.day - n.days::int),
       coalesce(nullif(n.last, '')::date, f.day - n.days::int)
  FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[],
              $7::text[], $8::bigint[])
       AS n (line, txn, amount, provider, first, last, days)
  JOIN settlement_file f ON f.id = $1
ON CONFLICT (txn, bank) DO NOTHING;

-- name: settlement_payouts
-- Holds payouts against what the files let expect: those of two months, and
-- whatever is open.  Opens what differs, keeps its figures up to date until
-- somebody proposes to close it, and closes what agrees.
-- $1 note
WITH last AS (
	SELECT max(day) AS day FROM settlement_file
	 WHERE kind = 'bank' AND why = ''
), waits AS (
	SELECT provider, txn, class, day FROM settlement_difference
	 WHERE closed_at IS NULL AND class LIKE 'payout-%'
), got AS (
	SELECT p.provider, p.from_day, p.to_day, sum(p.amount)::bigint AS amount
	  FROM settlement_payout p, last
	 WHERE p.to_day > last.day - 62
	    OR (p.provider, p.from_day) IN (SELECT provider, day FROM waits)
	 GROUP BY p.provider, p.from_day, p.to_day
), due AS (
	SELECT DISTINCT f.provider, f.day AS from_day, f.day AS to_day,
	       0::bigint AS amount
	  FROM settlement_file f, last
	 WHERE f.payout_by <= last.day AND f.why = ''
	   AND (f.day > last.day - 62
	        OR (f.provider, f.day) IN (SELECT provider, day FROM waits))
	   AND NOT EXISTS (SELECT FROM settlement_payout p
	                    WHERE p.provider = f.provider
	                      AND f.day BETWEEN p.from_day AND p.to_day)
), side AS (
	SELECT g.*, settlement_expected(provider, from_day, to_day) AS expected,
	       CASE WHEN amount = 0 THEN 'payout-missing'
	            WHEN EXISTS (SELECT FROM settlement_file f
	                          WHERE f.provider = g.provider AND f.why = ''
	                            AND f.day BETWEEN g.from_day AND g.to_day)
	            THEN 'payout-diff'
	            ELSE 'payout-unexplained' END AS class
	  FROM (SELECT * FROM got UNION ALL SELECT * FROM due) g
), found AS (
	SELECT class, provider, from_day, expected, amount,
	       from_day || CASE WHEN to_day > from_day THEN '/' || to_day
	                        ELSE '' END AS txn
	  FROM side WHERE expected <> amount
), agree AS (
	UPDATE settlement_difference d
	   SET closed_by = 0, closed_at = now(), note = $1
	 WHERE d.closed_at IS NULL AND d.class LIKE 'payout-%'
	   AND NOT EXISTS (SELECT FROM found f
	                    WHERE f.provider = d.provider AND f.txn = d.txn
	                      AND f.class = d.class)
)
INSERT INTO settlement_difference AS d (provider, class, day, ref, txn, ours,
                                        theirs)
SELECT provider, class, from_day, '', txn, expected, amount FROM found
ON CONFLICT (txn, provider, class) DO UPDATE
   SET ours = excluded.ours, theirs = excluded.theirs
 WHERE d.closed_at IS NULL AND d.proposed_by IS NULL
   AND (d.ours, d.theirs) <> (excluded.ours, excluded.theirs);
