-- Every statement that auth.c and the session handlers run.

-- name: auth_client
-- Who holds this bearer key?  Two may be live while one is rotated.
-- $1 sha256 of the key
SELECT k.tenant_id, c.id, array_to_string(c.rights, ' ') AS rights,
       clock_timestamp() AS now
  FROM client_key k
  JOIN client c ON c.tenant_id = k.tenant_id AND c.id = k.client_id
  JOIN principal p ON p.tenant_id = c.tenant_id AND p.id = c.id
 WHERE k.sha256 = $1
   AND k.not_before <= now()
   AND (k.not_after IS NULL OR k.not_after > now())
   AND p.active;

-- name: auth_session
-- $1 sha256 of the token  $2 seconds of idling that end a session
SELECT s.tenant_id, o.id, array_to_string(o.rights, ' ') AS rights,
       s.seen_at < now() - interval '1 minute' AS stale,
       clock_timestamp() AS now
  FROM session s
  JOIN officer o ON o.tenant_id = s.tenant_id AND o.id = s.officer_id
  JOIN principal p ON p.tenant_id = o.tenant_id AND p.id = o.id
 WHERE s.token_sha256 = $1
   AND s.ends_at > now()
   AND s.seen_at > now() - make_interval(secs => $2::int)
   AND p.active;

-- name: auth_session_seen
-- $1 sha256 of the token
UPDATE session SET seen_at = now() WHERE token_sha256 = $1;

-- name: auth_officer
-- $1 login
SELECT o.tenant_id, o.id, array_to_string(o.rights, ' ') AS rights
  FROM officer o
  JOIN principal p ON p.tenant_id = o.tenant_id AND p.id = o.id
 WHERE o.login = $1 AND p.active;

-- name: auth_link
-- An applicant's link names the dossier; the key was checked before.
-- $1 code
SELECT tenant_id, clock_timestamp() AS now FROM dossier WHERE code = $1;

-- name: session_officer
-- $1 login
SELECT o.tenant_id, o.id, o.password, p.name, u.code AS unit_code,
       array_to_string(o.rights, ' ') AS rights
  FROM officer o
  JOIN principal p ON p.tenant_id = o.tenant_id AND p.id = o.id
  JOIN unit u ON u.tenant_id = o.tenant_id AND u.id = o.unit_id
 WHERE o.login = $1 AND p.active;

-- name: session_open
-- $1 sha256 of the token  $2 tenant  $3 officer  $4 seconds it may live
INSERT INTO session (token_sha256, tenant_id, officer_id, created_at, seen_at,
                     ends_at)
VALUES ($1, $2, $3, now(), now(), now() + make_interval(secs => $4::int))
RETURNING ends_at;

-- name: session_close
-- $1 sha256 of the token
DELETE FROM session WHERE token_sha256 = $1;
