-- Whose a key is that lies in a folder of keys.

CREATE TABLE key_certificate (
	tenant_id bigint NOT NULL REFERENCES tenant,
	holder    text   NOT NULL CHECK (holder IN ('unit', 'body')),
	code      text   NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
	sha256    bytea  NOT NULL CHECK (length(sha256) = 32),
	PRIMARY KEY (tenant_id, holder, code, sha256)
);
COMMENT ON TABLE key_certificate IS
	'Certificates (SHA-256 of the DER) under which a unit signs its forms and a collecting body its receipts; hosogate import writes it, key_holder.c holds keys to it.';
COMMENT ON COLUMN key_certificate.code IS 'The unit''s code; the body''s tax code.';

GRANT SELECT ON key_certificate TO hosogate_gateway;
