-- Every statement that slip.c, slip_paper.c and the handlers of forms run.

-- name: slip_claim
-- The form that has been due longest, under a lease.
-- $1 lease in ms
UPDATE dossier_form f
   SET run_at = now() + $1::bigint * interval '1 ms', tries = f.tries + 1
  FROM (SELECT tenant_id, id
          FROM dossier_form
         WHERE state = 'due' AND run_at <= now()
         ORDER BY run_at
         LIMIT 1
           FOR UPDATE SKIP LOCKED) next
 WHERE f.tenant_id = next.tenant_id AND f.id = next.id
RETURNING f.tenant_id, f.id;

-- name: slip_later
-- It could not be made: twice as late each time, up to ten minutes.
-- $1 tenant  $2 form
UPDATE dossier_form
   SET run_at = now() + least(interval '10 min', interval '1 s' * (2 ^ least(tries, 10)))
 WHERE tenant_id = $1 AND id = $2 AND state = 'due';

-- name: slip_source
-- All that forms 01 to 05 say, from the record.
-- $1 tenant  $2 form
SELECT f.number, f.draft, f.event_id, f.dossier_id, now() AS now, e.kind, e.at,
       coalesce(e.data::jsonb->>'reason', '') AS reason,
       coalesce(e.data::jsonb->>'ground', '') AS ground,
       coalesce(e.data::jsonb->>'new_due_at', e.data::jsonb->>'due_at')::timestamptz AS new_due_at,
       d.code, d.received_at, d.accepted_at, d.original_due_at,
       CASE WHEN d.accepted_at IS NULL THEN 'intake' ELSE 'work' END AS phase,
       d.applicant->>'name' AS applicant, d.applicant->>'id_kind' AS id_kind,
       d.applicant->>'id' AS id, coalesce(d.applicant->>'email', '') AS email,
       coalesce(d.applicant->>'phone', '') AS phone,
       p.name AS procedure, p.code AS procedure_code, p.limit_amount,
       p.limit_unit, p.decision, u.name AS unit, u.code AS unit_code,
       coalesce(q.name, '') AS officer, coalesce(o.title, '') AS officer_title,
       EXISTS (SELECT FROM document x
                WHERE x.tenant_id = d.tenant_id AND x.dossier_id = d.id
                  AND x.role = 'result') AS has_result,
       (SELECT max(x.due_at) FROM extension x
         WHERE x.tenant_id = d.tenant_id AND x.dossier_id = d.id) AS extended_to
  FROM dossier_form f
  JOIN event e ON e.tenant_id = f.tenant_id AND e.id = f.event_id
  JOIN dossier d ON d.tenant_id = f.tenant_id AND d.id = f.dossier_id
  JOIN procedure p ON p.tenant_id = d.tenant_id AND p.id = d.procedure_id
  JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  LEFT JOIN principal q ON q.tenant_id = e.tenant_id AND q.kind = 'officer'
       AND q.id = CASE WHEN f.draft THEN d.officer_id ELSE e.actor END
  LEFT JOIN officer o ON o.tenant_id = q.tenant_id AND o.id = q.id
 WHERE f.tenant_id = $1 AND f.id = $2;

-- name: slip_documents
-- What was handed in up to a moment, for the table of form 01.
-- $1 tenant  $2 dossier  $3 at
SELECT coalesce(r.title, x.name) AS title, x.file_name
  FROM document x
  JOIN dossier d ON d.tenant_id = x.tenant_id AND d.id = x.dossier_id
  LEFT JOIN procedure_document r ON r.tenant_id = d.tenant_id
       AND r.procedure_id = d.procedure_id AND r.code = x.name
 WHERE x.tenant_id = $1 AND x.dossier_id = $2 AND x.added_at <= $3
   AND x.role <> 'result' AND x.detached_for IS NULL
 ORDER BY x.id;

-- name: slip_keep
-- No row: another gateway was first, and its bytes are the form.
-- $1 tenant  $2 form  $3 sha256  $4 file name  $5 signed
UPDATE dossier_form
   SET made_at = now(), state = 'issued', sha256 = $3, file_name = $4,
       signed = $5
 WHERE tenant_id = $1 AND id = $2 AND state = 'due';

-- name: slip_withhold
-- $1 tenant  $2 form  $3 what is missing
UPDATE dossier_form
   SET made_at = now(), state = 'withheld', reason = left($3::text, 300)
 WHERE tenant_id = $1 AND id = $2 AND state = 'due';

-- name: slip_release
-- The mail that waited for the form.
-- $1 tenant  $2 event
UPDATE outbox
   SET run_at = now()
 WHERE tenant_id = $1 AND event_id = $2 AND attempt = 0 AND run_at > now();

-- name: slip_of_dossier
-- $1 tenant  $2 dossier  $3 are drafts wanted?
SELECT number, draft, state, called_at, made_at, signed, reason,
       encode(sha256, 'hex') AS sha256, file_name
  FROM dossier_form
 WHERE tenant_id = $1 AND dossier_id = $2 AND (NOT draft OR $3::boolean)
 ORDER BY id;

-- name: slip_shown
-- As the dossier shows them: no drafts; only the last of its number can be
-- fetched, and has a link.
-- $1 tenant  $2 dossier
SELECT f.number, e.kind, f.state, f.called_at, f.made_at, f.signed,
       encode(f.sha256, 'hex') AS sha256,
       CASE WHEN f.state = 'issued' AND NOT EXISTS (
		SELECT FROM dossier_form l
		 WHERE l.tenant_id = f.tenant_id AND l.dossier_id = f.dossier_id
		   AND l.number = f.number AND l.state = 'issued'
		   AND NOT l.draft AND l.id > f.id)
            THEN '/v1/dossiers/' || d.code || '/forms/' || f.number END AS link
  FROM dossier_form f
  JOIN event e ON e.tenant_id = f.tenant_id AND e.id = f.event_id
  JOIN dossier d ON d.tenant_id = f.tenant_id AND d.id = f.dossier_id
 WHERE f.tenant_id = $1 AND f.dossier_id = $2 AND NOT f.draft
 ORDER BY f.id;

-- name: slip_bytes
-- The last one of that number; a draft only while there is nothing better.
-- $1 tenant  $2 dossier  $3 number  $4 are drafts wanted?
SELECT f.file_name, c.bytes
  FROM dossier_form f
  JOIN content c ON c.tenant_id = f.tenant_id AND c.sha256 = f.sha256
 WHERE f.tenant_id = $1 AND f.dossier_id = $2 AND f.number = $3
   AND f.state = 'issued' AND (NOT f.draft OR $4::boolean)
 ORDER BY f.draft, f.id DESC
 LIMIT 1;

-- name: slip_apologies
-- $1 tenant  $2 dossier
SELECT count(*) AS count
  FROM apology
 WHERE tenant_id = $1 AND dossier_id = $2;

-- name: slip_apology_add
-- $1 tenant  $2 dossier  $3 which  $4 reason  $5 was due  $6 new date  $7 at
-- $8 by
INSERT INTO apology (tenant_id, dossier_id, seq, reason, was_due_at,
                     new_due_at, at, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: slip_agency
-- The unit's name, or the tenant's where none is asked for.
-- $1 tenant  $2 unit's code, or ''  $3 its id, or 0
SELECT coalesce((SELECT u.name
                   FROM unit u
                  WHERE u.tenant_id = t.id AND (u.code = $2 OR u.id = $3)),
                t.name) AS name
  FROM tenant t
 WHERE t.id = $1;
