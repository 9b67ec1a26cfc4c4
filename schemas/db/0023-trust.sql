-- Issuers, CRLs and OCSP answers that were fetched.  A cache that a fleet
-- shares and no record: what a verdict rested on is in evidence.

CREATE TABLE fetched (
	kind       text        NOT NULL CHECK (kind IN ('issuer', 'crl', 'ocsp')),
	url        text        NOT NULL CHECK (length(url) BETWEEN 10 AND 511),
	subject    bytea       NOT NULL CHECK (length(subject) = 32),
	host       text        NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
	bytes      bytea       CHECK (length(bytes) BETWEEN 1 AND 52428800),
	from_at    timestamptz,
	until_at   timestamptz,
	first_at   timestamptz NOT NULL,
	fetched_at timestamptz,
	renew_at   timestamptz,
	retry_at   timestamptz,
	why        text        NOT NULL DEFAULT '' CHECK (length(why) <= 500),
	PRIMARY KEY (kind, url, subject)
);
ALTER TABLE fetched ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX fetched_renew ON fetched (renew_at);
COMMENT ON TABLE fetched IS 'What fetch.c got from where certificates point to, PEM or DER as it came.';
COMMENT ON COLUMN fetched.subject IS 'For an OCSP answer the SHA-256 of the CertID; else zero.';
COMMENT ON COLUMN fetched.until_at IS 'nextUpdate, or notAfter of an issuer; null: it does not say.';
COMMENT ON COLUMN fetched.renew_at IS 'When the ticker fetches it anew; null: never.';
COMMENT ON COLUMN fetched.retry_at IS 'Until when this URL is left alone after a failure of its own; why says which.';

CREATE TABLE fetch_host (
	host     text        PRIMARY KEY CHECK (length(host) BETWEEN 1 AND 300),
	failures integer     NOT NULL CHECK (failures >= 0),
	retry_at timestamptz NOT NULL
);
COMMENT ON TABLE fetch_host IS 'Until when a host is left alone that did not answer; fetch.c writes it.';

GRANT SELECT, INSERT, UPDATE, DELETE ON fetched, fetch_host TO hosogate_gateway;

-- Trust anchors that are imported, beside those of the configuration's folders.
CREATE TABLE trust_anchor (
	sha256      bytea       NOT NULL CHECK (sha256 = sha256(bytes)),
	purpose     text        NOT NULL CHECK (purpose IN ('public', 'government', 'timestamp')),
	bytes       bytea       NOT NULL CHECK (length(bytes) BETWEEN 1 AND 65536),
	valid_from  timestamptz NOT NULL,
	valid_until timestamptz CHECK (valid_until > valid_from),
	source      text        NOT NULL CHECK (length(source) BETWEEN 1 AND 500),
	added_at    timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (sha256, purpose)
);
COMMENT ON TABLE trust_anchor IS 'Whose paths are believed, for what, and from when until when; hosogate import writes it.';
COMMENT ON COLUMN trust_anchor.bytes IS 'One certificate, PEM or DER.';
COMMENT ON COLUMN trust_anchor.source IS 'Where it was taken from and who compared it, for whoever asks later.';

GRANT SELECT ON trust_anchor TO hosogate_gateway;
