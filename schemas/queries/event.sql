-- Every statement that event.c and event_head.c run.

-- name: event_append
-- Links for a set, at most one for each chain.  Chains are locked in one order
-- for everybody, and so show their latest link; prev travels through the row,
-- since RETURNING shows new values only.  A chain that is not there yet may be
-- begun by another at the same time, which the upsert sees.
-- $1 tenants  $2 dossiers  $3 kinds  $4 at in microseconds  $5 the same as
-- times  $6 actors  $7 data  $8 trace id
WITH input AS (
	SELECT *
	  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[],
	              $5::timestamptz[], $6::bigint[], $7::text[])
	       WITH ORDINALITY
	       AS i (tenant, dossier, kind, at_us, at, actor, data, n)
), held AS MATERIALIZED (
	SELECT i.*
	  FROM input i
	  JOIN event_chain c ON c.tenant_id = i.tenant
	       AND c.dossier_id = i.dossier
	 ORDER BY c.tenant_id, c.dossier_id
	   FOR UPDATE OF c
), next AS (
	UPDATE event_chain c
	   SET seq = c.seq + 1, prev = c.head,
	       head = event_hash(c.head, h.tenant, h.dossier, c.seq + 1,
	                         h.kind, h.at_us, h.actor, h.data)
	  FROM held h
	 WHERE c.tenant_id = h.tenant AND c.dossier_id = h.dossier
	RETURNING c.tenant_id, c.dossier_id, c.seq, c.prev, c.head
), first AS (
	INSERT INTO event_chain AS c (tenant_id, dossier_id, seq, prev, head)
	SELECT i.tenant, i.dossier, 1, z.zero,
	       event_hash(z.zero, i.tenant, i.dossier, 1, i.kind, i.at_us,
	                  i.actor, i.data)
	  FROM input i, (SELECT decode(repeat('00', 32), 'hex') AS zero) z
	 WHERE NOT EXISTS (
		SELECT FROM held h
		 WHERE h.tenant = i.tenant AND h.dossier = i.dossier)
	 ORDER BY i.tenant, i.dossier
	ON CONFLICT (tenant_id, dossier_id) DO UPDATE
	SET (seq, prev, head) = (
		SELECT c.seq + 1, c.head,
		       event_hash(c.head, i.tenant, i.dossier, c.seq + 1,
		                  i.kind, i.at_us, i.actor, i.data)
		  FROM input i
		 WHERE i.tenant = c.tenant_id AND i.dossier = c.dossier_id)
	RETURNING c.tenant_id, c.dossier_id, c.seq, c.prev, c.head
), link AS (
	TABLE next UNION ALL TABLE first
), added AS (
	INSERT INTO event (tenant_id, dossier_id, seq, kind, at, actor,
	                   trace_id, data, prev, hash)
	SELECT i.tenant, i.dossier, l.seq, i.kind, i.at, i.actor, $8, i.data,
	       l.prev, l.head
	  FROM input i
	  JOIN link l ON l.tenant_id = i.tenant AND l.dossier_id = i.dossier
	 ORDER BY i.n
	RETURNING id, tenant_id, dossier_id
)
SELECT a.id
  FROM added a
  JOIN input i ON i.tenant = a.tenant_id AND i.dossier = a.dossier_id
 ORDER BY i.n;

-- name: event_head_turn
-- Who makes the next head: one gateway of the fleet; and up to which
-- transaction, below which nothing is still running.
SELECT pg_try_advisory_xact_lock(hashtext('hosogate event_head')) AS mine,
       pg_snapshot_xmin(pg_current_snapshot()) AS to_xact;

-- name: event_head_last
SELECT to_xact, hash
  FROM event_head
 ORDER BY number DESC
 LIMIT 1;

-- name: event_hashes
-- A page of hashes in the order of the heads, each tenant by its own index.
-- $1 transaction and $2 id of the last one seen  $3 up to that transaction
-- $4 how many
SELECT e.xact, e.id, e.hash
  FROM tenant t
 CROSS JOIN LATERAL (
	SELECT v.xact, v.id, v.hash
	  FROM event v
	 WHERE v.tenant_id = t.id
	   AND (v.xact, v.id) > ($1::xid8, $2)
	   AND v.xact < $3::xid8
	 ORDER BY v.xact, v.id
	 LIMIT $4) e
 ORDER BY e.xact, e.id
 LIMIT $4;

-- name: event_head_add
-- $1 from and $2 to transaction  $3 events  $4 root  $5 prev  $6 hash
-- $7 signature  $8 now
INSERT INTO event_head (from_xact, to_xact, events, root, prev, hash,
                        signature, made_at)
VALUES ($1::xid8, $2::xid8, $3, $4, $5, $6, $7, $8);
