-- Every statement that calendar.c runs.  Days travel as days since 1970.

-- name: calendar_head
-- $1 tenant  $2 calendar
SELECT version,
       first_day - date '1970-01-01' AS first_day,
       last_day - date '1970-01-01' AS last_day
  FROM calendar
 WHERE tenant_id = $1 AND id = $2;

-- name: calendar_hours
-- $1 tenant  $2 calendar
SELECT valid_from - date '1970-01-01' AS from_day, weekday, opens, closes
  FROM calendar_hours
 WHERE tenant_id = $1 AND calendar_id = $2
 ORDER BY valid_from, weekday, opens;

-- name: calendar_days
-- A day whose status is unsure does not count until somebody is sure.
-- $1 tenant  $2 calendar
SELECT day - date '1970-01-01' AS day,
       kind = 'make-up' AS works,
       like_weekday
  FROM calendar_day
 WHERE tenant_id = $1 AND calendar_id = $2 AND status <> 'unsure'
 ORDER BY day;
