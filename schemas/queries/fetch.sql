-- Every statement that fetch.c runs.

-- name: fetch_find
-- Is it at hand and good, or is whoever has it to be left alone?
-- $1 kind  $2 url  $3 subject  $4 host
SELECT CASE WHEN coalesce(f.until_at, f.fetched_at + interval '1 day') > now()
            THEN f.bytes END AS bytes,
       coalesce(f.retry_at > now(), false)
       OR coalesce(h.retry_at > now(), false) AS resting
  FROM (VALUES (1)) AS one (n)
  LEFT JOIN fetched f ON f.kind = $1 AND f.url = $2 AND f.subject = $3
  LEFT JOIN fetch_host h ON h.host = $4;

-- name: fetch_keep
-- $1 kind  $2 url  $3 subject  $4 host  $5 bytes  $6 from  $7 until
-- $8 per cent of its life after which it is renewed; null: never
WITH woken AS (DELETE FROM fetch_host WHERE host = $4)
INSERT INTO fetched AS f (kind, url, subject, host, bytes, from_at, until_at,
                          first_at, fetched_at, renew_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now(),
        CASE WHEN $8::bigint IS NOT NULL THEN
          greatest(now() + interval '1 second', $6::timestamptz
            + (coalesce($7::timestamptz, $6::timestamptz + interval '1 day')
               - $6::timestamptz) * ($8::bigint / 100.0)::double precision) END)
    ON CONFLICT (kind, url, subject) DO UPDATE
   SET bytes = excluded.bytes, from_at = excluded.from_at,
       until_at = excluded.until_at, fetched_at = excluded.fetched_at,
       renew_at = excluded.renew_at, retry_at = NULL, why = '';

-- name: fetch_fail
-- What failed by itself waits five minutes; a host that did not answer waits
-- from half a minute, doubling up to an hour.
-- $1 kind  $2 url  $3 subject  $4 host  $5 why  $6 the host's fault
-- $7 to be tried again by the ticker
WITH rest AS (
	INSERT INTO fetch_host AS h (host, failures, retry_at)
	SELECT $4, 1, now() + interval '30 seconds' WHERE $6::boolean
	    ON CONFLICT (host) DO UPDATE
	   SET failures = least(h.failures + 1, 10),
	       retry_at = now() + least(interval '1 hour',
	           interval '30 seconds' * power(2, least(h.failures, 10)))
)
INSERT INTO fetched AS f (kind, url, subject, host, first_at, renew_at,
                          retry_at, why)
VALUES ($1, $2, $3, $4, now(), CASE WHEN $7::boolean THEN now() END,
        CASE WHEN NOT $6::boolean THEN now() + interval '5 minutes' END,
        left($5, 500))
    ON CONFLICT (kind, url, subject) DO UPDATE
   SET renew_at = excluded.renew_at, retry_at = excluded.retry_at,
       why = excluded.why;

-- name: fetch_due
-- Takes the CRL that has waited longest for its renewal; who dies over it
-- loses it after two minutes.  What never came is given up after a day.
UPDATE fetched f
   SET renew_at = now() + interval '2 minutes'
  FROM (SELECT d.kind, d.url, d.subject
          FROM fetched d
          LEFT JOIN fetch_host h ON h.host = d.host
         WHERE d.kind = 'crl' AND d.renew_at <= now()
           AND coalesce(d.retry_at <= now(), true)
           AND coalesce(h.retry_at <= now(), true)
           AND (d.bytes IS NOT NULL OR d.first_at > now() - interval '1 day')
         ORDER BY d.renew_at
         LIMIT 1
           FOR UPDATE OF d SKIP LOCKED) due
 WHERE f.kind = due.kind AND f.url = due.url AND f.subject = due.subject
RETURNING f.url;

-- name: fetch_stale
SELECT count(*) AS stale, coalesce(min(url), '') AS url
  FROM fetched
 WHERE kind = 'crl' AND bytes IS NOT NULL AND until_at <= now();
