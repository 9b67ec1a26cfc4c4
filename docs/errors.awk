# docs/errors.md from base/errors.def; `make docs`.
BEGIN {
	print "# Errors / Mã lỗi\n"
	print "Made from `base/errors.def` by `make docs`. A refusal is an RFC 9457"
	print "problem object; `code` is stable, the titles are for people.\n"
	print "| code | HTTP | English | Tiếng Việt |"
	print "|---|---|---|---|"
}
/^ERR\(/ { row = "" }
/^ERR\(/, /\)$/ {
	row = row $0
	if (!/\)$/)
		next
	n = split(row, part, "\"")
	split(part[1], head, ",")
	gsub(/ /, "", head[2])
	print "| `" part[2] "` | " head[2] " | " part[4] " | " part[6] " |"
}
