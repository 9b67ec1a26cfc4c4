-- What reform is measured by: ratings, feedback, criteria.

CREATE TABLE rating (
	tenant_id  bigint      NOT NULL,
	dossier_id bigint      NOT NULL,
	stars      smallint    NOT NULL CHECK (stars BETWEEN 1 AND 5),
	comment    text        NOT NULL DEFAULT '' CHECK (length(comment) <= 2000),
	at         timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, dossier_id),
	FOREIGN KEY (tenant_id, dossier_id) REFERENCES dossier
);
COMMENT ON TABLE rating IS 'One satisfaction rating for each dossier that ended; 4 and 5 stars are satisfied.';

CREATE TABLE feedback_counter (
	tenant_id bigint  NOT NULL REFERENCES tenant,
	day       date    NOT NULL,
	last      integer NOT NULL CHECK (last BETWEEN 1 AND 99999),
	PRIMARY KEY (tenant_id, day)
);
COMMENT ON TABLE feedback_counter IS 'Codes of feedback: PAKN.yyyymmdd.nnnn.';

CREATE TABLE feedback (
	tenant_id    bigint      NOT NULL,
	code         text        NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
	kind         text        NOT NULL CHECK (kind IN ('feedback', 'proposal')),
	text         text        NOT NULL CHECK (length(text) BETWEEN 1 AND 5000),
	contact      text        NOT NULL DEFAULT '' CHECK (length(contact) <= 254),
	dossier_code text,
	received_at  timestamptz NOT NULL,
	handled_at   timestamptz,
	answered_at  timestamptz,
	published_at timestamptz,
	PRIMARY KEY (tenant_id, code)
);
COMMENT ON TABLE feedback IS 'Phản ánh, kiến nghị (PAKN): received, handled, answered, published.';

CREATE TABLE score_set (
	tenant_id  bigint NOT NULL REFERENCES tenant,
	code       text   NOT NULL CHECK (code ~ '^[a-z0-9-]{1,40}$'),
	version    integer NOT NULL CHECK (version > 0),
	title      text   NOT NULL,
	title_en   text   NOT NULL,
	basis      text   NOT NULL,
	valid_from date   NOT NULL,
	PRIMARY KEY (tenant_id, code, version)
);
COMMENT ON TABLE score_set IS 'A set of criteria as data, with the decision it rests on; a change is a new version.';

CREATE TABLE criterion (
	tenant_id   bigint   NOT NULL,
	set_code    text     NOT NULL,
	set_version integer  NOT NULL,
	position    smallint NOT NULL,
	code        text     NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
	title       text     NOT NULL,
	title_en    text     NOT NULL,
	formula     text     NOT NULL,
	target_num  bigint   CHECK (target_num >= 0),
	target_den  bigint   CHECK (target_den > 0),
	PRIMARY KEY (tenant_id, set_code, set_version, code),
	FOREIGN KEY (tenant_id, set_code, set_version) REFERENCES score_set
);
COMMENT ON COLUMN criterion.formula IS 'A name of gateway/score_formula.def.';
COMMENT ON COLUMN criterion.target_num IS 'The target as an exact fraction, 98 over 100; null where there is none.';
