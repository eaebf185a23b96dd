#!/bin/sh
# fetch_music.sh FOLDER : 5 hours of music, for katydid-forge train --data FOLDER: of six sources, from Debian's packages, without
# root. Nobody says a word of the shipped models' in it, as far as is known: it is noise to be heard through, and to be silent in.
# 1.2 GB are fetched, of which 0.35 stay.
set -eu
[ $# -eq 1 ] || { echo "usage: fetch_music.sh FOLDER" >&2; exit 64; }
mkdir -p "$1/noise"
cd "$1"

copyleft='agriculture|cosmostation|galacticbattle|launch2|launch3chatstart|liftoff|machina|mission|ocean|peace[1246]|snow|klabauter_dance'

# fetch NAME LICENCE PACKAGE FOLDER [PACKAGE FOLDER ...] : the music of some packages as noise/NAME, whole or not at all, and in the manifest.
fetch() {
    name=$1 licence=$2
    shift 2
    if [ ! -d "noise/$name" ]; then
        rm -rf part
        mkdir -p part/music
        while [ $# -gt 0 ]; do
            (cd part && apt-get download -qq "$1" && dpkg-deb --fsys-tarfile "$1"_*.deb | tar -x "./$2") ||
                { echo "fetch_music.sh: $1: cannot be fetched; try apt-get update" >&2; exit 69; }
            # Jingles are left out, and what is under the GPL alone.
            find "part/$2" -name '*.ogg' -size +200k | grep -vE "/($copyleft)\.ogg$" | while read -r file; do mv "$file" "part/music/$1-$(basename "$file" | tr ', ' '__')"; done
            rm -rf part/*.deb part/usr
            shift 2
        done
        mv part/music "noise/$name"
        rm -rf part
    fi
    for file in "noise/$name"/*; do echo "$file,$name,,,,\"$licence\",Debian"; done >>manifest.new
}

echo path,word,speaker,split,seconds,licence,source >manifest.new
fetch ambient 'CC BY-SA 3.0' singularity-music usr/share/games/singularity/music
fetch space 'CC BY 3.0 and CC BY-SA 3.0, by track' naev-data usr/share/naev/dat/snd/music
fetch races 'CC BY-SA 3.0 and 4.0, by track' supertuxkart-data usr/share/games/supertuxkart/data/music
fetch castles 'CC BY-SA 3.0' flare-game usr/share/games/flare/mods/fantasycore/music
fetch villages 'CC BY-SA 3.0' ardentryst usr/share/games/ardentryst/Music
fetch techno 'BSD-2-Clause' gunroar-data usr/share/games/gunroar/sounds/musics mu-cade-data usr/share/games/mu-cade/sounds/musics \
    parsec47-data usr/share/games/parsec47/sounds titanion-data usr/share/games/titanion/sounds/musics \
    torus-trooper-data usr/share/games/torus-trooper/sounds/musics tumiki-fighters-data usr/share/games/tumiki-fighters/sounds
mv manifest.new manifest.csv
