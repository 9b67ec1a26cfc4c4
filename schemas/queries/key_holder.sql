-- Every statement that key_holder.c runs.

-- name: key_holder
-- Who may hold a key under that name, in one tenant or in all, and what is
-- said of it.
-- $1 tenant or 0  $2 unit or body  $3 its code  $4 SHA-256 of the certificate
SELECT w.name,
       EXISTS (SELECT FROM key_certificate c
                WHERE c.tenant_id = w.tenant_id AND c.holder = $2
                  AND c.code = $3) AS told,
       EXISTS (SELECT FROM key_certificate c
                WHERE c.tenant_id = w.tenant_id AND c.holder = $2
                  AND c.code = $3 AND c.sha256 = $4) AS theirs
  FROM (SELECT u.tenant_id, u.name
          FROM unit u
         WHERE $2::text = 'unit' AND u.code = $3::text
        UNION
        SELECT b.tenant_id, b.body
          FROM receipt_book b
         WHERE $2::text = 'body' AND b.tax_code = $3::text) w
 WHERE $1::bigint IN (0, w.tenant_id)
 ORDER BY theirs;
