# Turns text files into tables of lines that the program carries with it:
#
#	awk -f embed.awk schemas/db/0001-base.sql ... > build/files_gen.h
#
# Each file becomes FILE_BEGIN(name) LINE("...") ... FILE_END, so that who
# includes it says whether it is one string or a table of lines.

FNR == 1 {
	if (NR > 1)
		print "FILE_END\n"
	n = split(FILENAME, part, "/")
	printf "FILE_BEGIN(\"%s\")\n", part[n]
}

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\?/, "\\?")
	printf "LINE(\"%s\\n\")\n", $0
}

END {
	if (NR > 0)
		print "FILE_END"
	print "#undef FILE_BEGIN\n#undef LINE\n#undef FILE_END"
}
