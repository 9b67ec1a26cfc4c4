# docs/dossier.dot from gateway/dossier_state.def; `make docs`.
function words(row,    s) {
	s = row
	sub(/^[A-Z]+\(/, "", s)
	sub(/\).*/, "", s)
	n = split(s, w, /, */)
	for (i = 1; i <= n; i++)
		gsub(/^[ "]+|[ "]+$/, "", w[i])
}
BEGIN {
	print "// Made from gateway/dossier_state.def by `make docs`."
	print "digraph dossier {"
	print "\trankdir=LR; node [shape=box, style=rounded];"
}
/^STATE\( *[0-9]/ {
	words($0)
	print "\t" w[2] " [label=\"" w[1] " " w[3] "\\n" w[5] "\\n" \
	    tolower(w[4]) "\"];"
}
/^EVENT\([A-Z]/ { words($0); event[w[1]] = w[2] }
/^EDGE\([A-Z]/ {
	words($0)
	print "\t" w[1] " -> " w[4] " [label=\"" event[w[3]] \
	    (w[2] == "ANY" ? "" : " (" tolower(w[2]) ")") "\"];"
}
END { print "}" }
