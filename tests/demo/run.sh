#!/bin/sh
# Starts what `make run` leaves running, in the background, and stops it again.
#
#	run.sh start	says where it is; a second start says it again
#	run.sh stop
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
setup=$top/tests/setup
HOSOGATE_CLUSTER=run
export HOSOGATE_CLUSTER
cd "$top"
here=.run/$HOSOGATE_CLUSTER

is_up() {
	[ -f "$here/pid" ] && kill -0 "$(cat "$here/pid")" 2>/dev/null
}

start() {
	if is_up; then
		cat "$here/run/README"
		return
	fi
	"$setup/documents.sh"
	"$setup/cluster.sh" start run
	PGHOST=$("$setup/cluster.sh" path run)
	export PGHOST
	setsid node tests/demo/run.js >"$here/out" 2>&1 </dev/null &
	echo $! >"$here/pid"
	# Ready, or ended: whichever comes first.
	until grep -q '^ready$' "$here/out"; do
		if ! is_up; then
			cat "$here/out" >&2
			"$setup/cluster.sh" stop run
			exit 1
		fi
		sleep 0.1
	done
	sed '/^ready$/d' "$here/out"
}

stop() {
	if is_up; then
		pid=$(cat "$here/pid")
		kill "$pid"
		while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	fi
	rm -f "$here/pid"
	"$setup/cluster.sh" stop run
}

case ${1-} in
start) start ;;
stop) stop ;;
*)
	echo 'run.sh: start or stop' >&2
	exit 64
	;;
esac
