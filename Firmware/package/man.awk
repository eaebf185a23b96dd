# A manual page from what `katydid VERB --help` prints: the text has one source, the program.
#   awk -v verb=listen -v version=0.1.0 -f man.awk
function escape(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); sub(/^[.']/, "\\\\\\&&", s); return s }
function section(name) { print ".SH " toupper(name); mode = "text"; isFirst = 1 }
function verbatim(on) { if (on != isVerbatim) print on ? ".nf" : ".fi"; isVerbatim = on }
BEGIN {
    name = verb == "" ? "katydid" : "katydid-" verb
    printf ".TH %s 1 \"\" \"Katydid %s\" \"Katydid\"\n", toupper(name), version
    print ".SH NAME"
    printf "%s \\- %s\n", name, summary
}
/^usage: / || (inUsage && /^       /) {
    if (!inUsage) { section("synopsis"); verbatim(1) }
    inUsage = 1
    print ".B " escape(substr($0, 8))
    next
}
inUsage { inUsage = 0; verbatim(0); section("description"); if ($0 == "") next }
# A heading of its own: `what to do:`
/^[a-z].*:$/ && !/  / { verbatim(0); heading = substr($0, 1, length($0) - 1); section(heading); next }
/^  --/ {
    verbatim(0)
    line = substr($0, 3)
    isFirst = 0
    at = match(line, /  +/)
    print ".TP"
    print ".B " escape(at ? substr(line, 1, at - 1) : line)
    if (at) print escape(substr(line, at + RLENGTH))
    mode = "option"
    next
}
/^ +/ && mode == "option" { sub(/^ +/, ""); print escape($0); next }
/^  / { isNew = isFirst = 0; verbatim(1); print escape(substr($0, 3)); mode = "text"; next }
/^$/ { verbatim(0); isNew = 1; mode = "text"; next }
{ verbatim(0); if (isNew && !isFirst) print ".PP"; isNew = isFirst = 0; print escape($0); mode = "text" }
END {
    verbatim(0)
    print ".SH EXIT STATUS"
    print "0, or one of sysexits(3): 64 wrong usage, 65 a damaged file, 66 a missing file, 69 a device that is not there,"
    print "70 a fault in katydid itself, 73 and 74 output that cannot be written, 77 no permission, 78 a wrong configuration."
    print ".SH SEE ALSO"
    print seealso
}
