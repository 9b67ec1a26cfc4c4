-- Every statement that dossier.c runs.

-- name: dossier_by_code
-- $1 tenant  $2 code
SELECT d.id, d.code, d.unit_id, d.procedure_id, u.calendar_id, d.state,
       d.version, coalesce(d.client_id, 0) AS client_id,
       coalesce(d.officer_id, 0) AS officer_id, d.supplements, d.received_at,
       d.accepted_at, d.moved_at, d.due_at, d.original_due_at, d.intake_due_at,
       d.ended_at, d.paused_us, p.cutoff, p.intake_hours,
       p.intake_unit, p.limit_amount, p.limit_unit, p.intake_restarts,
       p.near_due_hours, p.apology_hours, p.fee_remind_days,
       (SELECT string_agg(x.after_hours::text, ' ' ORDER BY x.level)
          FROM escalation_of(d.tenant_id, d.procedure_id, d.unit_id) x)
           AS escalate_hours,
       s.began_at AS pause_began_at, coalesce(s.left_us, 0) AS pause_left_us,
       (SELECT count(*) FROM pause n
         WHERE n.tenant_id = d.tenant_id AND n.dossier_id = d.id) AS pauses,
       coalesce(w.seq, 0) AS step_seq, w.code AS step_code,
       (SELECT q.role FROM procedure_step q
         WHERE q.tenant_id = d.tenant_id AND q.procedure_id = d.procedure_id
           AND q.code = w.code) AS step_role,
       w.began_at AS step_began_at, w.due_at AS step_due_at,
       w.paused_at AS step_paused_at, coalesce(w.left_us, 0) AS step_left_us,
       coalesce(w.paused_sec, 0) AS step_paused_sec
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN pause s ON s.tenant_id = d.tenant_id AND s.dossier_id = d.id
        AND s.ended_at IS NULL
  LEFT JOIN dossier_step w ON w.tenant_id = d.tenant_id
        AND w.dossier_id = d.id AND w.ended_at IS NULL
 WHERE d.tenant_id = $1 AND d.code = $2;

-- name: dossier_lock
-- In one order for everybody.  No more than that, for a statement that has
-- waited for a lock sees the row as it is now, and all others as they were.
-- $1 tenant  $2 ids
SELECT id
  FROM dossier
 WHERE tenant_id = $1 AND id = ANY ($2::bigint[])
 ORDER BY id
   FOR NO KEY UPDATE;

-- name: dossier_by_ids
-- $1 tenant  $2 ids
SELECT d.id, d.code, d.unit_id, d.procedure_id, u.calendar_id, d.state,
       d.version, coalesce(d.client_id, 0) AS client_id,
       coalesce(d.officer_id, 0) AS officer_id, d.supplements, d.received_at,
       d.accepted_at, d.moved_at, d.due_at, d.original_due_at, d.intake_due_at,
       d.ended_at, d.paused_us, p.cutoff, p.intake_hours,
       p.intake_unit, p.limit_amount, p.limit_unit, p.intake_restarts,
       p.near_due_hours, p.apology_hours, p.fee_remind_days,
       (SELECT string_agg(x.after_hours::text, ' ' ORDER BY x.level)
          FROM escalation_of(d.tenant_id, d.procedure_id, d.unit_id) x)
           AS escalate_hours,
       s.began_at AS pause_began_at, coalesce(s.left_us, 0) AS pause_left_us,
       (SELECT count(*) FROM pause n
         WHERE n.tenant_id = d.tenant_id AND n.dossier_id = d.id) AS pauses,
       coalesce(w.seq, 0) AS step_seq, w.code AS step_code,
       (SELECT q.role FROM procedure_step q
         WHERE q.tenant_id = d.tenant_id AND q.procedure_id = d.procedure_id
           AND q.code = w.code) AS step_role,
       w.began_at AS step_began_at, w.due_at AS step_due_at,
       w.paused_at AS step_paused_at, coalesce(w.left_us, 0) AS step_left_us,
       coalesce(w.paused_sec, 0) AS step_paused_sec
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN pause s ON s.tenant_id = d.tenant_id AND s.dossier_id = d.id
        AND s.ended_at IS NULL
  LEFT JOIN dossier_step w ON w.tenant_id = d.tenant_id
        AND w.dossier_id = d.id AND w.ended_at IS NULL
 WHERE d.tenant_id = $1 AND d.id = ANY ($2::bigint[])
 ORDER BY d.id;

-- name: dossier_move
-- The only UPDATE of dossier.state, for a set.  A row that is not touched:
-- someone else was first.
-- $1 tenant  $2 ids  $3 states and $4 versions we believe in
-- $5 states they go to (2 is accepted, 5 awaits a supplement)  $6 now
-- $7 officers (0: unchanged, -1: nobody)
UPDATE dossier d
   SET state = m.next::smallint,
       version = d.version + 1,
       moved_at = m.at,
       accepted_at = CASE WHEN m.next = 2 THEN coalesce(d.accepted_at, m.at)
                     ELSE d.accepted_at END,
       supplements = d.supplements + (m.next = 5)::int::smallint,
       officer_id = CASE WHEN m.officer = 0 THEN d.officer_id
                         WHEN m.officer > 0 THEN m.officer END
  FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
              $6::timestamptz[], $7::bigint[])
       AS m (id, state, version, next, at, officer)
 WHERE d.tenant_id = $1 AND d.id = m.id
   AND d.state = m.state AND d.version = m.version;

-- name: dossier_code_next
-- One row for each unit and Vietnamese day, so no code is given twice.  In a
-- transaction of its own, which does not wait for the disk: the row would else
-- be locked while each submission is written.  Whoever commits a dossier under
-- the code has flushed the counter before it; a code that was not used is a
-- gap.
-- $1 tenant  $2 unit  $3 now
INSERT INTO code_counter AS c (tenant_id, unit_id, day, last)
SELECT $1, $2, ($3::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, 1
 WHERE set_config('synchronous_commit', 'off', true) = 'off'
ON CONFLICT (tenant_id, unit_id, day) DO UPDATE SET last = c.last + 1
RETURNING (SELECT u.code FROM unit u WHERE u.tenant_id = $1 AND u.id = $2)
          || to_char(c.day, '-YYMMDD-')
          || lpad(c.last::text, greatest(4, length(c.last::text)), '0') AS code;

-- name: dossier_add
-- $1 tenant  $2 code  $3 unit  $4 procedure  $5 channel  $6 client
-- $7 the client's reference  $8 applicant  $9 now  $10 intake due
INSERT INTO dossier (tenant_id, code, unit_id, procedure_id, state, channel,
                     client_id, client_ref, applicant, received_at, moved_at,
                     intake_due_at)
VALUES ($1, $2, $3, $4, 1, $5, nullif($6::bigint, 0), $7, $8::jsonb, $9, $9,
        $10)
RETURNING id;

-- name: dossier_unit
-- $1 tenant  $2 unit code
SELECT id, calendar_id FROM unit WHERE tenant_id = $1 AND code = $2;

-- name: dossier_shown
-- What stands around a dossier when it is shown.
-- $1 tenant  $2 id
SELECT u.code AS unit_code, u.name AS unit_name, p.code AS procedure_code,
       p.version AS procedure_version, p.name AS procedure_name, p.field_code,
       p.field_name, d.channel, d.client_ref, d.applicant ->> 'kind' AS kind,
       d.applicant ->> 'name' AS name, d.applicant ->> 'id_kind' AS id_kind,
       d.applicant ->> 'id' AS id, o.name AS officer_name, now() AS now,
       coalesce(w.outcome, 'passed') AS verification, w.until_at
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN principal o ON o.tenant_id = d.tenant_id AND o.id = d.officer_id
  LEFT JOIN dossier_pending w ON w.tenant_id = d.tenant_id AND w.dossier_id = d.id
 WHERE d.tenant_id = $1 AND d.id = $2;

-- name: dossier_signer
-- Whose signatures count: the applicant, and the officer who asks.
-- $1 tenant  $2 dossier  $3 officer
SELECT d.applicant ->> 'id_kind' AS id_kind, d.applicant ->> 'id' AS id,
       coalesce(o.email, '') AS email,
       coalesce((SELECT string_agg(encode(c.sha256, 'hex'), ' ')
                   FROM officer_certificate c
                  WHERE c.tenant_id = o.tenant_id AND c.officer_id = o.id), '')
           AS certificates
  FROM dossier d
  LEFT JOIN officer o ON o.tenant_id = d.tenant_id AND o.id = $3
 WHERE d.tenant_id = $1 AND d.id = $2;

-- name: dossier_history
-- $1 tenant  $2 id
SELECT seq, kind, at, actor, data
  FROM event
 WHERE tenant_id = $1 AND dossier_id = $2
 ORDER BY seq;

-- name: dossier_pauses
-- $1 tenant  $2 id
SELECT kind, phase, hold, ground, began_at, began_by, ended_at, working_sec
  FROM pause
 WHERE tenant_id = $1 AND dossier_id = $2
 ORDER BY seq;

-- name: dossier_extensions
-- $1 tenant  $2 id
SELECT x.code, p.follows, x.ground, x.was_due_at, x.due_at, x.decided_at
  FROM extension x
  JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
  LEFT JOIN procedure_extension p ON p.tenant_id = d.tenant_id
       AND p.procedure_id = d.procedure_id AND p.code = x.code
 WHERE x.tenant_id = $1 AND x.dossier_id = $2
 ORDER BY x.decided_at;

-- name: dossier_extensions_left
-- What a decision may still extend its limit to.
-- $1 tenant  $2 id
SELECT p.code, p.title, p.limit_amount, p.limit_unit, p.basis, p.follows
  FROM dossier d
  JOIN procedure_extension p ON p.tenant_id = d.tenant_id
       AND p.procedure_id = d.procedure_id
 WHERE d.tenant_id = $1 AND d.id = $2 AND d.ended_at IS NULL
   AND NOT EXISTS (SELECT FROM extension x
                    WHERE x.tenant_id = d.tenant_id AND x.dossier_id = d.id
                      AND x.code = p.code)
 ORDER BY p.position;

-- name: dossier_inbox
-- The inbox by time left: live dossiers of the officer's tenant.  What stands
-- still comes last.  Due soon: its near-due has fired, and no new round of it
-- waits.  Without a state it is planned for its values, and so goes by the index
-- of the live; LIMIT 1 asks for one dossier's timer, where EXISTS would read
-- those of all first.
-- $1 tenant  $2 state or 0  $3 officer or 0  $4 unit code or ''
-- $5 sort instant and $6 id of the last one seen  $7 how many
-- $8 step's role, whoever holds it, or ''  $9 chip or ''
-- $10 of its verification, or ''
SELECT d.id, d.code, d.state, d.version, d.received_at, d.due_at,
       d.intake_due_at, u.code AS unit_code, p.code AS procedure_code,
       p.name AS procedure_name, d.applicant ->> 'name' AS applicant,
       coalesce(d.officer_id, 0) AS officer_id,
       k.sort_at, k.chip, o.name AS officer,
       w.code AS step, q.role AS step_role, w.due_at AS step_due_at,
       coalesce(v.outcome, 'passed') AS verification
  FROM dossier d
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  LEFT JOIN principal o ON o.tenant_id = d.tenant_id AND o.id = d.officer_id
  LEFT JOIN dossier_step w ON w.tenant_id = d.tenant_id
        AND w.dossier_id = d.id AND w.ended_at IS NULL
  LEFT JOIN procedure_step q ON q.tenant_id = d.tenant_id
        AND q.procedure_id = d.procedure_id AND q.code = w.code
  LEFT JOIN dossier_pending v ON v.tenant_id = d.tenant_id
        AND v.dossier_id = d.id
 CROSS JOIN LATERAL (SELECT
	CASE WHEN d.due_at IS NOT NULL THEN d.due_at
	     WHEN d.accepted_at IS NULL AND d.state = 1 THEN d.intake_due_at
	     ELSE timestamptz '9999-01-01 00:00+00' END AS at) c
 CROSS JOIN LATERAL (SELECT c.at AS sort_at,
	CASE WHEN d.ended_at IS NOT NULL THEN 'ended'
	     WHEN c.at = timestamptz '9999-01-01 00:00+00' THEN 'paused'
	     WHEN c.at < now() THEN 'overdue'
	     WHEN d.due_at IS NOT NULL AND (
		SELECT t.id FROM timer t
		 WHERE t.tenant_id = d.tenant_id AND t.dossier_id = d.id
		   AND t.kind = 'near-due' AND t.fired_at IS NULL
		 LIMIT 1) IS NULL
	     THEN 'due-soon' ELSE 'in-time' END AS chip) k
 WHERE d.tenant_id = $1
   AND CASE WHEN $2::int = 0 THEN d.ended_at IS NULL
            ELSE d.state = $2::int END
   AND ($3::bigint = 0 OR d.officer_id = $3)
   AND ($4::text = '' OR u.code = $4)
   AND ($8::text = '' OR q.role = $8)
   AND ($9::text = '' OR k.chip = $9)
   AND ($10::text = '' OR v.outcome = $10
        OR $10 = 'passed' AND v.outcome IS NULL)
   AND (k.sort_at, d.id) > ($5::timestamptz, $6)
 ORDER BY k.sort_at, d.id
 LIMIT $7;

-- name: dossier_officer
-- $1 tenant  $2 login
SELECT o.id
  FROM officer o
  JOIN principal p ON p.tenant_id = o.tenant_id AND p.id = o.id
 WHERE o.tenant_id = $1 AND o.login = $2 AND p.active;
