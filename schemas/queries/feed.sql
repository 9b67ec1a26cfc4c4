-- What api_event_list.c runs.

-- name: feed_after
-- $1 tenant  $2 client or 0 for all  $3 xact and $4 id of the last one seen
-- $5 how many at most
SELECT e.id, e.xact::text::bigint AS xact, 'dossier.' || e.kind AS type,
       d.code, e.seq, e.at, e.data, encode(e.hash, 'hex') AS hash
  FROM event e
  JOIN dossier d ON d.tenant_id = e.tenant_id AND d.id = e.dossier_id
 WHERE e.tenant_id = $1
   AND ($2::bigint = 0 OR d.client_id = $2)
   AND (e.xact, e.id) > (($3::bigint)::text::xid8, $4::bigint)
   AND e.xact < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY e.xact, e.id
 LIMIT $5;
