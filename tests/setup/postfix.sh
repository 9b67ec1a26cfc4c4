#!/bin/sh
# Debian's Postfix in .run/postfix, unpacked and not installed, so that no mail
# server starts on the machine; prints where it lies.  Fails, with a reason,
# where it cannot be had.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
root=$top/.run/postfix

fail() {
	echo "postfix: $1" >&2
	exit 1
}

if [ ! -x "$root/usr/sbin/postfix" ]; then
	command -v apt-get >/dev/null || fail 'no apt-get here to fetch it with'
	mkdir -p "$top/.run"
	new=$(mktemp -d "$top/.run/postfix.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	(cd "$new" && apt-get -q download postfix >log 2>&1) ||
		fail 'the package cannot be fetched'
	dpkg -x "$new"/postfix_*.deb "$new/root"
	chmod -R a+rX "$new/root"
	# Another test may have been faster.
	[ -e "$root" ] || mv "$new/root" "$root"
fi
echo "$root"
