# Makes the table of a program's functions from the map that the linker wrote of it: first address, bytes, and name, which is
# the path without what generic parameters stand for. Where several functions share their instructions, all names of them.

# `<a::B<C> as d::E<F>>::g::<H>` as `a::B::g`.
function short(name,    out, at, c, depth, start, rest) {
    out = ""; rest = name
    if (substr(rest, 1, 1) == "<") {
        # The type of an implementation: up to ` as ` or the end of the angle brackets.
        depth = 0; start = 0
        for (at = 1; at <= length(rest); at++) {
            c = substr(rest, at, 1)
            if (c == "<" || c == "(" || c == "[") depth++
            else if (c == ")" || c == "]" || c == ">" && substr(rest, at - 1, 1) != "-") depth--
            if (depth == 1 && !start && substr(rest, at, 4) == " as ") start = at
            if (depth == 0) break
        }
        if (!start) start = at
        return short(substr(rest, 2, start - 2)) plain(substr(rest, at + 1))
    }
    return plain(rest)
}

# Without angle brackets and what is in them.
function plain(text,    out, at, c, depth) {
    out = ""; depth = 0
    for (at = 1; at <= length(text); at++) {
        c = substr(text, at, 1)
        if (c == "<") depth++
        else if (c == ">" && substr(text, at - 1, 1) != "-") depth--
        else if (depth == 0) out = out c
    }
    gsub(/::(::)+/, "::", out)
    sub(/::$/, "", out)
    sub(/^&(mut )?/, "", out)
    # Tools that read stacks part them at semicolons.
    gsub(/; */, ",", out)
    return out
}

# Sections of the program have their names at column 50, what they are made of 8 further right, and symbols in that 16.
/^ *[0-9a-f]+ +[0-9a-f]+ +[0-9a-f]+ +[0-9]+ [^ ]/ { text = substr($0, 50) == ".text" }
text && substr($0, 50, 16) ~ /^ +$/ && substr($0, 66, 1) != " " {
    name = substr($0, 66)
    # Marks within functions.
    if (name ~ /^(\$|\.L)/) next
    name = short(name)
    if ($1 == address) {
        if (bytes == "0") bytes = $3
        if (index("=" names "=", "=" name "=") == 0) names = names "=" name
        next
    }
    if (address != "") print address, bytes, names
    address = $1; bytes = $3; names = name
}
END { if (address != "") print address, bytes, names }
