#!/bin/sh
# A private PostgreSQL 15 under .run/NAME/: reached by a unix socket alone,
# and by nobody but this user.  The system's clusters are not touched.
#
#	cluster.sh start NAME	make it if need be, with roles.sql applied
#	cluster.sh stop NAME	stop it; the data stay
#	cluster.sh drop NAME	stop it and remove .run/NAME
#	cluster.sh path NAME	print the directory of its socket
#
# HOSOGATE_FSYNC=off spares the disk where a machine that falls over may lose
# all: a test makes and drops a database of four hundred files, and each drop is
# a checkpoint, after which PostgreSQL would log every page whole.  The cluster
# then lies in memory where there is enough; what dies in tests is a process,
# and the kernel keeps what that has written.
#
# PostgreSQL refuses to run as root: started by root it runs as the user that
# Debian's package made.  Where that user cannot reach the checkout, or its
# path is too long for a socket (108 bytes), the cluster lies in /var/tmp and
# .run/NAME/pg points there.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
verb=${1:?start, stop, drop or path} name=${2:?name of the cluster}
here=$top/.run/$name
pg=/usr/lib/postgresql/15/bin
cached=$top/.run/initdb-15
sync=${HOSOGATE_FSYNC:-on}

as_pg() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

give() {	# directories that PostgreSQL's user owns
	[ "$(id -u)" -ne 0 ] || chown postgres: "$@"
	chmod 0700 "$@"
}

in_memory() {
	[ "$sync" = off ] && [ -w /dev/shm ] &&
	    [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 4000000 ]
}

place_far() {	# below another directory
	far=$(mktemp -d "$1/hosogate-XXXXXX")
	give "$far"
	ln -s "$far" "$here/pg"
}

place() {	# makes $here/pg
	mkdir -p "$here/pg"
	give "$here/pg"
	if in_memory; then
		rmdir "$here/pg"
		place_far /dev/shm
	elif [ ${#here} -gt 80 ] || ! as_pg test -w "$here/pg"; then
		rmdir "$here/pg"
		place_far /var/tmp
	fi
}

make_cached() {	# initdb takes seconds, a copy of its work does not
	[ ! -d "$cached" ] || return 0
	as_pg "$pg/initdb" -D "$home/data" -U postgres -A trust -E UTF8 \
	    --locale=C.UTF-8 --no-instructions --no-sync >"$here/initdb.log" ||
	    { cat "$here/initdb.log" >&2; exit 1; }
	cat >>"$home/data/postgresql.conf" <<-'E'
		listen_addresses = ''
		unix_socket_permissions = 0700
		max_connections = 300
		fsync = on
		synchronous_commit = on
		full_page_writes = on
		timezone = 'UTC'
		log_line_prefix = '%m [%p] %a %d '
	E
	echo 'local all all trust' >"$home/data/pg_hba.conf"
	cp -a "$home/data" "$cached.$$"
	mv -T "$cached.$$" "$cached" 2>/dev/null || rm -rf "$cached.$$"
}

make_data() {
	[ ! -f "$home/data/PG_VERSION" ] || return 0
	make_cached
	[ -f "$home/data/PG_VERSION" ] || cp -a "$cached" "$home/data"
	fresh=yes
}

is_up() {
	as_pg "$pg/pg_ctl" -D "$home/data" status >/dev/null 2>&1
}

start() {
	fresh=
	[ -d "$here/pg" ] || place
	home=$(readlink -f "$here/pg")
	make_data
	mkdir -p "$home/s"
	give "$home/s"
	# A disk's commits wait for a new segment, and behind a checkpoint.
	wal='-c min_wal_size=1GB -c max_wal_size=4GB'
	[ "$sync" = on ] || wal=
	# The caller's descriptors are not for a server to hold open.
	is_up || as_pg "$pg/pg_ctl" -D "$home/data" -l "$home/log" -s -w -t 60 \
	    -o "-k '$home/s' -c fsync=$sync -c full_page_writes=$sync $wal" \
	    start </dev/null >/dev/null 2>&1 ||
	    { tail "$home/log" >&2; exit 1; }
	[ -z "$fresh" ] || "$pg/psql" -X -q -v ON_ERROR_STOP=1 -h "$home/s" \
	    -U postgres -d postgres -f "$top/schemas/db/roles.sql"
}

stop() {
	[ -d "$here/pg" ] || return 0
	home=$(readlink -f "$here/pg")
	! is_up || as_pg "$pg/pg_ctl" -D "$home/data" -s -w -m fast stop ||
	    as_pg "$pg/pg_ctl" -D "$home/data" -s -w -m immediate stop
}

case $verb in
start) start ;;
stop) stop ;;
drop)
	stop
	[ ! -L "$here/pg" ] || rm -rf "$(readlink -f "$here/pg")"
	rm -rf "$here"
	;;
path) echo "$(readlink -f "$here/pg")/s" ;;
*)
	echo "cluster.sh: start, stop, drop or path" >&2
	exit 64
	;;
esac
