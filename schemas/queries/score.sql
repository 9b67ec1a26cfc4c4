-- The formulas of score_formula.def and what score.c needs around them.
--
-- A formula lists cases: grp, subject, good; sorted by grp.  $1 tenant,
-- $2 from, $3 to, $4 unit code or ''.

-- name: score_criteria
-- The version of the set that held at the period's end.
-- $1 tenant  $2 set  $3 the period's end
SELECT s.version, s.title AS set_title, s.title_en AS set_title_en, s.basis,
       c.code, c.formula,
       c.title, c.title_en, coalesce(c.target_num, 0) AS target_num,
       coalesce(c.target_den, 0) AS target_den, now() AS now
  FROM score_set s
  JOIN criterion c ON c.tenant_id = s.tenant_id AND c.set_code = s.code
       AND c.set_version = s.version
 WHERE s.tenant_id = $1 AND s.code = $2
   AND s.version = (SELECT max(v.version) FROM score_set v
                     WHERE v.tenant_id = $1 AND v.code = $2
                       AND v.valid_from < $3::timestamptz)
 ORDER BY c.position;

-- name: score_on_time
-- The national rule (Decision 766, indicator 2.1), by field.
SELECT field AS grp, subject, nationally AS good
  FROM on_time_cases($1, $2, $3, $4)
 ORDER BY 1, 2;

-- name: score_on_time_by_date
-- The day of the end against the day it was due, of what is decided.
SELECT field AS grp, subject, by_date AS good
  FROM on_time_cases($1, $2, $3, $4)
 WHERE by_date IS NOT NULL
 ORDER BY 1, 2;

-- name: score_on_time_units
SELECT unit AS grp, subject, nationally AS good
  FROM on_time_cases($1, $2, $3, $4)
 ORDER BY 1, 2;

-- name: score_on_time_units_by_date
SELECT unit AS grp, subject, by_date AS good
  FROM on_time_cases($1, $2, $3, $4)
 WHERE by_date IS NOT NULL
 ORDER BY 1, 2;

-- name: score_complaint
-- Complaints have a clock of their own and never count with procedures.
SELECT ''::text AS grp, d.code AS subject,
       CASE WHEN d.due_at IS NULL THEN true
            ELSE coalesce(d.ended_at, least(now(), $3)) <= d.due_at
       END AS good
  FROM dossier d
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
 WHERE d.tenant_id = $1 AND p.kind IN ('complaint', 'denunciation')
   AND d.accepted_at < $3::timestamptz
   AND (d.ended_at IS NULL OR d.ended_at >= $2::timestamptz)
   AND ($4::text = '' OR u.code = $4)
 ORDER BY 2;

-- name: score_satisfaction
SELECT p.field_name AS grp, d.code AS subject, r.stars >= 4 AS good
  FROM rating r
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
 WHERE r.tenant_id = $1
   AND r.at >= $2::timestamptz AND r.at < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
 ORDER BY 1, 2;

-- name: score_feedback
-- What was returned was answered by that.
SELECT ''::text AS grp, f.code AS subject,
       f.returned_at IS NOT NULL
       OR f.handled_at IS NOT NULL AND f.answered_at IS NOT NULL
          AND f.published_at IS NOT NULL AS good
  FROM feedback f
  LEFT JOIN unit u ON u.tenant_id = f.tenant_id AND u.id = f.unit_id
 WHERE f.tenant_id = $1
   AND f.received_at >= $2::timestamptz AND f.received_at < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
 ORDER BY 2;

-- name: score_signature
-- Officers who handled dossiers: does a proved signature of each stand in the
-- record of the period?
SELECT ''::text AS grp, o.login AS subject,
       EXISTS (SELECT 1 FROM document r
                WHERE r.tenant_id = o.tenant_id AND r.added_by = o.id
                  AND r.role = 'result' AND r.indication = 'TOTAL-PASSED'
                  AND r.added_at >= $2 AND r.added_at < $3) AS good
  FROM officer o
  JOIN unit u ON u.tenant_id = o.tenant_id AND u.id = o.unit_id
 WHERE o.tenant_id = $1
   AND ($4::text = '' OR u.code = $4)
   AND EXISTS (SELECT 1 FROM event e
                WHERE e.tenant_id = o.tenant_id AND e.actor = o.id
                  AND e.kind IN ('accept', 'refuse', 'assign', 'resolve',
                                 'request-supplement', 'return', 'stop')
                  AND e.at >= $2::timestamptz AND e.at < $3::timestamptz)
 ORDER BY 2;

-- name: score_mail
-- Officers who handle dossiers, at the period's end.
SELECT ''::text AS grp, o.login AS subject,
       lower(split_part(o.email, '@', 2)) = ANY (u.mail_domains) AS good
  FROM officer o
  JOIN principal p ON p.tenant_id = o.tenant_id AND p.id = o.id
  JOIN unit u ON u.tenant_id = o.tenant_id AND u.id = o.unit_id
 WHERE o.tenant_id = $1 AND p.active AND 'dossier-act' = ANY (o.rights)
   AND $2::timestamptz < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
 ORDER BY 2;

-- name: score_service_level
SELECT DISTINCT ON (p.code) ''::text AS grp, p.code AS subject,
       p.service_level IN ('full', 'partial') AS good
  FROM procedure p
 WHERE p.tenant_id = $1 AND p.kind = 'tthc'
   AND p.valid_from < $3::timestamptz
   AND (p.valid_to IS NULL OR p.valid_to > $2::timestamptz)
   AND $4::text IS NOT NULL
 ORDER BY p.code, p.version DESC;

-- name: score_online
SELECT p.field_name AS grp, d.code AS subject, d.channel = 'online' AS good
  FROM dossier d
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
 WHERE d.tenant_id = $1
   AND d.received_at >= $2::timestamptz AND d.received_at < $3::timestamptz
   AND ($4::text = '' OR u.code = $4)
 ORDER BY 1, 2;

-- name: score_tenants
-- $1 tenant code, or '' for all
SELECT id, code, name, now() AS now FROM tenant
 WHERE $1::text = '' OR code = $1
 ORDER BY code;

-- name: rating_add
-- No row: this dossier has its rating already.
-- $1 tenant  $2 dossier  $3 stars  $4 comment  $5 now
INSERT INTO rating (tenant_id, dossier_id, stars, comment, at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

-- name: score_set_add
-- No row: this version is there and stays as it is.
-- $1 tenant  $2 code  $3 version  $4 title  $5 English  $6 basis  $7 from
INSERT INTO score_set (tenant_id, code, version, title, title_en, basis,
                       valid_from)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::date)
ON CONFLICT DO NOTHING;

-- name: criterion_add
-- $1 tenant  $2 set  $3 version  $4 position  $5 code  $6 title  $7 English
-- $8 formula  $9 target  $10 of (0: no target)
INSERT INTO criterion (tenant_id, set_code, set_version, position, code, title,
                       title_en, formula, target_num, target_den)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
        CASE WHEN $10::bigint > 0 THEN $9::bigint END, nullif($10::bigint, 0));

-- name: score_payment
-- Units that asked for a fee in the period: was one paid online?
SELECT ''::text AS grp, u.code AS subject,
       bool_or(a.provider IS NOT NULL) AS good
  FROM payment_request r
  JOIN dossier d ON d.tenant_id = r.tenant_id AND d.id = r.dossier_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  LEFT JOIN payment_attempt a ON a.tenant_id = r.tenant_id
        AND a.id = r.paid_attempt_id
 WHERE r.tenant_id = $1
   AND r.asked_at < $3::timestamptz
   AND (r.paid_at IS NULL OR r.paid_at >= $2::timestamptz)
   AND r.superseded_at IS NULL
   AND ($4::text = '' OR u.code = $4)
 GROUP BY u.code
 ORDER BY 2;
