#!/bin/sh
# Debian's Dovecot in .run/dovecot, unpacked and not installed, so that no mail
# server starts on the machine; prints where it lies.  Fails, with a reason,
# where it cannot be had.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
root=$top/.run/dovecot

fail() {
	echo "dovecot: $1" >&2
	exit 1
}

if [ ! -x "$root/usr/sbin/dovecot" ]; then
	command -v apt-get >/dev/null || fail 'no apt-get here to fetch it with'
	mkdir -p "$top/.run"
	new=$(mktemp -d "$top/.run/dovecot.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	(cd "$new" && apt-get -q download dovecot-core dovecot-imapd \
	    libsodium23 libunwind8 >log 2>&1) ||
		fail 'the packages cannot be fetched'
	for package in "$new"/*.deb; do
		dpkg -x "$package" "$new/root"
	done
	chmod -R a+rX "$new/root"
	# Another test may have been faster.
	[ -e "$root" ] || mv "$new/root" "$root"
fi
echo "$root"
