-- Every statement that cli_migrate.c runs; readyz and doctor ask for the
-- version.

-- name: migrate_lock
-- One migration at a time; given back when the connection ends.
SELECT pg_advisory_lock(hashtext('hosogate migrate')) IS NULL AS locked;

-- name: migrate_begun
-- Has the first one run?
SELECT to_regclass('migration') IS NOT NULL AS begun;

-- name: migrate_applied
SELECT number, name, sha256
  FROM migration
 ORDER BY number;

-- name: migrate_register
-- $1 number  $2 name  $3 sha256
INSERT INTO migration (number, name, sha256)
VALUES ($1, $2, $3);

-- name: schema_version
SELECT coalesce(max(number), 0) AS number
  FROM migration;
