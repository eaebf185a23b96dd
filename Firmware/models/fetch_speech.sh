#!/bin/sh
# fetch_speech.sh FOLDER : 4.6 hours of people talking English, for katydid-forge train --data FOLDER: the lines of a game of 1995,
# Flight of the Amazon Queen, from Debian's package, without root. Nobody wrote down which words are said when, so they
# lie in a folder "unlabelled": a teacher has to say.
set -eu
[ $# -eq 1 ] || { echo "usage: fetch_speech.sh FOLDER" >&2; exit 64; }
package=flight-of-the-amazon-queen
[ -d "$1/unlabelled" ] && exit
mkdir -p "$1"
part=$(mktemp -d "$1/part.XXXXXX")
trap 'rm -rf "$part"' EXIT
(cd "$part" && apt-get download -qq $package && dpkg-deb -x ./*.deb unpacked) || { echo "fetch_speech.sh: $package: cannot be fetched; try apt-get update" >&2; exit 69; }
game="$part/unpacked/usr/share/scummvm/$package/queen.1c"

# After 13 bytes the number of files (16 bits, most significant byte first), then for each its name (12 bytes), a byte, its
# place and its size (32 bits). Those called .SB are MP3.
count=$(od -An -v -tu1 -j13 -N2 "$game" | awk '{ print $1 * 256 + $2 }')
mkdir "$part/unlabelled"
od -An -v -tu1 -w21 -j15 -N$((count * 21)) "$game" | awk '
    function number(at) { return (($at * 256 + $(at + 1)) * 256 + $(at + 2)) * 256 + $(at + 3) }
    {
        name = ""
        for (i = 1; i <= 12 && $i > 0; i++) name = name sprintf("%c", $i)
        if (sub(/\.SB$/, "", name)) print name, number(14) + 1, number(18)
    }' | while read -r name from size; do
    tail -c +"$from" "$game" | head -c "$size" >"$part/unlabelled/$name.mp3"
done
mv "$part/unlabelled" "$1/unlabelled"
