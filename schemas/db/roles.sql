-- The two roles, made once for a cluster by a superuser:
--
--	psql -d postgres -f roles.sql
--	createdb -O hosogate_owner hosogate
--	hosogate migrate
--
-- hosogate_owner owns the schema; migrate and import come as it.
-- hosogate_gateway is what `hosogate serve` may be; 0006-rights.sql says what
-- it may do.  Neither has a password: they come by peer over a unix socket
-- (pg_ident.conf maps the service's user) or by client certificate.

DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['hosogate_owner', 'hosogate_gateway'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', r);
		END IF;
	END LOOP;
END $$;
COMMENT ON ROLE hosogate_owner IS 'Owns the schema of hosogate; migrate and import.';
COMMENT ON ROLE hosogate_gateway IS 'hosogate serve: no more than 0006-rights.sql grants.';
