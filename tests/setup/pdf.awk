# A PDF of one page for each input line group: plain text in, PDF 1.7 out.
#
#	awk -f pdf.awk [-v pad=BYTES] <text >pdf
#
# Text is ASCII (the standard fonts have no Vietnamese).  pad makes the file
# at least that long by a stream of noise that no reader shows, so that
# measurements have documents of a known size.
BEGIN {
	size = 0
	count = 0
	srand(1)
	put("%PDF-1.7\n%\342\343\317\323\n")
}

function put(s) {
	printf "%s", s
	size += length(s)
}

function object(body) {
	offset[++count] = size
	put(count " 0 obj\n" body "\nendobj\n")
}

function stream(text) {
	object("<< /Length " length(text) " >>\nstream\n" text "\nendstream")
}

function noise(n,    s) {
	while (length(s) < n)
		s = s sprintf("%08x%08x\n", rand() * 4294967295,
		    rand() * 4294967295)
	return s
}

{
	gsub(/[\\()]/, "\\\\&")
	lines = lines "(" $0 ") Tj T*\n"
}

END {
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]" \
	    " /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>")
	stream("BT /F 12 Tf 72 770 Td 16 TL\n" lines "ET")
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	if (pad > size)
		stream(noise(pad - size))
	start = size
	put("xref\n0 " count + 1 "\n0000000000 65535 f \n")
	for (i = 1; i <= count; i++)
		put(sprintf("%010d 00000 n \n", offset[i]))
	put("trailer\n<< /Size " count + 1 " /Root 1 0 R >>\n" \
	    "startxref\n" start "\n%%EOF\n")
}
