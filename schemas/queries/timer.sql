-- Every statement that timer.c runs.

-- name: timer_drop
-- What has not fired is of no more use; what has fired stays.
-- $1 tenant  $2 dossiers  $3 kinds
DELETE FROM timer
 WHERE tenant_id = $1 AND dossier_id = ANY ($2::bigint[])
   AND kind = ANY ($3::text[])
   AND fired_at IS NULL;

-- name: timer_set
-- Several of one kind are rounds in the order of their time.
-- $1 tenant  $2 dossiers  $3 kinds  $4 due
INSERT INTO timer (tenant_id, dossier_id, kind, round, due_at)
SELECT $1, n.dossier, n.kind,
       row_number() OVER (PARTITION BY n.dossier, n.kind ORDER BY n.due)
           + coalesce((SELECT max(t.round)
                         FROM timer t
                        WHERE t.tenant_id = $1
                          AND t.dossier_id = n.dossier
                          AND t.kind = n.kind), 0),
       n.due
  FROM unnest($2::bigint[], $3::text[], $4::timestamptz[])
       AS n (dossier, kind, due);

-- name: timer_fire
-- Fires what is due, of each dossier its first.  The dossier is locked with
-- it, as everybody else locks it first; whoever holds one is passed over and
-- comes next time.
-- $1 how many
WITH due AS (
	SELECT t.tenant_id, t.id, t.dossier_id, t.due_at
	  FROM timer t
	  JOIN dossier d ON d.tenant_id = t.tenant_id AND d.id = t.dossier_id
	 WHERE t.fired_at IS NULL AND t.due_at <= now()
	 ORDER BY t.due_at
	 LIMIT $1
	   FOR NO KEY UPDATE OF t, d SKIP LOCKED
), one AS (
	SELECT DISTINCT ON (tenant_id, dossier_id) tenant_id, id
	  FROM due
	 ORDER BY tenant_id, dossier_id, due_at, id
), fired AS (
	UPDATE timer t
	   SET fired_at = now()
	  FROM one
	 WHERE t.tenant_id = one.tenant_id AND t.id = one.id
	RETURNING t.tenant_id, t.dossier_id, t.kind, t.round, t.due_at
)
SELECT f.tenant_id, f.dossier_id, f.kind, f.round, f.due_at, d.code,
       now() AS fired_at
  FROM fired f
  JOIN dossier d ON d.tenant_id = f.tenant_id AND d.id = f.dossier_id
 ORDER BY f.tenant_id, f.dossier_id;
