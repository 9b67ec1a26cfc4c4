-- Every statement that receipt*.c and the receipts' handlers run.

-- name: receipt_issue
-- A number for each request that has just been paid, in the transaction that
-- books it; none where the unit has no book.  Books are taken in one order by
-- everybody.
-- $1 tenant  $2 attempts that paid  $3 now
WITH due AS (
	SELECT r.id AS request_id, r.dossier_id, r.paid_attempt_id AS attempt_id,
	       r.amount, d.applicant ->> 'name' AS payer, b.id AS book_id,
	       row_number() OVER (PARTITION BY b.id ORDER BY r.id)::integer AS n
	  FROM payment_attempt a
	  JOIN payment_request r ON r.tenant_id = a.tenant_id
	       AND r.id = a.request_id AND r.paid_attempt_id = a.id
	  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
	 CROSS JOIN LATERAL (
		SELECT k.id
		  FROM receipt_book k
		 WHERE k.tenant_id = $1 AND k.unit_id = d.unit_id
		   AND k.valid_from <=
		       ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
		 ORDER BY k.valid_from DESC, k.id DESC
		 LIMIT 1) b
	 WHERE a.tenant_id = $1 AND a.id = ANY ($2::bigint[])
), taken AS MATERIALIZED (
	SELECT c.book_id, t.year, t.first
	  FROM (SELECT book_id, count(*)::integer AS many
	          FROM due GROUP BY book_id ORDER BY book_id) c
	 CROSS JOIN LATERAL receipt_take($1, c.book_id, $3, c.many) t
), fresh AS (
	INSERT INTO receipt (tenant_id, book_id, year, number, kind, request_id,
	                     attempt_id, dossier_id, payer, amount, code,
	                     issued_at, issued_by)
	SELECT $1, d.book_id, t.year, t.first + d.n - 1, 'receipt',
	       d.request_id, d.attempt_id, d.dossier_id, d.payer, d.amount,
	       encode(uuid_send(gen_random_uuid()), 'hex'), $3, 0
	  FROM due d
	  JOIN taken t ON t.book_id = d.book_id
	RETURNING id
)
INSERT INTO receipt_work (tenant_id, receipt_id, run_at)
SELECT $1, id, $3 FROM fresh;

-- name: receipt_correct
-- A document that replaces another or takes it back; once each, by constraint.
-- No row: there is no such receipt, or the book of this year is full.
-- $1 tenant  $2 dossier  $3 receipt  $4 kind  $5 ground  $6 payer, or null for
-- the same  $7 now  $8 by
WITH old AS (
	SELECT r.*
	  FROM receipt r
	 WHERE r.tenant_id = $1 AND r.dossier_id = $2 AND r.id = $3
	   AND r.kind <> 'void'
), fresh AS (
	INSERT INTO receipt (tenant_id, book_id, year, number, kind, corrects_id,
	                     ground, request_id, attempt_id, dossier_id, payer,
	                     amount, code, issued_at, issued_by)
	SELECT $1, o.book_id, t.year, t.first, $4, o.id, $5, o.request_id,
	       o.attempt_id, o.dossier_id, coalesce($6, o.payer), o.amount,
	       encode(uuid_send(gen_random_uuid()), 'hex'), $7, $8
	  FROM old o
	 CROSS JOIN LATERAL receipt_take($1, o.book_id, $7, 1) t
	RETURNING id, number
), work AS (
	INSERT INTO receipt_work (tenant_id, receipt_id, run_at)
	SELECT $1, id, $7 FROM fresh
)
SELECT id, number FROM fresh;

-- name: receipt_of_dossier
-- $1 tenant  $2 dossier
SELECT r.number, r.year, r.kind, r.amount, r.ground, r.issued_at, b.form,
       b.series, b.body, b.tax_code, c.number AS corrects, r.code,
       CASE WHEN n.id IS NOT NULL THEN
            CASE n.kind WHEN 'void' THEN 'void' ELSE 'replaced' END
            WHEN f.receipt_id IS NULL THEN 'pending' ELSE 'issued' END AS state,
       coalesce(encode(f.sha256, 'hex'), '') AS sha256
  FROM receipt r
  JOIN receipt_book b ON b.tenant_id = r.tenant_id AND b.id = r.book_id
  LEFT JOIN receipt c ON c.tenant_id = r.tenant_id AND c.id = r.corrects_id
  LEFT JOIN receipt n ON n.tenant_id = r.tenant_id AND n.corrects_id = r.id
  LEFT JOIN receipt_document f ON f.tenant_id = r.tenant_id
       AND f.receipt_id = r.id
 WHERE r.tenant_id = $1 AND r.dossier_id = $2
 ORDER BY r.id;

-- name: receipt_find
-- By its number; where one dossier has the same number of two years or books,
-- the latest.
-- $1 tenant  $2 dossier  $3 number
SELECT r.id, r.kind, n.id IS NOT NULL AS corrected, f.sha256, k.bytes
  FROM receipt r
  LEFT JOIN receipt n ON n.tenant_id = r.tenant_id AND n.corrects_id = r.id
  LEFT JOIN receipt_document f ON f.tenant_id = r.tenant_id
       AND f.receipt_id = r.id
  LEFT JOIN content k ON k.tenant_id = f.tenant_id AND k.sha256 = f.sha256
 WHERE r.tenant_id = $1 AND r.dossier_id = $2 AND r.number = $3
 ORDER BY r.id DESC
 LIMIT 1;

-- name: receipt_check
-- What anyone who has the code may know.
-- $1 code
SELECT r.number, r.year, r.kind, r.amount, r.issued_at, b.form, b.series,
       b.body, b.tax_code,
       CASE WHEN n.id IS NOT NULL THEN
            CASE n.kind WHEN 'void' THEN 'void' ELSE 'replaced' END
            WHEN f.receipt_id IS NULL THEN 'pending' ELSE 'issued' END AS state,
       coalesce(n.number, 0) AS corrected_by,
       coalesce(encode(f.sha256, 'hex'), '') AS sha256, f.signed_at
  FROM receipt r
  JOIN receipt_book b ON b.tenant_id = r.tenant_id AND b.id = r.book_id
  LEFT JOIN receipt n ON n.tenant_id = r.tenant_id AND n.corrects_id = r.id
  LEFT JOIN receipt_document f ON f.tenant_id = r.tenant_id
       AND f.receipt_id = r.id
 WHERE r.code = $1;

-- name: receipt_work_claim
-- One that is to be signed; the claim's own next time is the lease.
-- $1 lease in ms
WITH due AS MATERIALIZED (
	SELECT tenant_id, receipt_id
	  FROM receipt_work
	 WHERE run_at <= clock_timestamp()
	 ORDER BY run_at
	 LIMIT 1
	   FOR UPDATE SKIP LOCKED
)
UPDATE receipt_work w
   SET run_at = clock_timestamp() + $1::bigint * interval '1 ms'
  FROM due
 WHERE w.tenant_id = due.tenant_id AND w.receipt_id = due.receipt_id
RETURNING w.tenant_id, w.receipt_id, w.failures;

-- name: receipt_paper
-- All that stands on it.
-- $1 tenant  $2 receipt
SELECT r.number, r.year, r.kind, r.ground, r.payer, r.amount, r.code,
       r.issued_at, r.dossier_id, r.request_id, b.body, b.tax_code, b.address,
       b.form, b.series, d.code AS dossier, p.name AS procedure, a.provider,
       coalesce(a.txn, '') AS txn, coalesce(m.method, '') AS method, q.paid_at,
       coalesce(c.number, 0) AS old_number, c.issued_at AS old_issued_at,
       clock_timestamp() AS now
  FROM receipt r
  JOIN receipt_book b ON b.tenant_id = r.tenant_id AND b.id = r.book_id
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN payment_request q ON q.tenant_id = r.tenant_id AND q.id = r.request_id
  JOIN payment_attempt a ON a.tenant_id = r.tenant_id AND a.id = r.attempt_id
  LEFT JOIN counter_collection m ON m.tenant_id = a.tenant_id
       AND m.attempt_id = a.id
  LEFT JOIN receipt c ON c.tenant_id = r.tenant_id AND c.id = r.corrects_id
 WHERE r.tenant_id = $1 AND r.id = $2;

-- name: receipt_lines
-- $1 tenant  $2 request
SELECT title, amount
  FROM payment_line
 WHERE tenant_id = $1 AND request_id = $2
 ORDER BY position, code;

-- name: receipt_work_done
-- Whoever deletes the row is the one who keeps the document.
-- $1 tenant  $2 receipt
DELETE FROM receipt_work WHERE tenant_id = $1 AND receipt_id = $2;

-- name: receipt_keep
-- $1 tenant  $2 receipt  $3 sha256  $4 now
INSERT INTO receipt_document (tenant_id, receipt_id, sha256, signed_at)
VALUES ($1, $2, $3, $4);

-- name: receipt_work_failed
-- Twice as long each time, up to ten minutes.
-- $1 tenant  $2 receipt
UPDATE receipt_work
   SET failures = failures + 1,
       run_at = clock_timestamp() +
                interval '1 s' * least(600, 2 ^ least(failures, 10))
 WHERE tenant_id = $1 AND receipt_id = $2;

-- name: receipt_late
-- Receipts that have failed and whose day is nearly over, or is; each once.
-- $1 now  $2 the hour from which a day is nearly over
UPDATE receipt_work w
   SET alarmed_at = $1
  FROM receipt r
 WHERE r.tenant_id = w.tenant_id AND r.id = w.receipt_id
   AND w.failures > 0 AND w.alarmed_at IS NULL
   AND $1::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh' >=
       date_trunc('day', r.issued_at AT TIME ZONE 'Asia/Ho_Chi_Minh') +
       $2::bigint * interval '1 hour'
RETURNING r.tenant_id, r.id, r.dossier_id, r.number, w.failures;

-- name: receipt_waiting
SELECT count(*) AS waiting FROM receipt_work;

-- name: receipt_summary_due
-- A book with receipts that no summary tells of: of a day that is over, or of
-- today once its hour has come; then no two parts within five minutes.
-- $1 now  $2 hour
SELECT m.tenant_id, m.book_id, n.year, n.day::text AS day,
       CASE WHEN n.year = m.year THEN m.last ELSE 0 END AS after,
       m.form, m.series
  FROM (SELECT b.tenant_id, b.id AS book_id, b.form, b.series,
               coalesce(s.year, 0) AS year, coalesce(s.last, 0) AS last,
               s.made_at
          FROM receipt_book b
          LEFT JOIN LATERAL (
		SELECT x.year, x.last, x.made_at
		  FROM receipt_summary x
		 WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id
		 ORDER BY x.year DESC, x.last DESC
		 LIMIT 1) s ON true) m
 CROSS JOIN LATERAL (
	SELECT r.year, (r.issued_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day
	  FROM receipt r
	 WHERE r.tenant_id = m.tenant_id AND r.book_id = m.book_id
	   AND (r.year, r.number) > (m.year, m.last)
	 ORDER BY r.year, r.number
	 LIMIT 1) n
 CROSS JOIN (SELECT $1::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh' AS t) here
 WHERE n.day < here.t::date
    OR extract(hour FROM here.t) >= $2::integer
       AND (m.made_at IS NULL OR m.made_at <= $1 - interval '5 minutes')
 LIMIT 1;

-- name: receipt_summary_rows
-- What that summary tells of, as numbered, up to 5,000.
-- $1 tenant  $2 book  $3 year  $4 after this number  $5 day
SELECT r.id, r.number, r.kind, r.payer, r.amount, b.form, b.series,
       to_char(r.issued_at AT TIME ZONE 'Asia/Ho_Chi_Minh',
               'YYYY-MM-DD"T"HH24:MI:SS"+07:00"') AS issued,
       coalesce(c.number::text, '') AS corrects
  FROM receipt r
  JOIN receipt_book b ON b.tenant_id = r.tenant_id AND b.id = r.book_id
  LEFT JOIN receipt c ON c.tenant_id = r.tenant_id AND c.id = r.corrects_id
 WHERE r.tenant_id = $1 AND r.book_id = $2 AND r.year = $3::smallint
   AND r.number > $4
   AND (r.issued_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= $5::date
 ORDER BY r.number
 LIMIT 5000;

-- name: receipt_summary_add
-- $1 tenant  $2 book  $3 day  $4 sha256  $5 now  $6 year  $7 last number
-- $8 receipts  $9 whether it is to be handed over
WITH fresh AS (
	INSERT INTO receipt_summary (tenant_id, book_id, day, part, sha256,
	                             made_at, year, last)
	SELECT $1, $2, $3::date,
	       1 + (SELECT count(*) FROM receipt_summary s
	             WHERE s.tenant_id = $1 AND s.book_id = $2
	               AND s.day = $3::date),
	       $4, $5, $6::smallint, $7
	RETURNING id, part
), line AS (
	INSERT INTO receipt_summary_line (tenant_id, receipt_id, summary_id)
	SELECT $1, i.id, f.id FROM fresh f, unnest($8::bigint[]) AS i (id)
), work AS (
	INSERT INTO receipt_summary_work (tenant_id, summary_id, run_at)
	SELECT $1, id, $5 FROM fresh WHERE $9::boolean
)
SELECT id, part FROM fresh;

-- name: receipt_summary_claim
-- $1 lease in ms
UPDATE receipt_summary_work w
   SET run_at = clock_timestamp() + $1::bigint * interval '1 ms'
  FROM (SELECT tenant_id, summary_id
          FROM receipt_summary_work
         WHERE run_at <= clock_timestamp()
         ORDER BY run_at
         LIMIT 1
           FOR UPDATE SKIP LOCKED) due
  JOIN receipt_summary s ON s.tenant_id = due.tenant_id
       AND s.id = due.summary_id
  JOIN receipt_book b ON b.tenant_id = s.tenant_id AND b.id = s.book_id
  JOIN content k ON k.tenant_id = s.tenant_id AND k.sha256 = s.sha256
 WHERE w.tenant_id = due.tenant_id AND w.summary_id = due.summary_id
RETURNING w.tenant_id, w.summary_id, s.day::text AS day, s.part, b.form,
          b.series, b.tax_code, encode(s.sha256, 'hex') AS sha256, k.bytes;

-- name: receipt_summary_done
-- $1 tenant  $2 summary
DELETE FROM receipt_summary_work WHERE tenant_id = $1 AND summary_id = $2;

-- name: receipt_summary_failed
-- $1 tenant  $2 summary
UPDATE receipt_summary_work
   SET failures = failures + 1,
       run_at = clock_timestamp() +
                interval '1 s' * least(600, 2 ^ least(failures, 10))
 WHERE tenant_id = $1 AND summary_id = $2;

-- name: receipt_summary_late
-- Not handed over though its day is nearly over, or is; each once.
-- $1 now  $2 hour
UPDATE receipt_summary_work w
   SET alarmed_at = $1
  FROM receipt_summary s
 WHERE s.tenant_id = w.tenant_id AND s.id = w.summary_id
   AND w.failures > 0 AND w.alarmed_at IS NULL
   AND $1::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh' >=
       s.day + $2::bigint * interval '1 hour'
RETURNING s.tenant_id, s.id, s.day::text AS day, s.part, w.failures;

-- name: receipt_summaries
-- $1 tenant  $2 day
SELECT s.id, b.form, b.series, s.part, s.made_at, s.year, s.last,
       encode(s.sha256, 'hex') AS sha256, w.summary_id IS NOT NULL AS waiting,
       (SELECT count(*) FROM receipt_summary_line l
         WHERE l.tenant_id = s.tenant_id AND l.summary_id = s.id) AS receipts,
       k.bytes
  FROM receipt_summary s
  JOIN receipt_book b ON b.tenant_id = s.tenant_id AND b.id = s.book_id
  JOIN content k ON k.tenant_id = s.tenant_id AND k.sha256 = s.sha256
  LEFT JOIN receipt_summary_work w ON w.tenant_id = s.tenant_id
       AND w.summary_id = s.id
 WHERE s.tenant_id = $1 AND s.day = $2::date
 ORDER BY s.book_id, s.part;
