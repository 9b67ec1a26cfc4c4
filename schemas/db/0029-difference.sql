-- A difference has a tenant, an owner and, where money is at stake, two
-- officers who close it; they are officers, and no longer just names.

ALTER TABLE settlement_difference ADD COLUMN tenant_id bigint NOT NULL DEFAULT 0,
	ADD COLUMN owner bigint,
	ADD COLUMN proposed_by bigint,
	ADD COLUMN proposed_at timestamptz;
UPDATE settlement_difference d SET tenant_id = a.tenant_id
  FROM payment_attempt a WHERE a.ref = d.ref;

-- Who was named and is no officer of ours stands in the note from now on.
ALTER TABLE settlement_difference RENAME COLUMN closed_by TO closer;
ALTER TABLE settlement_difference ADD COLUMN closed_by bigint;
UPDATE settlement_difference d
   SET closed_by = coalesce((SELECT id FROM officer WHERE login = closer), 0),
       note = CASE WHEN closer = 'hosogate' OR EXISTS (SELECT FROM officer WHERE login = closer)
	           THEN note ELSE left(closer || ': ' || note, 1000) END
 WHERE closer IS NOT NULL;
ALTER TABLE settlement_difference DROP COLUMN closer;

ALTER TABLE settlement_difference
	ADD CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
	ADD CHECK (closed_by IS NULL OR note <> ''),
	ADD CHECK ((proposed_by IS NULL) = (proposed_at IS NULL)),
	ADD CHECK (proposed_by IS NULL OR note <> ''),
	ADD CONSTRAINT difference_four_eyes CHECK (closed_by <> proposed_by);
-- Not of those that were closed before there was a second officer.
ALTER TABLE settlement_difference
	ADD CONSTRAINT difference_takes_two CHECK (closed_by IS NULL OR closed_by = 0
		OR proposed_by IS NOT NULL OR class IN ('duplicate', 'fee-diff')) NOT VALID;

COMMENT ON TABLE settlement_difference IS
	'Must reach zero: each is closed by officers with a note, or by the gateway once all sides agree.  reconcile.c opens, difference.c moves.';
COMMENT ON COLUMN settlement_difference.tenant_id IS '0: it names no order of ours; officers of every tenant see it.';
COMMENT ON COLUMN settlement_difference.class IS 'gateway/difference.def.';
COMMENT ON COLUMN settlement_difference.owner IS 'The officer whose case it is.';
COMMENT ON COLUMN settlement_difference.closed_by IS '0: the gateway, once all sides agreed.';

-- What is open comes by id, whatever its day.
DROP INDEX settlement_difference_open;
CREATE INDEX settlement_difference_open ON settlement_difference (id) WHERE closed_at IS NULL;

GRANT UPDATE (owner, proposed_by, proposed_at, closed_by, closed_at, note)
	ON settlement_difference TO hosogate_gateway;

-- Is what the latest file says of a transaction what is booked of it?
CREATE FUNCTION settlement_agrees(provider text, txn text) RETURNS boolean
	LANGUAGE sql STABLE AS $$
SELECT coalesce((
	SELECT r.paid AND EXISTS (
		SELECT FROM ledger_journal j
		  JOIN payment_attempt a ON a.tenant_id = j.tenant_id AND a.id = j.attempt_id
		 WHERE j.txn = r.txn AND j.provider = r.provider
		   AND j.kind IN ('payment', 'surplus')
		   AND j.amount = r.amount AND a.ref = r.ref)
	  FROM settlement_row r
	 WHERE r.txn = settlement_agrees.txn AND r.provider = settlement_agrees.provider
	 ORDER BY r.file_id DESC, r.line DESC
	 LIMIT 1), false)
$$;
