-- Every statement that trust_store.c and import_trust.c run.

-- name: trust_rows
-- What every verdict may rest on, beside the configuration's files: anchors
-- within their validity, and what was fetched and is good.
SELECT purpose AS kind, source AS name, bytes
  FROM trust_anchor
 WHERE valid_from <= now() AND coalesce(valid_until > now(), true)
UNION ALL
SELECT kind, url, bytes
  FROM fetched
 WHERE kind IN ('crl', 'issuer') AND bytes IS NOT NULL
   AND coalesce(until_at > now(), true)
 ORDER BY 1, 2, 3;

-- name: trust_version
-- Another word when trust_rows has others.
SELECT md5(coalesce((SELECT string_agg(purpose || encode(sha256, 'hex'), ' '
                                       ORDER BY purpose, sha256)
                       FROM trust_anchor
                      WHERE valid_from <= now()
                        AND coalesce(valid_until > now(), true)), '')
        || coalesce((SELECT string_agg(kind || url || fetched_at, ' '
                                       ORDER BY kind, url)
                       FROM fetched
                      WHERE kind IN ('crl', 'issuer') AND bytes IS NOT NULL
                        AND coalesce(until_at > now(), true)), '')) AS version;

-- name: import_trust_anchor
-- $1 SHA-256  $2 purpose  $3 bytes  $4 from  $5 until  $6 source
INSERT INTO trust_anchor (sha256, purpose, bytes, valid_from, valid_until,
                          source)
VALUES ($1, $2, $3, coalesce($4::timestamptz, '-infinity'), $5, $6)
    ON CONFLICT (sha256, purpose) DO UPDATE
   SET valid_from = excluded.valid_from, valid_until = excluded.valid_until,
       source = excluded.source;
