-- Every statement that refund*.c and payment_rest.c run.

-- name: refund_money_of
-- What an attempt brought in and can be given back, with what is claimed of
-- it already; its request is locked.  Transfers in suspense still add up; they
-- are surplus, and refunded as such, once the fee is paid or given up.
-- $1 tenant  $2 dossier  $3 reference  $4 transaction, or '' for any
SELECT j.id, j.amount, j.attempt_id, coalesce(m.claimed, 0) AS claimed
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
  JOIN ledger_journal j ON j.tenant_id = a.tenant_id AND j.attempt_id = a.id
       AND j.kind IN ('payment', 'surplus', 'suspense')
  LEFT JOIN refund_money m ON m.tenant_id = j.tenant_id AND m.journal_id = j.id
 WHERE a.tenant_id = $1 AND r.dossier_id = $2 AND a.ref = $3
   AND ($4::text = '' OR j.txn = $4)
   AND NOT (j.kind = 'suspense' AND a.provider IN ('vietqr', 'payos'))
   AND NOT (j.kind = 'suspense' AND EXISTS (
	SELECT FROM ledger_journal v
	 WHERE v.tenant_id = j.tenant_id AND v.txn = j.txn
	   AND v.provider = j.provider AND v.kind = 'reversal'
	    OR v.tenant_id = j.tenant_id AND v.attempt_id = j.attempt_id
	   AND v.provider = 'hosogate' AND v.kind IN ('payment', 'surplus')))
 ORDER BY j.id;

-- name: refund_open
-- $1 tenant  $2 dossier  $3 attempt  $4 journal  $5 amount  $6 reason
-- $7 who asks  $8 now
INSERT INTO refund (tenant_id, dossier_id, attempt_id, journal_id, amount,
                    reason, requested_by, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING ref;

-- name: refund_open_surplus
-- Surplus that has just been booked is to be given back, whole.
-- $1 tenant  $2 providers  $3 transactions  $4 reason  $5 now
INSERT INTO refund (tenant_id, dossier_id, attempt_id, journal_id, amount,
                    reason, requested_by, requested_at)
SELECT $1, r.dossier_id, j.attempt_id, j.id, j.amount, $4, 0, $5
  FROM unnest($2::text[], $3::text[]) AS n (provider, txn)
  JOIN ledger_journal j ON j.tenant_id = $1 AND j.provider = n.provider
       AND j.txn = n.txn AND j.kind = 'surplus'
  JOIN payment_attempt a ON a.tenant_id = $1 AND a.id = j.attempt_id
  JOIN payment_request r ON r.tenant_id = $1 AND r.id = a.request_id;

-- name: refund_load
-- $1 tenant  $2 dossier  $3 reference
SELECT f.id, f.ref, f.dossier_id, f.attempt_id, f.amount, f.state, f.sends,
       f.requested_by, f.sent_at, j.kind, j.amount AS paid, j.txn AS paid_txn,
       a.ref AS attempt, a.provider
  FROM refund f
  JOIN ledger_journal j ON j.tenant_id = f.tenant_id AND j.id = f.journal_id
  JOIN payment_attempt a ON a.tenant_id = f.tenant_id AND a.id = f.attempt_id
 WHERE f.tenant_id = $1 AND f.dossier_id = $2 AND f.ref = $3
   FOR NO KEY UPDATE OF f;

-- name: refund_of_dossier
-- $1 tenant  $2 dossier
SELECT f.ref, f.amount, f.state, f.reason, f.requested_by, f.requested_at,
       f.decided_at, f.sent_at, f.ended_at, f.code, f.txn, f.evidence,
       j.kind, j.txn AS paid_txn, a.ref AS attempt, a.provider
  FROM refund f
  JOIN ledger_journal j ON j.tenant_id = f.tenant_id AND j.id = f.journal_id
  JOIN payment_attempt a ON a.tenant_id = f.tenant_id AND a.id = f.attempt_id
 WHERE f.tenant_id = $1 AND f.dossier_id = $2
 ORDER BY f.id;

-- name: refund_move
-- The only UPDATE of refund.state.  No row: someone else was first.
-- $1 tenant  $2 id  $3 state and $4 sends we believe in  $5 state it goes to
-- $6 who  $7 now  $8 does he decide?  $9 is it sent?  $10 does he close it?
-- $11 does it end?  $12 when to turn to it again  $13 code  $14 transaction
-- $15 evidence (null: unchanged)
UPDATE refund
   SET state = $5::smallint,
       decided_by = CASE WHEN $8::boolean THEN $6::bigint ELSE decided_by END,
       decided_at = CASE WHEN $8 THEN $7::timestamptz ELSE decided_at END,
       sent_at = CASE WHEN $9::boolean THEN coalesce(sent_at, $7) ELSE sent_at END,
       sends = sends + $9::boolean::int,
       closed_by = CASE WHEN $10::boolean THEN $6 ELSE closed_by END,
       ended_at = CASE WHEN $11::boolean THEN $7 END,
       ask_at = $12::timestamptz,
       code = coalesce($13::text, code),
       txn = coalesce($14::text, txn),
       evidence = coalesce($15::text, evidence)
 WHERE tenant_id = $1 AND id = $2 AND state = $3 AND sends = $4;

-- name: refund_claim
-- One refund that it is time to turn to.  The claim itself sets the next time,
-- and so is the lease.  When the list of pauses is used up, once an hour.  One
-- order has one refund on its way at a time.
-- $1 seconds between two looks  $2 approved  $3 submitted  $4 processing
UPDATE refund f
   SET asks = f.asks + 1,
       ask_at = clock_timestamp() + interval '1 s' *
                coalesce(($1::bigint[])[f.asks + 1], 3600)
  FROM (SELECT q.tenant_id, q.id
          FROM refund q
          JOIN payment_attempt a ON a.tenant_id = q.tenant_id
               AND a.id = q.attempt_id
         WHERE q.ask_at <= clock_timestamp()
           AND NOT EXISTS (SELECT FROM provider_rest p
                            WHERE p.provider = a.provider
                              AND p.open_until > clock_timestamp())
           AND NOT (q.state = $2 AND EXISTS (
		SELECT FROM refund o
		 WHERE o.tenant_id = q.tenant_id
		   AND o.attempt_id = q.attempt_id AND o.state IN ($3, $4)))
         ORDER BY q.ask_at
         LIMIT 1
           FOR NO KEY UPDATE OF q SKIP LOCKED) due
  JOIN refund r ON r.tenant_id = due.tenant_id AND r.id = due.id
  JOIN ledger_journal j ON j.tenant_id = r.tenant_id AND j.id = r.journal_id
  JOIN payment_attempt a ON a.tenant_id = r.tenant_id AND a.id = r.attempt_id
  LEFT JOIN officer o ON o.tenant_id = r.tenant_id AND o.id = r.decided_by
 WHERE f.tenant_id = due.tenant_id AND f.id = due.id
RETURNING f.tenant_id, f.id, f.ref, f.dossier_id, f.attempt_id, f.amount,
          f.state, f.sends, f.requested_by, f.sent_at, f.ask_at, j.kind,
          j.amount AS paid, j.txn AS paid_txn, a.ref AS attempt, a.provider,
          a.terminal, a.created_at, a.amount AS ordered,
          coalesce(o.login, '') AS officer, clock_timestamp() AS now;

-- name: payment_rest
-- Left in peace for a second, then for two, and so on up to five minutes; an
-- answer ends it.  Nothing is written while all is well.
-- $1 provider  $2 did it answer?
INSERT INTO provider_rest AS p (provider, failures, open_until)
SELECT $1, 1, clock_timestamp() + interval '1 s'
 WHERE NOT $2::boolean OR EXISTS (SELECT FROM provider_rest
                                   WHERE provider = $1 AND failures > 0)
ON CONFLICT (provider) DO UPDATE
SET failures = CASE WHEN $2 THEN 0 ELSE least(p.failures + 1, 20) END,
    open_until = CASE WHEN $2 THEN NULL ELSE clock_timestamp() +
        interval '1 s' * least(300, 2 ^ least(p.failures, 9)) END;
