-- Every statement that ledger.c runs.

-- name: ledger_find
-- What has been booked under these transactions, the tenant's own first; who
-- asks tells providers apart.  Of every tenant: one transaction is one sum of
-- money, whoever's orders it is said to have paid.  But a counter's numbers are
-- its agency's own.
-- $1 tenant  $2 transactions
SELECT tenant_id, kind, provider, txn, attempt_id
  FROM ledger_journal
 WHERE txn = ANY ($2::text[]) AND (tenant_id = $1 OR provider <> 'counter')
   AND kind IN ('payment', 'surplus', 'suspense', 'reversal')
 ORDER BY tenant_id <> $1;

-- name: ledger_book
-- Journals with their entries, whole.  What was paid lies at the provider
-- until it is settled (debit), and takes away what was owed, or is owed back,
-- or waits in suspense (credit).  An account that is not there yet is opened.
-- The same money twice is a unique violation.
-- $1 tenant  $2 kinds  $3 attempts  $4 providers  $5 transactions
-- $6 amounts  $7 now
WITH posting AS (
	SELECT *
	  FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[],
	              $6::bigint[])
	       AS p (kind, attempt_id, provider, txn, amount)
), journal AS (
	INSERT INTO ledger_journal (tenant_id, kind, attempt_id, provider, txn,
	                            amount, booked_at)
	SELECT $1, kind, attempt_id, provider, txn, amount, $7 FROM posting
	RETURNING id, kind, provider, amount
), side AS (
	SELECT id, 1 AS line, 'provider_clearing:' || provider AS account,
	       amount
	  FROM journal
	UNION ALL
	SELECT id, 2, CASE kind WHEN 'payment' THEN 'receivable'
	                        WHEN 'surplus' THEN 'surplus_payable'
	                        ELSE 'suspense' END, -amount
	  FROM journal
), account AS (
	INSERT INTO ledger_account (tenant_id, code)
	SELECT DISTINCT $1::bigint, s.account
	  FROM side s
	 WHERE NOT EXISTS (SELECT FROM ledger_account a
	                    WHERE a.tenant_id = $1 AND a.code = s.account)
	ON CONFLICT DO NOTHING
)
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT $1, id, line, account, amount FROM side;

-- name: ledger_shift
-- A journal of two sides in which no provider moved anything.
-- $1 tenant  $2 kind  $3 attempt  $4 our name for it  $5 amount
-- $6 account (debit)  $7 account (credit)  $8 now
WITH journal AS (
	INSERT INTO ledger_journal (tenant_id, kind, attempt_id, provider, txn,
	                            amount, booked_at)
	VALUES ($1, $2, $3, 'hosogate', $4, $5::bigint, $8)
	RETURNING id, amount
), account AS (
	INSERT INTO ledger_account (tenant_id, code)
	VALUES ($1, $6), ($1, $7)
	ON CONFLICT DO NOTHING
)
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT $1, j.id, s.line, s.account, s.sign * j.amount
  FROM journal j
 CROSS JOIN (VALUES (1, $6::text, 1), (2, $7::text, -1))
       AS s (line, account, sign);

-- name: ledger_demand
-- What is owed from now on, by the lines of requests: a receivable (debit),
-- and income of each line (credit).
-- $1 tenant  $2 requests  $3 now
WITH journal AS (
	INSERT INTO ledger_journal (tenant_id, kind, request_id, provider, txn,
	                            amount, booked_at)
	SELECT $1, 'demand', r.id, 'hosogate', 'request-' || r.id, r.amount, $3
	  FROM payment_request r
	 WHERE r.tenant_id = $1 AND r.id = ANY ($2::bigint[])
	RETURNING id, request_id, amount
), side AS (
	SELECT id, 0 AS ord, 'receivable' AS account, amount
	  FROM journal
	UNION ALL
	SELECT j.id, l.position + 1, 'fee_income:' || l.code, -l.amount
	  FROM journal j
	  JOIN payment_line l ON l.tenant_id = $1
	       AND l.request_id = j.request_id AND l.amount > 0
), account AS (
	INSERT INTO ledger_account (tenant_id, code)
	SELECT DISTINCT $1::bigint, s.account
	  FROM side s
	 WHERE NOT EXISTS (SELECT FROM ledger_account a
	                    WHERE a.tenant_id = $1 AND a.code = s.account)
	ON CONFLICT DO NOTHING
)
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT $1, id, row_number() OVER (PARTITION BY id ORDER BY ord, account),
       account, amount
  FROM side;

-- name: ledger_release
-- Requests that nobody has to pay any more: their demands, taken back.
-- $1 tenant  $2 requests  $3 now
WITH demand AS (
	SELECT j.id, j.request_id, j.amount
	  FROM ledger_journal j
	 WHERE j.tenant_id = $1 AND j.request_id = ANY ($2::bigint[])
	   AND j.kind = 'demand'
), journal AS (
	INSERT INTO ledger_journal (tenant_id, kind, request_id, provider, txn,
	                            amount, booked_at)
	SELECT $1, 'release', request_id, 'hosogate', 'request-' || request_id,
	       amount, $3
	  FROM demand
	RETURNING id, request_id
)
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT $1, j.id, s.line, s.account, -s.amount
  FROM journal j
  JOIN demand d ON d.request_id = j.request_id
  JOIN ledger_entry s ON s.tenant_id = $1 AND s.journal_id = d.id;

-- name: ledger_reverse
-- Takes back what was booked to suspense under these transactions, since the
-- provider has now said what they were; once each.
-- $1 tenant  $2 providers  $3 transactions  $4 now
WITH wrong AS (
	SELECT j.*
	  FROM unnest($2::text[], $3::text[]) AS n (provider, txn)
	  JOIN ledger_journal j ON j.tenant_id = $1
	       AND j.provider = n.provider AND j.txn = n.txn
	       AND j.kind = 'suspense'
	 WHERE NOT EXISTS (SELECT FROM ledger_journal r
	                    WHERE r.tenant_id = $1
	                      AND r.provider = n.provider AND r.txn = n.txn
	                      AND r.kind = 'reversal')
), journal AS (
	INSERT INTO ledger_journal (tenant_id, kind, attempt_id, provider, txn,
	                            amount, booked_at)
	SELECT $1, 'reversal', attempt_id, provider, txn, amount, $4 FROM wrong
	RETURNING id, provider, txn
)
INSERT INTO ledger_entry (tenant_id, journal_id, line, account, amount)
SELECT $1, j.id, s.line, s.account, -s.amount
  FROM journal j
  JOIN wrong w ON w.provider = j.provider AND w.txn = j.txn
  JOIN ledger_entry s ON s.tenant_id = $1 AND s.journal_id = w.id;

-- name: ledger_balances
-- Every account of every tenant with what stands on it.
SELECT t.code AS tenant, a.code AS account,
       coalesce(sum(e.amount), 0)::bigint AS balance,
       count(e.journal_id) AS entries
  FROM ledger_account a
  JOIN tenant t ON t.id = a.tenant_id
  LEFT JOIN ledger_entry e ON e.tenant_id = a.tenant_id
        AND e.account = a.code
 GROUP BY t.code, a.code
 ORDER BY t.code, a.code;

-- name: ledger_faults
-- Whatever stands against the promise that money balances; each row names
-- the rule and the first few that break it.
-- $1 states of an attempt that is paid  $2 of one that is surplus
WITH journal AS (
	SELECT j.tenant_id, j.id, j.kind, j.attempt_id, j.amount,
	       coalesce(sum(e.amount), 0) AS balance,
	       coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debit
	  FROM ledger_journal j
	  LEFT JOIN ledger_entry e ON e.tenant_id = j.tenant_id
	        AND e.journal_id = j.id
	 GROUP BY j.tenant_id, j.id
), attempt AS (
	SELECT a.tenant_id, a.id, a.ref, a.state, a.amount,
	       count(j.id) FILTER (WHERE j.kind = 'payment') AS payments,
	       count(j.id) FILTER (WHERE j.kind = 'surplus') AS surpluses,
	       coalesce(sum(j.amount) FILTER (WHERE j.kind = 'payment'), 0)
	           AS booked,
	       bool_or(r.paid_attempt_id = a.id) AS pays
	  FROM payment_attempt a
	  JOIN payment_request r ON r.tenant_id = a.tenant_id
	       AND r.id = a.request_id
	  LEFT JOIN ledger_journal j ON j.tenant_id = a.tenant_id
	        AND j.attempt_id = a.id
	 GROUP BY a.tenant_id, a.id
), owed AS (
	SELECT r.id AS request_id, sum(e.amount) AS receivable,
	       CASE WHEN r.paid_at IS NULL AND r.superseded_at IS NULL
	            THEN r.amount ELSE 0 END AS due
	  FROM payment_request r
	  JOIN ledger_journal d ON d.tenant_id = r.tenant_id
	       AND d.request_id = r.id AND d.kind = 'demand'
	  JOIN ledger_journal j ON j.tenant_id = r.tenant_id
	       AND (j.request_id = r.id OR j.kind = 'payment' AND j.attempt_id IN
	            (SELECT a.id FROM payment_attempt a
	              WHERE a.tenant_id = r.tenant_id AND a.request_id = r.id))
	  JOIN ledger_entry e ON e.tenant_id = r.tenant_id
	       AND e.journal_id = j.id AND e.account = 'receivable'
	 GROUP BY r.tenant_id, r.id
), fault AS (
	SELECT 'journal-does-not-balance' AS rule, 'journal ' || id AS what
	  FROM journal WHERE balance <> 0
	UNION ALL
	SELECT 'journal-is-not-its-amount', 'journal ' || id
	  FROM journal WHERE debit <> amount
	UNION ALL
	SELECT 'paid-attempt-not-booked-once', ref
	  FROM attempt
	 WHERE state = ANY ($1::bigint[]) AND (payments <> 1 OR booked <> amount)
	UNION ALL
	SELECT 'booked-attempt-not-paid', ref
	  FROM attempt WHERE state <> ALL ($1) AND payments > 0
	UNION ALL
	SELECT 'surplus-attempt-not-booked', ref
	  FROM attempt WHERE state = $2 AND surpluses = 0
	UNION ALL
	SELECT 'paid-attempt-pays-no-request', ref
	  FROM attempt WHERE (state = ANY ($1)) <> coalesce(pays, false)
	UNION ALL
	SELECT 'receivable-is-not-what-is-owed', 'request ' || request_id
	  FROM owed WHERE receivable <> due
	UNION ALL
	SELECT 'open-request-without-demand', 'request ' || r.id
	  FROM payment_request r
	 WHERE r.paid_at IS NULL AND r.superseded_at IS NULL
	   AND NOT EXISTS (SELECT FROM ledger_journal j
	                    WHERE j.tenant_id = r.tenant_id
	                      AND j.request_id = r.id AND j.kind = 'demand')
	UNION ALL
	SELECT 'lines-are-not-the-amount', 'request ' || r.id
	  FROM payment_request r
	 WHERE r.amount <> (SELECT coalesce(sum(l.amount), 0)
	                      FROM payment_line l
	                     WHERE l.tenant_id = r.tenant_id
	                       AND l.request_id = r.id)
)
SELECT rule, count(*) AS count,
       array_to_string((array_agg(what ORDER BY what))[1:5], ' ') AS which
  FROM fault
 GROUP BY rule
 ORDER BY rule;

-- name: ledger_refund_faults
-- The same of refunds; the numbers are those of refund_state.def.
WITH booked AS (
	SELECT f.tenant_id, f.ref, f.state,
	       count(j.id) FILTER (WHERE j.kind = 'refund-due') AS due,
	       count(j.id) FILTER (WHERE j.kind = 'refund-undone') AS undone,
	       count(j.id) FILTER (WHERE j.kind = 'refund') AS done
	  FROM refund f
	  LEFT JOIN ledger_journal j ON j.tenant_id = f.tenant_id
	        AND j.txn = f.ref AND j.provider = 'hosogate'
	        AND j.amount = f.amount
	 GROUP BY f.tenant_id, f.id
), claim AS (
	SELECT m.journal_id, m.paid, m.claimed, j.amount,
	       coalesce((SELECT sum(f.amount) FROM refund f
	                  WHERE f.tenant_id = m.tenant_id
	                    AND f.journal_id = m.journal_id
	                    AND f.state NOT IN (6, 7)), 0) AS wanted
	  FROM refund_money m
	  JOIN ledger_journal j ON j.tenant_id = m.tenant_id
	       AND j.id = m.journal_id
), payable AS (
	SELECT t.id,
	       (SELECT coalesce(sum(e.amount), 0) FROM ledger_entry e
	         WHERE e.tenant_id = t.id AND e.account = 'refund_payable')
	           AS balance,
	       (SELECT coalesce(sum(f.amount), 0) FROM refund f
	         WHERE f.tenant_id = t.id AND f.state IN (2, 3, 4, 8)) AS open
	  FROM tenant t
), fault AS (
	SELECT 'refund-is-not-what-is-booked' AS rule, ref AS what
	  FROM booked
	 WHERE (done = 1) <> (state = 5) OR undone > due
	    OR due - undone <> (state IN (2, 3, 4, 5, 8))::int
	UNION ALL
	SELECT 'claimed-is-not-what-refunds-say', 'journal ' || journal_id
	  FROM claim WHERE claimed <> wanted OR paid <> amount
	UNION ALL
	SELECT 'more-given-back-than-was-paid', 'journal ' || journal_id
	  FROM claim WHERE wanted > amount
	UNION ALL
	SELECT 'refund-payable-is-not-what-is-open', 'tenant ' || id
	  FROM payable WHERE balance <> -open
)
SELECT rule, count(*) AS count,
       array_to_string((array_agg(what ORDER BY what))[1:5], ' ') AS which
  FROM fault
 GROUP BY rule
 ORDER BY rule;

-- name: ledger_figures
-- $1 states of an attempt that is paid  $2 surplus  $3 review
SELECT (SELECT count(*) FROM ledger_journal) AS journals,
       (SELECT count(*) FROM ledger_entry) AS entries,
       (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entry) AS balance,
       count(*) FILTER (WHERE state = ANY ($1::bigint[])) AS paid,
       coalesce(sum(amount) FILTER (WHERE state = ANY ($1)), 0)::bigint
           AS paid_amount,
       count(*) FILTER (WHERE state = $2) AS surplus,
       count(*) FILTER (WHERE state = $3) AS review,
       count(*) FILTER (WHERE ask_at IS NOT NULL
                          AND created_at < now() - interval '1 day')
           AS unanswered,
       (SELECT count(*) FROM provider_event WHERE attempt_id IS NULL)
           AS orphans,
       (SELECT count(*) FROM stray_money WHERE state IN (1, 2)) AS strays
  FROM payment_attempt;
