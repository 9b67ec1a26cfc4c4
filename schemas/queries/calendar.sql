-- Every statement that calendar_load.c runs.  Days travel as days since 1970.

-- name: calendar_heads
-- Known as far as its own days off are, and those of each base that it shares
-- until then.
-- $1 tenant  $2 calendars
SELECT c.id, c.version, c.first_day - date '1970-01-01' AS first_day,
       least(c.last_day,
             (SELECT min(b.last_day)
                FROM (SELECT s.base_id, lead(s.valid_from)
                             OVER (ORDER BY s.valid_from) AS until
                        FROM calendar_base s
                       WHERE s.tenant_id = c.tenant_id
                         AND s.calendar_id = c.id) x
                JOIN calendar b ON b.tenant_id = c.tenant_id
                     AND b.id = x.base_id
               WHERE x.until IS NULL OR b.last_day < x.until - 1))
       - date '1970-01-01' AS last_day
  FROM calendar c
 WHERE c.tenant_id = $1 AND c.id = ANY ($2::bigint[]);

-- name: calendar_bases
-- $1 tenant  $2 calendar
SELECT valid_from - date '1970-01-01' AS from_day, base_id
  FROM calendar_base
 WHERE tenant_id = $1 AND calendar_id = $2
 ORDER BY valid_from;

-- name: calendar_hours
-- $1 tenant  $2 calendar
SELECT valid_from - date '1970-01-01' AS from_day, weekday, opens, closes
  FROM calendar_hours
 WHERE tenant_id = $1 AND calendar_id = $2
 ORDER BY valid_from, weekday, opens;

-- name: calendar_days
-- A row for each span of a day, or one without.  A day whose status is unsure
-- does not count until somebody is sure.
-- $1 tenant  $2 calendar
SELECT d.day - date '1970-01-01' AS day, d.kind = 'make-up' AS works,
       d.like_weekday, s.opens, s.closes
  FROM calendar_day d
  LEFT JOIN calendar_day_span s ON s.tenant_id = d.tenant_id
       AND s.calendar_id = d.calendar_id AND s.day = d.day
 WHERE d.tenant_id = $1 AND d.calendar_id = $2 AND d.status <> 'unsure'
 ORDER BY d.day, s.opens;
