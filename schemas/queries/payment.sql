-- Every statement that payment*.c runs.

-- name: payment_supersede
-- A request that was never paid gives way to a new one, or ends with its
-- dossier.
-- $1 tenant  $2 dossiers  $3 now
UPDATE payment_request
   SET superseded_at = $3
 WHERE tenant_id = $1 AND dossier_id = ANY ($2::bigint[])
   AND paid_at IS NULL AND superseded_at IS NULL
RETURNING id;

-- name: payment_parts
-- Transfers that wait in suspense for the rest of a fee that was given up.
-- $1 tenant  $2 dossiers  $3 underpaid  $4 in review
SELECT a.id, a.ref, a.provider, a.state, r.dossier_id, t.received
  FROM payment_request r
  JOIN payment_attempt a ON a.tenant_id = r.tenant_id AND a.request_id = r.id
 CROSS JOIN LATERAL transfers_received(a.tenant_id, a.id) AS t (received)
 WHERE r.tenant_id = $1 AND r.dossier_id = ANY ($2::bigint[])
   AND r.superseded_at IS NOT NULL AND a.provider IN ('vietqr', 'payos')
   AND a.state IN ($3::bigint, $4::bigint) AND t.received > 0
 ORDER BY a.id;

-- name: payment_open
-- What the dossier owes by its tariff, less its reliefs; no row: nothing.
-- $1 tenant  $2 dossier  $3 procedure  $4 phase  $5 now
WITH owed AS (
	SELECT sum(amount)::bigint AS amount FROM tariff_lines($1, $2)
), request AS (
	INSERT INTO payment_request (tenant_id, dossier_id, procedure_id,
	                             phase, amount, asked_at, tariff_id)
	SELECT $1, $2, $3, $4, amount, $5, tariff_of($1, $2)
	  FROM owed WHERE amount > 0
	RETURNING id, amount
), line AS (
	INSERT INTO payment_line (tenant_id, request_id, position, code, kind,
	                          title, amount, full_amount, relief)
	SELECT $1, r.id, f.position, f.code, f.kind, f.title, f.amount,
	       f.full_amount, f.relief
	  FROM request r, tariff_lines($1, $2) f
)
SELECT id, amount FROM request;

-- name: payment_owed
-- The open request of a dossier, and what would be asked for now.
-- $1 tenant  $2 dossier
SELECT id, amount,
       (SELECT coalesce(sum(f.amount), 0)::bigint
          FROM tariff_lines($1, $2) f) AS fresh
  FROM payment_request
 WHERE tenant_id = $1 AND dossier_id = $2
   AND paid_at IS NULL AND superseded_at IS NULL;

-- name: payment_begin
-- A new attempt.  $1 tenant  $2 request  $3 reference  $4 provider
-- $5 terminal  $6 amount  $7 state  $8 now  $9 end  $10 when to ask
INSERT INTO payment_attempt (tenant_id, request_id, ref, provider, terminal,
                             amount, state, created_at, expires_at, moved_at,
                             ask_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::smallint, $8, $9, $8, $10);

-- name: payment_last
-- What the payer is asked for, or has last been: the one request that holds.
-- $1 tenant  $2 dossier
SELECT id, amount, paid_at
  FROM payment_request
 WHERE tenant_id = $1 AND dossier_id = $2 AND superseded_at IS NULL
 ORDER BY id DESC
 LIMIT 1;

-- name: payment_hurry
-- The payer is back and the provider has not called: it is asked now, once.
-- $1 tenant  $2 reference  $3 states that are asked about
UPDATE payment_attempt
   SET ask_at = now()
 WHERE tenant_id = $1 AND ref = $2 AND state = ANY ($3::bigint[])
   AND asks = 0 AND ask_at > now();

-- name: payment_resume
-- The attempt by transfer that is still open: its code stays the same, however
-- often its QR is asked for.
-- $1 tenant  $2 request  $3 provider  $4 terminal  $5 and $6 open states
-- $7 new end
UPDATE payment_attempt a
   SET expires_at = greatest(a.expires_at, $7::timestamptz)
  FROM (SELECT id
          FROM payment_attempt
         WHERE tenant_id = $1 AND request_id = $2 AND provider = $3
           AND terminal = $4 AND state IN ($5::bigint, $6::bigint)
         ORDER BY id DESC
         LIMIT 1) o
 WHERE a.tenant_id = $1 AND a.id = o.id
RETURNING a.ref, a.created_at, a.expires_at, a.amount,
          transfers_received(a.tenant_id, a.id) AS received;

-- name: payment_requests
-- All that a dossier was asked to pay.
-- $1 tenant  $2 dossier
SELECT id, phase, amount, asked_at, superseded_at, paid_at
  FROM payment_request
 WHERE tenant_id = $1 AND dossier_id = $2
 ORDER BY id;

-- name: payment_lines
-- $1 tenant  $2 dossier
SELECT l.request_id, l.code, l.kind, l.title, l.amount,
       coalesce(l.full_amount, l.amount) AS full_amount, l.relief
  FROM payment_line l
  JOIN payment_request r ON r.tenant_id = l.tenant_id AND r.id = l.request_id
 WHERE r.tenant_id = $1 AND r.dossier_id = $2
 ORDER BY l.request_id, l.position, l.code;

-- name: payment_attempts
-- $1 tenant  $2 dossier
SELECT a.request_id, a.ref, a.provider, a.state, a.amount, a.created_at,
       a.expires_at, a.moved_at, d.code AS dossier,
       CASE WHEN v.attempt_id IS NOT NULL THEN 'kept'
            WHEN w.run_at IS NOT NULL THEN 'pending'
            WHEN w.attempt_id IS NOT NULL THEN 'unavailable'
            ELSE '' END AS voucher,
       encode(v.sha256, 'hex') AS voucher_sha256
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
  LEFT JOIN payment_voucher v ON v.tenant_id = a.tenant_id
       AND v.attempt_id = a.id
  LEFT JOIN payment_voucher_work w ON w.tenant_id = a.tenant_id
       AND w.attempt_id = a.id
 WHERE r.tenant_id = $1 AND r.dossier_id = $2
 ORDER BY a.id;

-- name: payment_shown
-- One attempt, for the page to which its payer comes back.
-- $1 tenant  $2 reference
SELECT a.state, a.amount, a.provider, d.code
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
 WHERE a.tenant_id = $1 AND a.ref = $2;

-- name: payment_lock
-- The requests behind these references, locked in one order for everybody.
-- A request's row is the lock of all its attempts.
-- $1 tenant  $2 references
SELECT r.id
  FROM payment_request r
 WHERE r.tenant_id = $1
   AND r.id IN (SELECT a.request_id
                  FROM payment_attempt a
                 WHERE a.tenant_id = $1 AND a.ref = ANY ($2::text[]))
 ORDER BY r.id
   FOR NO KEY UPDATE OF r;

-- name: payment_load
-- All attempts of locked requests, in byte order of their references.
-- $1 tenant  $2 requests
SELECT a.id, a.request_id, a.ref, a.provider, a.terminal, a.amount, a.state,
       a.expires_at, coalesce(a.txn, '') AS txn, r.dossier_id,
       CASE WHEN a.provider IN ('vietqr', 'payos')
            THEN transfers_received(a.tenant_id, a.id) ELSE 0 END AS received,
       r.paid_at IS NULL AND r.superseded_at IS NULL AS owed
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
 WHERE a.tenant_id = $1 AND a.request_id = ANY ($2::bigint[])
 ORDER BY a.ref COLLATE "C";

-- name: payment_marked
-- The attempts whose references go on, after their R, as the marks say; a
-- batch may bring one mark several times.
-- $1 provider  $2 marks of 11 hex digits or more
SELECT DISTINCT m.mark, a.ref
  FROM unnest($2::text[]) AS m (mark)
  JOIN payment_attempt a ON a.provider = $1
       AND left(split_part(a.ref, 'R', 2), 11) = left(m.mark, 11)
       AND starts_with(split_part(a.ref, 'R', 2), m.mark);

-- name: payment_doubted
-- What we keep of an attempt that a notice is about, and whether its provider
-- is at rest.
-- $1 tenant  $2 reference  $3 provider
SELECT a.amount, a.created_at, a.expires_at, a.state, a.txn, d.code,
       now() AS now,
       EXISTS (SELECT FROM provider_rest p
                WHERE p.provider = a.provider
                  AND p.open_until > clock_timestamp()) AS rests
  FROM payment_attempt a
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
 WHERE a.tenant_id = $1 AND a.ref = $2 AND a.provider = $3;

-- name: payment_payee
-- Whose account a dossier's fee goes to, and what a bill says of it.  No row:
-- its unit has none.
-- $1 tenant  $2 dossier
SELECT u.code AS unit_code, u.name AS unit_name, p.code AS procedure_code,
       p.name AS procedure_name, d.applicant ->> 'name' AS payer_name,
       d.applicant ->> 'id' AS payer_id, c.bank, c.number, c.holder
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN collecting_account c ON c.tenant_id = d.tenant_id
       AND c.unit_id = d.unit_id
 WHERE d.tenant_id = $1 AND d.id = $2;

-- name: payment_repeats
-- Which of these words told of money, were booked, and are answered as known.
-- $1 hashes  $2 providers  $3 tenants
SELECT h.n
  FROM unnest($1::bytea[], $2::text[], $3::bigint[])
       WITH ORDINALITY AS h (sha256, provider, tenant_id, n)
  JOIN provider_event v ON v.sha256 = h.sha256 AND v.provider = h.provider
       AND v.tenant_id = h.tenant_id
 WHERE v.outcome = 'paid' AND v.answer IN ('done', 'already')
   AND v.attempt_id IS NOT NULL;

-- name: payment_hear
-- Keeps what was said; word for word the same is kept once.
-- $1 tenants  $2 providers  $3 ways  $4 references  $5 attempts (0: none)
-- $6 outcomes  $7 amounts (-1: unreadable)  $8 transactions  $9 codes
-- $10 answers  $11 bytes  $12 now
INSERT INTO provider_event (tenant_id, provider, via, ref, attempt_id, outcome,
                            amount, txn, code, answer, received_at, raw)
SELECT n.tenant_id, n.provider, n.via, n.ref, nullif(n.attempt_id, 0),
       n.outcome, nullif(n.amount, -1), n.txn, n.code, n.answer, $12, n.raw
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[],
              $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[],
              $11::bytea[])
       AS n (tenant_id, provider, via, ref, attempt_id, outcome, amount, txn,
             code, answer, raw)
ON CONFLICT (sha256, provider, tenant_id) DO NOTHING;

-- name: payment_move
-- The only UPDATE of payment_attempt.state, for a set.  A row that is not
-- touched: someone else was first.
-- $1 tenant  $2 ids  $3 states we believe in  $4 states they go to
-- $5 codes and $6 transactions (null: unchanged)  $7 0: the sweep is done with it
-- $8 now
UPDATE payment_attempt a
   SET state = m.next::smallint,
       code = coalesce(m.code, a.code),
       txn = coalesce(m.txn, a.txn),
       moved_at = $8::timestamptz,
       ask_at = CASE WHEN m.asked = 0 THEN NULL
                     ELSE coalesce(a.ask_at, $8::timestamptz + interval '1 minute') END
  FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[],
              $6::text[], $7::bigint[])
       AS m (id, state, next, code, txn, asked)
 WHERE a.tenant_id = $1 AND a.id = m.id AND a.state = m.state;

-- name: payment_settle
-- Each request is paid by one attempt, once.
-- $1 tenant  $2 requests  $3 attempts  $4 now
UPDATE payment_request r
   SET paid_attempt_id = p.attempt_id, paid_at = $4
  FROM unnest($2::bigint[], $3::bigint[]) AS p (id, attempt_id)
 WHERE r.tenant_id = $1 AND r.id = p.id
   AND r.paid_at IS NULL AND r.superseded_at IS NULL;

-- name: payment_sweep_claim
-- Attempts that it is time to ask about, as many as one turn may take.  The
-- claim itself sets the next time, and so is the lease: a gateway that dies
-- while asking costs each of them one question.  When the list of pauses is
-- used up, once an hour.  A provider at rest is not asked, and the counter
-- never: officers say what they took.  now() rather than the volatile
-- clock_timestamp(), so that what is not due yet is not even read.
-- $1 seconds between two questions
UPDATE payment_attempt a
   SET asks = a.asks + 1,
       ask_at = now() + interval '1 s' *
                coalesce(($1::bigint[])[a.asks + 2], 3600)
  FROM (SELECT q.tenant_id, q.id, q.ask_at AS due_at
          FROM payment_attempt q
         WHERE q.ask_at <= now() AND q.provider <> 'counter'
           AND NOT EXISTS (SELECT FROM provider_rest p
                            WHERE p.provider = q.provider
                              AND p.open_until > now())
         ORDER BY q.ask_at
         LIMIT 100
           FOR NO KEY UPDATE SKIP LOCKED) due
 WHERE a.tenant_id = due.tenant_id AND a.id = due.id
RETURNING a.tenant_id, a.id, a.asks, due.due_at, a.ref, a.provider, a.terminal,
          a.amount, a.created_at, a.expires_at, now() AS now;

-- name: payment_sweep_return
-- Claimed and not asked about: due as before, unless somebody has claimed or
-- settled it since.  Who holds one just now settles it; nobody is waited for.
-- $1 tenants  $2 attempts  $3 asks as claimed  $4 when they were due
UPDATE payment_attempt a
   SET asks = a.asks - 1, ask_at = b.due_at
  FROM (SELECT q.tenant_id, q.id, n.due_at
          FROM unnest($1::bigint[], $2::bigint[], $3::bigint[],
                      $4::timestamptz[]) AS n (tenant_id, id, asks, due_at)
          JOIN payment_attempt q ON q.tenant_id = n.tenant_id AND q.id = n.id
         WHERE q.asks = n.asks AND q.ask_at IS NOT NULL
           FOR NO KEY UPDATE OF q SKIP LOCKED) b
 WHERE a.tenant_id = b.tenant_id AND a.id = b.id;

-- name: payment_ask_again
-- What contradicts an end is asked about once more.
-- $1 tenant  $2 attempts  $3 now
UPDATE payment_attempt
   SET ask_at = $3
 WHERE tenant_id = $1 AND id = ANY ($2::bigint[]) AND ask_at IS NULL;

-- name: payment_ask_done
-- They have answered, and nothing moved.
-- $1 tenants  $2 attempts  $3 states about which nothing is asked
UPDATE payment_attempt a
   SET ask_at = NULL
  FROM (SELECT q.tenant_id, q.id
          FROM unnest($1::bigint[], $2::bigint[]) AS n (tenant_id, id)
          JOIN payment_attempt q ON q.tenant_id = n.tenant_id AND q.id = n.id
         WHERE q.state = ANY ($3::bigint[]) AND q.ask_at IS NOT NULL
           FOR NO KEY UPDATE OF q SKIP LOCKED) b
 WHERE a.tenant_id = b.tenant_id AND a.id = b.id;

-- name: payment_clash
-- Of the attempts that share a transaction with another, those whose record
-- does not say so yet.
-- $1 tenants  $2 attempts  $3 transactions
SELECT DISTINCT n.tenant_id, n.attempt_id, n.txn, a.ref, a.provider,
       r.dossier_id
  FROM unnest($1::bigint[], $2::bigint[], $3::text[])
       AS n (tenant_id, attempt_id, txn)
  JOIN payment_attempt a ON a.tenant_id = n.tenant_id AND a.id = n.attempt_id
  JOIN payment_request r ON r.tenant_id = a.tenant_id AND r.id = a.request_id
 WHERE NOT EXISTS (SELECT FROM event v
                    WHERE v.tenant_id = n.tenant_id
                      AND v.dossier_id = r.dossier_id
                      AND v.kind = 'payment-review'
                      AND v.data::jsonb ->> 'attempt' = a.ref
                      AND v.data::jsonb ->> 'txn' = n.txn);

-- name: payment_park
-- Money for no order of ours; the same money is parked once.
-- $1 tenants (0: nobody's)  $2 providers  $3 terminals  $4 references
-- $5 transactions  $6 amounts  $7 now
INSERT INTO stray_money (tenant_id, provider, terminal, ref, txn, amount,
                         heard_at)
SELECT coalesce(t.id, 0), n.provider, n.terminal, n.ref, n.txn, n.amount, $7
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
              $6::bigint[])
       AS n (tenant_id, provider, terminal, ref, txn, amount)
  LEFT JOIN tenant t ON t.id = n.tenant_id
ON CONFLICT (txn, provider) DO NOTHING;
