-- What imports changed of a calendar's days, and due dates that move with it
-- (ADR 17).

CREATE TABLE calendar_change (
	tenant_id   bigint      NOT NULL,
	calendar_id bigint      NOT NULL,
	version     integer     NOT NULL,
	day         date        NOT NULL,
	was         jsonb,
	became      jsonb,
	changed_at  timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, calendar_id, version, day),
	FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar,
	CHECK (was IS DISTINCT FROM became)
);
COMMENT ON TABLE calendar_change IS
	'Days off and make-up days that an import brought, changed or took away, with name, basis and status before and after; append-only.  hosogate import writes it.';
COMMENT ON COLUMN calendar_change.was IS 'Null: nothing was said of that day.';
COMMENT ON COLUMN calendar_change.became IS 'Null: nothing is said of it any more.';
CREATE TRIGGER calendar_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_change
	FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only();

-- All that a calendar says of single days, by day.
CREATE FUNCTION calendar_said(tenant bigint, calendar bigint)
	RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT coalesce(jsonb_object_agg(d.day, jsonb_build_object(
	'kind', d.kind, 'like_weekday', d.like_weekday, 'name', d.name,
	'basis', d.basis, 'status', d.status, 'spans', (
		SELECT jsonb_agg(jsonb_build_array(s.opens, s.closes) ORDER BY s.opens)
		  FROM calendar_day_span s
		 WHERE s.tenant_id = d.tenant_id AND s.calendar_id = d.calendar_id
		   AND s.day = d.day))), '{}')
  FROM calendar_day d
 WHERE d.tenant_id = tenant AND d.calendar_id = calendar
$$;

-- How such a day is counted; null: as any other.
CREATE FUNCTION calendar_counts(said jsonb)
	RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN said->>'status' <> 'unsure' THEN said - 'name' - 'basis' - 'status' END
$$;

ALTER TABLE dossier_step
	ADD COLUMN went_on_sec bigint CHECK (went_on_sec >= 0);
COMMENT ON COLUMN dossier_step.went_on_sec IS
	'Working seconds that were left when it last went on; null: it has not, or did before this was written down.';

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('due-recounted',    'webhook', 'portal',    'dossier',        3, NULL),
	('due-recounted',    'mail',    'applicant', 'mail-recounted', 4, '{2,4}'),
	('answer-recounted', 'webhook', 'portal',    'dossier',        3, NULL);

GRANT SELECT ON calendar_change TO hosogate_gateway;
GRANT UPDATE (went_on_sec) ON dossier_step TO hosogate_gateway;
