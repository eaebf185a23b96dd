#!/bin/sh
# fetch_speech.sh FOLDER : hours of people talking English, for katydid-forge train --data FOLDER: the lines of three games of
# the nineties, from Debian's packages, without root. Nobody wrote down which words are said when, so they lie in a folder "unlabelled":
# a teacher has to say. Needs the package ancient, which unpacks what was packed in those days.
set -eu
[ $# -eq 1 ] || { echo "usage: fetch_speech.sh FOLDER" >&2; exit 64; }
command -v ancient >/dev/null || { echo "fetch_speech.sh: ancient: not found; apt-get install ancient" >&2; exit 69; }
[ -d "$1/unlabelled" ] && exit
mkdir -p "$1"
part=$(mktemp -d "$1/part.XXXXXX")
trap 'rm -rf "$part"' EXIT
out=$part/unlabelled
mkdir "$out"

# fetch PACKAGE : unpacks it.
fetch() {
    (cd "$part" && apt-get download -qq "$1" && dpkg-deb -x "$1"_*.deb .) || { echo "fetch_speech.sh: $1: cannot be fetched; try apt-get update" >&2; exit 69; }
}

# slice FILE FROM SIZE : bytes of a file.
slice() { tail -c +$(($2 + 1)) "$1" | head -c "$3"; }

# little BYTES NUMBER : a number, least significant byte first.
little() {
    i=0 number=$2
    while [ $i -lt "$1" ]; do
        # shellcheck disable=SC2059 # an octal escape
        printf "\\$(printf %03o $((number & 255)))"
        number=$((number >> 8)) i=$((i + 1))
    done
}

# wav FILE : standard output gets a header for its samples, 8 bits at 11,025 Hz, and them.
wav() {
    size=$(wc -c <"$1")
    printf RIFF; little 4 $((size + 36)); printf 'WAVEfmt '; little 4 16; little 2 1; little 2 1
    little 4 11025; little 4 11025; little 2 1; little 2 8; printf data; little 4 "$size"
    cat "$1"
}

# Flight of the Amazon Queen. After 13 bytes the number of files (16 bits, most significant byte first), then for each its name
# (12 bytes), a byte, its place and its size (32 bits). Those called .SB are MP3.
fetch flight-of-the-amazon-queen
game=$part/usr/share/scummvm/flight-of-the-amazon-queen/queen.1c
count=$(od -An -v -tu1 -j13 -N2 "$game" | awk '{ print $1 * 256 + $2 }')
od -An -v -tu1 -w21 -j15 -N$((count * 21)) "$game" | awk '
    function number(at) { return (($at * 256 + $(at + 1)) * 256 + $(at + 2)) * 256 + $(at + 3) }
    {
        name = ""
        for (i = 1; i <= 12 && $i > 0; i++) name = name sprintf("%c", $i)
        if (sub(/\.SB$/, "", name)) print name, number(14), number(18)
    }' | while read -r name from size; do
    slice "$game" "$from" "$size" >"$out/queen-$name.mp3"
done

# Beneath a Steel Sky. After the number of files (32 bits, least significant byte first), for each its number (16 bits), its place (23 bits)
# with a bit that says whether that counts bytes or sixteens, and its size (22 bits). What is said are the numbers from 50,000 to 58,999:
# 22 bytes, then samples, packed.
fetch beneath-a-steel-sky
game=$part/usr/share/scummvm/beneath-a-steel-sky
od -An -v -tu1 -w8 -j4 "$game/sky.dnr" | awk '{
        name = $1 + 256 * $2
        from = $3 + 256 * ($4 + 256 * ($5 % 128))
        if ($5 >= 128) from *= 16
        if (name >= 50000 && name < 59000) print name, from + 22, $6 + 256 * ($7 + 256 * ($8 % 64)) - 22
    }' | while read -r name from size; do
    slice "$game/sky.dsk" "$from" "$size" >"$part/packed"
    ancient decompress "$part/packed" "$part/samples" >/dev/null
    wav "$part/samples" >"$out/sky-$name.wav"
done

# Drascula: samples as they are.
fetch drascula
for line in "$part"/usr/share/scummvm/drascula/en/*.ALS; do
    wav "$line" >"$out/drascula-$(basename "$line" .ALS).wav"
done
mv "$out" "$1/unlabelled"
