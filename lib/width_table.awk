# Makes lib/width_table.h from the Unicode Character Database (Debian: package unicode-data):
#   awk -f lib/width_table.awk -v version=15.0.0 UnicodeData.txt EastAsianWidth.txt
# hidden: control characters, line separators and invisible formatting (bidirectional overrides, tags …): never sent to a
#         terminal;  zero: combining marks, joiners, medial and final Hangul;  wide: East Asian Wide and Fullwidth.
function number(hex, n, i) {
	n = 0
	for (i = 1; i <= length(hex); i++)
		n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
	return n
}
function add(class, from, to) {
	if (count[class] > 0 && last[class, count[class]] == from - 1) {
		last[class, count[class]] = to
		return
	}
	count[class]++
	first[class, count[class]] = from
	last[class, count[class]] = to
}
function table(class, i) {
	printf "\nstatic const struct range %s[] = {\n", class
	for (i = 1; i <= count[class]; i++)
		printf "    {0x%04x, 0x%04x},\n", first[class, i], last[class, i]
	print "};"
}
FNR == 1 { file++ }
file == 1 {
	split($0, f, ";")
	c = number(f[1])
	if (f[2] ~ /First>$/) { begin = c; next }
	from = f[2] ~ /Last>$/ ? begin : c
	if (c == 8204 || c == 8205) add("zero", c, c)
	else if (f[3] == "Cc" || f[3] == "Cf" || f[3] == "Zl" || f[3] == "Zp") add("hidden", from, c)
	else if (f[3] == "Mn" || f[3] == "Me" || (c >= 4448 && c <= 4607)) add("zero", from, c)
}
file == 2 && /^[0-9A-F]/ {
	sub(/ *#.*/, "")
	split($0, f, /[ ;]+/)
	if (f[2] != "W" && f[2] != "F") next
	n = split(f[1], r, /\.\./)
	add("wide", number(r[1]), number(r[n]))
}
END {
	printf "/* Made by lib/width_table.awk from the Unicode Character Database %s; do not edit. */\n", version
	table("hidden")
	table("zero")
	table("wide")
}
