# docs/options.md from gateway/config.def; `make docs`.
BEGIN {
	print "# Options\n"
	print "Made from `gateway/config.def` by `make docs`. The file is read once at"
	print "the start; paths are relative to it; secrets are files that options name.\n"
	print "| option | default | bounds | what it is for |"
	print "|---|---|---|---|"
}
/^(STR|INT|LIST|PATH|PATHS)\(/ {
	kind = $0
	sub(/\(.*/, "", kind)
	what = $0
	sub(/"\)$/, "", what)
	sub(/.*"/, "", what)
	split($0, part, /[(,]/)
	name = part[2]
	value = bounds = ""
	if (kind == "STR" && match($0, /"[^"]*"/))
		value = substr($0, RSTART + 1, RLENGTH - 2)
	if (kind == "INT") {
		value = part[3]
		bounds = part[4] " to" part[5]
	}
	if (kind == "LIST" || kind == "PATHS")
		bounds = "list"
	gsub(/^ +| +$/, "", value)
	gsub(/^ +| +$/, "", bounds)
	print "| `" name "` | " (value == "" ? "" : "`" value "`") " | " \
	    bounds " | " what " |"
}
