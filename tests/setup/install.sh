#!/bin/sh
# Installs what packages.txt lists and this machine lacks.
#
#	install.sh [test] [check]	beyond what building and the demo need
#
# Says what it would need and exits 1 where it may not install.  No cluster of
# the system's PostgreSQL is made or touched.
set -eu
cd "$(dirname "$0")"

wanted() {	# package names, of the groups asked for
	awk -v groups=" $* " '
	/^[^#]/ && ($2 == "" || index(groups, " " $2 " ")) { print $1 }
	' packages.txt
}

is_here() {	# package[:command]
	case $1 in
	*:*) command -v "${1#*:}" >/dev/null ;;
	*) dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$' ;;
	esac
}

missing=
for item in $(wanted "$@"); do
	is_here "$item" || missing="$missing ${item%%:*}"
done
[ -n "$missing" ] || exit 0

refuse() {
	echo "hosogate: $1; please have an administrator run:" >&2
	echo "	apt-get install --no-install-recommends$missing" >&2
	exit 1
}

command -v apt-get >/dev/null || refuse 'this is not Debian'
as_root=
if [ "$(id -u)" -ne 0 ]; then
	sudo -n true 2>/dev/null || [ -t 0 ] || refuse 'packages are missing'
	command -v sudo >/dev/null || refuse 'packages are missing'
	as_root=sudo
fi

apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	    -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Debian's PostgreSQL makes a cluster of its own when it is first installed;
# ours is private, so that one is not wanted.
drop_in=/etc/postgresql-common/createcluster.d/hosogate-setup.conf
trap '$as_root rm -f "$drop_in"' EXIT

echo "hosogate: installing$missing"
apt update || refuse 'the package lists cannot be fetched'
case $missing in
*postgresql-15*)
	apt install --no-install-recommends postgresql-common ||
	    refuse 'packages cannot be installed'
	$as_root mkdir -p "${drop_in%/*}"
	echo 'create_main_cluster = false' |
	    $as_root tee "$drop_in" >/dev/null
	;;
esac
# One name a word, on purpose.
# shellcheck disable=SC2086
apt install --no-install-recommends $missing ||
    refuse 'packages cannot be installed'
