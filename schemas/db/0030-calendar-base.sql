-- Days off that units share, and closures of part of a day.

CREATE TABLE calendar_base (
	tenant_id   bigint NOT NULL,
	calendar_id bigint NOT NULL,
	valid_from  date   NOT NULL,
	base_id     bigint NOT NULL CHECK (base_id <> calendar_id),
	PRIMARY KEY (tenant_id, calendar_id, valid_from),
	FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar,
	FOREIGN KEY (tenant_id, base_id) REFERENCES calendar
);
COMMENT ON TABLE calendar_base IS
	'From which day on a calendar shares whose days off, and whose hours while it has none; hosogate import writes it.';
COMMENT ON COLUMN calendar_base.base_id IS 'Has no base itself.  A change of it grows the version of all that share it.';
CREATE INDEX calendar_base_shared ON calendar_base (tenant_id, base_id);

CREATE TABLE calendar_day_span (
	tenant_id   bigint  NOT NULL,
	calendar_id bigint  NOT NULL,
	day         date    NOT NULL,
	opens       integer NOT NULL CHECK (opens BETWEEN 0 AND 86400),
	closes      integer NOT NULL CHECK (closes BETWEEN 0 AND 86400 AND closes > opens),
	PRIMARY KEY (tenant_id, calendar_id, day, opens),
	FOREIGN KEY (tenant_id, calendar_id, day) REFERENCES calendar_day ON DELETE CASCADE
);
COMMENT ON TABLE calendar_day_span IS
	'Of a day off: the part that is closed.  Of a make-up day: the hours that are worked.  Without a row: the whole day, the weekday''s hours.';

GRANT SELECT ON calendar_base, calendar_day_span TO hosogate_gateway;
