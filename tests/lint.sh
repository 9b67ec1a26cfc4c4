#!/bin/sh
# House rules that a compiler cannot see; run from the top of the tree, over
# what git tracks or would.  Says which line breaks which rule.  A line, or a function, that has a good reason
# to be otherwise says so itself:
#
#	/* lint-ok: one case a type; splitting it would hide the list */
set -u
bad=0

deny() {	# deny <rule> <regex> <pathspec...>
	rule=$1 regex=$2
	shift 2
	if git grep --untracked -nE "$regex" -- "$@" | grep -v 'lint-ok:'; then
		echo "^^^ $rule" >&2
		bad=1
	fi
}

# One owner for each library.
deny 'libpq: gateway/db*.c only'            '<libpq-fe'      '*.[ch]' ':!gateway/db.c' ':!gateway/db_wait.[ch]' ':!gateway/db_rows.[ch]'
deny 'libmicrohttpd: gateway/http.c only'  '<microhttpd'    '*.[ch]' ':!gateway/http*.[ch]' ':!tests/bench/bare_mhd.c'
deny 'libcurl: its three clients only'     '<curl/'         '*.[ch]' ':!adapters/http_client.c' ':!adapters/smtp_connection.c' ':!adapters/imap.c'
deny 'OpenSSL: crypto/ only'               '<openssl/'      '*.[ch]' ':!crypto'
deny 'qpdf: crypto/pades*.c, pdf_*.c only' '<qpdf/'         '*.[ch]' ':!crypto/pades*.[ch]' ':!crypto/pdf_*.[ch]'
deny 'libxml2, xmlsec: crypto/xades*.c only' '<(libxml|xmlsec)/' '*.[ch]' ':!crypto/xades*.[ch]'
deny 'seccomp: crypto/sandbox.c only'      '<seccomp'       '*.[ch]' ':!crypto/sandbox.c'
deny 'jansson: base/json.c only'           '<jansson'       '*.[ch]' ':!base/json.c'
deny 'utf8proc: base/text.c only'          '<utf8proc'      '*.[ch]' ':!base/text.c'
deny 'p11-kit: sign_pkcs11.c only'         '<p11-kit/'      '*.[ch]' ':!adapters/sign_pkcs11.c'
deny 'cairo, pango: gateway/paper.c only'  '<(cairo|pango)' '*.[ch]' ':!gateway/paper.c'
deny 'libqrencode: gateway/qr.c only'      '<qrencode'      '*.[ch]' ':!gateway/qr.c'
deny 'libpng: gateway/qr.c only'       '<png.h'         '*.[ch]' ':!gateway/qr.c' ':!tests/unit/test_qr.c'
deny 'libconfuse: gateway/config.c only'   '<confuse'       '*.[ch]' ':!gateway/config.c'

# Arrows: gateway -> adapters, crypto -> base.
deny 'base is a leaf'             '#include "(gateway|adapters|crypto)/' base
deny 'crypto rests on base alone' '#include "(gateway|adapters)/'        crypto
deny 'adapters do not call back'  '#include "gateway/'                   adapters
deny 'includes start at the root' '#include "[^/"]+"' '*.[ch]' ':!gateway/db.[ch]' ':!gateway/files.c' ':!crypto/policy.c'

# One door for each state, one clock, SQL in its place.
deny 'SQL lives in schemas/queries' '"(SELECT|INSERT|UPDATE|DELETE|WITH) ' '*.[ch]'
deny 'dossier_move alone sets a state' 'SET +state *=' schemas/queries \
    ':!schemas/queries/dossier.sql' ':!schemas/queries/payment.sql' \
    ':!schemas/queries/refund.sql' ':!schemas/queries/stray.sql'
deny 'base/clock.c alone asks the time' \
    '(^|[^_a-z])(time|gettimeofday|clock_gettime|gmtime|localtime)\(' '*.c' ':!base/clock.c'
deny 'banned function' \
    '(^|[^_a-z])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|system|popen|alloca)\(' '*.c'
deny 'money is not a fraction' '^[^*]*(^|[^_a-z*])(float|double) ' '*.[ch]'

# Sizes: 80 columns, 600 lines a file, 70 lines and 5 parameters a function.
# Tables (.def) may be wider.
sizes() {
	git ls-files -coz --exclude-standard -- '*.c' '*.h' | LC_ALL=C xargs -0 awk '
	function say(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
	function width(s,    n, i, part) {	# in columns, not in bytes
		gsub(/[\200-\277]/, "", s)
		n = split(s, part, "\t")
		for (s = i = 0; i++ < n; s += length(part[i]))
			if (i > 1)
				s += 8 - s % 8
		return s
	}
	FNR == 1        { infn = 0; head = "" }
	# One word cannot be broken.
	width($0) > 80 && !/lint-ok:/ && /[^ \t][ \t]+[^ \t]/ {
		say("over 80 columns")
	}
	FNR == 601      { say("over 600 lines") }
	/^[a-z_0-9]+\(/ { head = ""; taking = 1 }
	taking          { head = head $0 }
	/^{/ {
		n = 1
		depth = 0
		for (i = 1; i <= length(head); i++) {
			c = substr(head, i, 1)
			depth += (c == "(") - (c == ")")
			n += (c == "," && depth == 1)
		}
		if (taking && n > 5 && head !~ /lint-ok:/)
			say(n " parameters")
		infn = 1; taking = 0; start = FNR; excused = 0
	}
	/lint-ok:/      { excused = 1 }
	/^}/ && infn {
		if (FNR - start - 1 > 70 && !excused)
			say("function of " FNR - start - 1 " lines")
		infn = 0
	}
	END { exit bad }'
}
if ! sizes; then
	echo '^^^ sizes: 80 columns, 600 lines a file, 70 lines and 5 parameters a function' >&2
	bad=1
fi

# Migrations run in the order of their numbers, decisions are named by theirs:
# each once, and none left out.
numbers() {	# numbers <pathspec>
	git ls-files -co --deduplicate --exclude-standard "$1" |
	    LC_ALL=C sort | awk -F '[/-]' '$3 + 0 != NR { print; exit 1 }'
}
for kind in 'schemas/db/[0-9]*.sql' 'docs/adr/*.md'; do
	if ! numbers "$kind"; then
		echo "^^^ $kind: another number than its place" >&2
		bad=1
	fi
done
exit $bad
