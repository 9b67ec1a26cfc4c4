-- Every statement that import*.c runs.  They are prepared on the gateway's
-- connections too, whose role may not run them.

-- name: import_tenant
-- $1 code  $2 name
INSERT INTO tenant (code, name)
VALUES ($1, $2)
ON CONFLICT (code) DO UPDATE SET name = excluded.name
RETURNING id;

-- name: import_calendar
-- $1 tenant  $2 code  $3 name  $4 first and $5 last day
INSERT INTO calendar AS c (tenant_id, code, name, first_day, last_day)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, code) DO UPDATE
   SET name = excluded.name, first_day = excluded.first_day,
       last_day = excluded.last_day, version = c.version + 1
RETURNING id;

-- name: import_hours_clear
-- $1 tenant  $2 calendar
DELETE FROM calendar_hours WHERE tenant_id = $1 AND calendar_id = $2;

-- name: import_hours
-- $1 tenant  $2 calendar  $3 valid from  $4 weekdays  $5 opens  $6 closes
INSERT INTO calendar_hours (tenant_id, calendar_id, valid_from, weekday,
                            opens, closes)
SELECT $1, $2, h.*
  FROM unnest($3::date[], $4::smallint[], $5::int[], $6::int[]) AS h;

-- name: import_days_clear
-- $1 tenant  $2 calendar
DELETE FROM calendar_day WHERE tenant_id = $1 AND calendar_id = $2;

-- name: import_days
-- $1 tenant  $2 calendar  $3 days  $4 kinds  $5 like weekdays, 0 for its own
-- $6 names  $7 bases  $8 statuses
INSERT INTO calendar_day (tenant_id, calendar_id, day, kind, like_weekday,
                          name, basis, status)
SELECT $1, $2, d.day, d.kind, nullif(d.like_weekday, 0), d.name, d.basis,
       d.status
  FROM unnest($3::date[], $4::text[], $5::smallint[], $6::text[], $7::text[],
              $8::text[]) AS d (day, kind, like_weekday, name, basis, status);

-- name: import_day_spans
-- $1 tenant  $2 calendar  $3 day  $4 opens  $5 closes
INSERT INTO calendar_day_span (tenant_id, calendar_id, day, opens, closes)
SELECT $1, $2, $3::date, s.*
  FROM unnest($4::int[], $5::int[]) AS s;

-- name: import_days_said
-- $1 tenant  $2 calendar
SELECT calendar_said($1, $2) AS said;

-- name: import_days_changed
-- $1 tenant  $2 calendar  $3 what it said before
INSERT INTO calendar_change (tenant_id, calendar_id, version, day, was, became)
SELECT c.tenant_id, c.id, c.version, coalesce(o.key, n.key)::date, o.value,
       n.value
  FROM jsonb_each($3::jsonb) o
  FULL JOIN jsonb_each(calendar_said($1, $2)) n ON n.key = o.key
  JOIN calendar c ON c.tenant_id = $1 AND c.id = $2
 WHERE o.value IS DISTINCT FROM n.value;

-- name: import_bases_clear
-- $1 tenant  $2 calendar
DELETE FROM calendar_base WHERE tenant_id = $1 AND calendar_id = $2;

-- name: import_base
-- No row: there is no such calendar, or it is the same.
-- $1 tenant  $2 calendar  $3 valid from  $4 code of its base
INSERT INTO calendar_base (tenant_id, calendar_id, valid_from, base_id)
SELECT $1, $2, $3::date, b.id
  FROM calendar b
 WHERE b.tenant_id = $1 AND b.code = $4 AND b.id <> $2;

-- name: import_base_is_deep
-- $1 tenant  $2 calendar
SELECT EXISTS (
	SELECT FROM calendar_base a
	  JOIN calendar_base b ON b.tenant_id = a.tenant_id
	       AND b.calendar_id = a.base_id
	 WHERE a.tenant_id = $1 AND $2 IN (a.calendar_id, a.base_id)) AS deep;

-- name: import_sharers
-- Who shares a calendar that is imported counts anew as well.
-- $1 tenant  $2 calendar
UPDATE calendar c
   SET version = c.version + 1
 WHERE c.tenant_id = $1
   AND EXISTS (SELECT FROM calendar_base s
                WHERE s.tenant_id = $1 AND s.base_id = $2
                  AND s.calendar_id = c.id);

-- name: import_unit
-- No row: there is no such calendar.
-- $1 tenant  $2 code  $3 name  $4 calendar's code  $5 mailbox  $6 domains
INSERT INTO unit (tenant_id, code, name, calendar_id, mailbox, mail_domains)
SELECT $1, $2, $3, c.id, $5, $6
  FROM calendar c
 WHERE c.tenant_id = $1 AND c.code = $4
ON CONFLICT (tenant_id, code) DO UPDATE
   SET name = excluded.name, calendar_id = excluded.calendar_id,
       mailbox = excluded.mailbox, mail_domains = excluded.mail_domains
RETURNING id;

-- name: import_account
-- $1 tenant  $2 unit's code  $3 bank  $4 number  $5 holder
INSERT INTO collecting_account (tenant_id, unit_id, bank, number, holder)
SELECT $1, u.id, $3, $4, $5
  FROM unit u
 WHERE u.tenant_id = $1 AND u.code = $2
ON CONFLICT (tenant_id, unit_id) DO UPDATE
   SET bank = excluded.bank, number = excluded.number,
       holder = excluded.holder;

-- name: import_unit_find
-- $1 tenant  $2 code  $3 a mail domain
SELECT id, $3::text = ANY (mail_domains) AS official
  FROM unit
 WHERE tenant_id = $1 AND code = $2;

-- name: import_officer_find
-- $1 login
SELECT tenant_id, id, password FROM officer WHERE login = $1;

-- name: import_client_find
-- $1 code
SELECT tenant_id, id FROM client WHERE code = $1;

-- name: import_principal
-- $1 tenant  $2 id, 0 for a new one  $3 kind  $4 name  $5 active
WITH known AS (
	UPDATE principal
	   SET name = $4, active = $5
	 WHERE tenant_id = $1 AND id = $2
	RETURNING id
), new AS (
	INSERT INTO principal (tenant_id, kind, name, active)
	SELECT $1, $3, $4, $5
	 WHERE $2 = 0
	RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM new;

-- name: import_officer
-- $1 tenant  $2 id  $3 unit  $4 login  $5 mail  $6 title  $7 rights
-- $8 password
INSERT INTO officer (tenant_id, id, unit_id, login, email, title, rights,
                     password)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET unit_id = excluded.unit_id, email = excluded.email,
       title = excluded.title, rights = excluded.rights,
       password = excluded.password;

-- name: import_certificates_clear
-- $1 tenant  $2 officer
DELETE FROM officer_certificate WHERE tenant_id = $1 AND officer_id = $2;

-- name: import_certificates
-- $1 tenant  $2 officer  $3 SHA-256 of each
INSERT INTO officer_certificate (tenant_id, officer_id, sha256)
SELECT $1, $2, unnest($3::bytea[])
ON CONFLICT DO NOTHING;

-- name: import_key_certificates_clear
-- $1 tenant  $2 unit or body  $3 its code
DELETE FROM key_certificate
 WHERE tenant_id = $1 AND holder = $2 AND code = $3;

-- name: import_key_certificates
-- $1 tenant  $2 unit or body  $3 its code  $4 SHA-256 of each
INSERT INTO key_certificate (tenant_id, holder, code, sha256)
SELECT $1, $2, $3, unnest($4::bytea[])
ON CONFLICT DO NOTHING;

-- name: import_log_out
-- Whoever may no longer come, or has a new password, logs in again.
-- $1 tenant  $2 officer
DELETE FROM session WHERE tenant_id = $1 AND officer_id = $2;

-- name: import_client
-- $1 tenant  $2 id  $3 code  $4 rights  $5 callback URL  $6 secret files
INSERT INTO client (tenant_id, id, code, rights, callback_url,
                    callback_secret)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET rights = excluded.rights, callback_url = excluded.callback_url,
       callback_secret = excluded.callback_secret;

-- name: import_client_key
-- $1 tenant  $2 client  $3 SHA-256 of the key
INSERT INTO client_key (tenant_id, client_id, sha256)
VALUES ($1, $2, $3)
ON CONFLICT (sha256) DO NOTHING;

-- name: import_client_key_end
-- The newest key and the one before it are live, while one is rotated.
-- $1 tenant  $2 client
UPDATE client_key k
   SET not_after = now()
 WHERE k.tenant_id = $1 AND k.client_id = $2 AND k.not_after IS NULL
   AND (SELECT count(*)
          FROM client_key n
         WHERE n.tenant_id = $1 AND n.client_id = $2 AND n.not_after IS NULL
           AND n.not_before > k.not_before) >= 2;

-- name: import_procedure_find
-- $1 tenant  $2 code  $3 version
SELECT p.id, p.sha256,
       EXISTS (SELECT FROM dossier d
                WHERE d.tenant_id = p.tenant_id
                  AND d.procedure_id = p.id) AS used
  FROM procedure p
 WHERE p.tenant_id = $1 AND p.code = $2 AND p.version = $3;

-- name: import_procedure
-- $1 tenant  $2 code  $3 version  $4 name  $5 field's code and $6 name
-- $7 kind  $8 limit  $9 its unit  $10 intake hours  $11 service level
-- $12 when the fee is due  $13 decision  $14 valid from  $15 sha256
-- $16 unit of the intake hours  $17 cut-off
INSERT INTO procedure (tenant_id, code, version, name, field_code, field_name,
                       kind, limit_amount, limit_unit, intake_hours,
                       service_level, fee_due, decision, valid_from, sha256,
                       intake_unit, cutoff)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        $17)
ON CONFLICT (tenant_id, code, version) DO UPDATE
   SET name = excluded.name, field_code = excluded.field_code,
       field_name = excluded.field_name, kind = excluded.kind,
       limit_amount = excluded.limit_amount,
       limit_unit = excluded.limit_unit,
       intake_hours = excluded.intake_hours,
       service_level = excluded.service_level, fee_due = excluded.fee_due,
       decision = excluded.decision, valid_from = excluded.valid_from,
       sha256 = excluded.sha256, intake_unit = excluded.intake_unit,
       cutoff = excluded.cutoff
RETURNING id;

-- name: import_filing_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_filing WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_filing
-- $1 tenant  $2 procedure  $3 so long  $4 where the ways are long  $5 unit
-- $6 basis
INSERT INTO procedure_filing (tenant_id, procedure_id, amount, remote_amount,
                              unit, basis)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: import_procedure_end
-- $1 tenant  $2 procedure  $3 the first day on which it is no longer in force
UPDATE procedure SET valid_to = $3 WHERE tenant_id = $1 AND id = $2;

-- name: import_documents_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_document WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_document
-- $1 tenant  $2 procedure  $3 position  $4 code  $5 title  $6 required
-- $7 signer  $8 role  $9 formats  $10 at most so many bytes
INSERT INTO procedure_document (tenant_id, procedure_id, position, code,
                                title, required, signer, role, formats,
                                bytes_max)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: import_fees_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_fee WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_extensions_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_extension WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_extension
-- $1 tenant  $2 procedure  $3 position  $4 code  $5 title  $6 limit
-- $7 its unit  $8 basis  $9 the one that it follows or null
INSERT INTO procedure_extension (tenant_id, procedure_id, position, code,
                                 title, limit_amount, limit_unit, basis,
                                 follows)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: import_holds_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_hold WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_hold
-- $1 tenant  $2 procedure  $3 position  $4 code  $5 kind  $6 title  $7 basis
INSERT INTO procedure_hold (tenant_id, procedure_id, position, code, kind,
                            title, basis)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: import_steps_clear
-- $1 tenant  $2 procedure
DELETE FROM procedure_step WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_step
-- $1 tenant  $2 procedure  $3 position  $4 code  $5 title  $6 role  $7 limit
-- $8 its unit
INSERT INTO procedure_step (tenant_id, procedure_id, position, code, title,
                            role, limit_amount, limit_unit)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: import_escalations_clear
-- $1 tenant  $2 procedure
DELETE FROM escalation WHERE tenant_id = $1 AND procedure_id = $2;

-- name: import_unit_escalations_clear
-- $1 tenant  $2 unit
DELETE FROM escalation WHERE tenant_id = $1 AND unit_id = $2;

-- name: import_escalation
-- $1 tenant  $2 procedure or null  $3 unit or null  $4 level
-- $5 working hours after it was due  $6 role
INSERT INTO escalation (tenant_id, procedure_id, unit_id, level, after_hours,
                        role)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: import_reminders
-- $1 tenant  $2 procedure  $3 near due  $4 apology  $5 fee  $6 restarts
UPDATE procedure
   SET near_due_hours = $3, apology_hours = $4, fee_remind_days = $5,
       intake_restarts = $6
 WHERE tenant_id = $1 AND id = $2;

-- name: import_roles_clear
-- $1 tenant  $2 officer
DELETE FROM officer_role WHERE tenant_id = $1 AND officer_id = $2;

-- name: import_roles
-- $1 tenant  $2 officer  $3 roles
INSERT INTO officer_role (tenant_id, officer_id, role)
SELECT $1, $2, unnest($3::text[])
ON CONFLICT DO NOTHING;

-- name: import_fee
-- $1 tenant  $2 procedure  $3 position  $4 code  $5 kind  $6 title  $7 amount
INSERT INTO procedure_fee (tenant_id, procedure_id, position, code, kind,
                           title, amount)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: import_receipt_book
-- No row: there is no such unit, or the name or tax code of a book that has
-- been used would change.
-- $1 tenant  $2 unit's code  $3 body  $4 tax code  $5 address  $6 form
-- $7 series  $8 valid from
INSERT INTO receipt_book AS b (tenant_id, unit_id, body, tax_code, address,
                               form, series, valid_from)
SELECT $1, u.id, $3, $4, $5, $6, $7, $8::date
  FROM unit u
 WHERE u.tenant_id = $1 AND u.code = $2
ON CONFLICT (tenant_id, unit_id, form, series) DO UPDATE
   SET body = excluded.body, tax_code = excluded.tax_code,
       address = excluded.address, valid_from = excluded.valid_from
 WHERE (b.body, b.tax_code) = (excluded.body, excluded.tax_code)
    OR NOT EXISTS (SELECT FROM receipt_counter c
                    WHERE c.tenant_id = b.tenant_id AND c.book_id = b.id);

-- name: import_tariff
-- No row: something was asked by that version, and it would change.
-- $1 tenant  $2 procedure's code  $3 version  $4 basis  $5 valid from
-- $6 valid to, or null  $7 sha256
INSERT INTO tariff AS t (tenant_id, procedure, version, basis, valid_from,
                         valid_to, sha256)
VALUES ($1, $2, $3, $4, $5::date, $6::date, $7)
ON CONFLICT (tenant_id, procedure, version) DO UPDATE
   SET basis = excluded.basis, valid_from = excluded.valid_from,
       valid_to = excluded.valid_to, sha256 = excluded.sha256
 WHERE t.sha256 = excluded.sha256
    OR NOT EXISTS (SELECT FROM payment_request r
                    WHERE r.tenant_id = t.tenant_id AND r.tariff_id = t.id)
RETURNING t.id;

-- name: import_tariff_clear
-- $1 tenant  $2 tariff
WITH relief AS (
	DELETE FROM tariff_relief WHERE tenant_id = $1 AND tariff_id = $2
)
DELETE FROM tariff_line WHERE tenant_id = $1 AND tariff_id = $2;

-- name: import_tariff_parts
-- Lines and reliefs as the file has them, checked before.
-- $1 tenant  $2 tariff  $3 the tariff as JSON
WITH line AS (
	INSERT INTO tariff_line (tenant_id, tariff_id, position, code, kind,
	                         title, amount, unit)
	SELECT $1, $2, l.n, l.j ->> 'code', l.j ->> 'kind', l.j ->> 'title',
	       (l.j ->> 'amount')::bigint, l.j ->> 'unit'
	  FROM jsonb_array_elements($3::jsonb -> 'lines')
	       WITH ORDINALITY AS l (j, n)
)
INSERT INTO tariff_relief (tenant_id, tariff_id, code, title, percent, line,
                           category, basis)
SELECT $1, $2, r ->> 'code', r ->> 'title', (r ->> 'percent')::smallint,
       r ->> 'line', r ->> 'category', r ->> 'basis'
  FROM jsonb_array_elements(coalesce($3::jsonb -> 'reliefs', '[]')) AS r;
