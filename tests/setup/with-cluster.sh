#!/bin/sh
# Runs a command with a private PostgreSQL, the demo's PKI and its documents,
# and leaves nothing running:
#
#	with-cluster.sh COMMAND...
#
# The command finds HOSOGATE_CLUSTER and PGHOST, and a database `template`,
# migrated and with schemas/data in it, to copy.  HOSOGATE names the program.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
setup=$top/tests/setup
cd "$top"
. "$setup/sanitizers.sh"
# To look up a name for each leak that is let pass costs every gateway that ends
# 0.2 s; site.js names what is left.
ASAN_OPTIONS=$ASAN_OPTIONS:symbolize=0
HOSOGATE=${HOSOGATE:-$top/hosogate}
HOSOGATE_CLUSTER=${HOSOGATE_CLUSTER:-t$$}
export HOSOGATE HOSOGATE_CLUSTER

# Gateways whose starter died before it could stop them.
reap() {
	while read -r pid; do
		case $(readlink "/proc/$pid/exe" 2>/dev/null) in
		*/hosogate*) kill -9 "$pid" 2>/dev/null || : ;;
		esac
	done <"$top/.run/$HOSOGATE_CLUSTER/pids"
}

finish() {
	code=$?
	trap - EXIT HUP INT TERM
	[ ! -f "$top/.run/$HOSOGATE_CLUSTER/pids" ] || reap
	"$setup/cluster.sh" drop "$HOSOGATE_CLUSTER"
	exit "$code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

"$setup/documents.sh"
"$setup/cluster.sh" start "$HOSOGATE_CLUSTER"
PGHOST=$("$setup/cluster.sh" path "$HOSOGATE_CLUSTER")
export PGHOST
node "$setup/template.js"
"$@"
