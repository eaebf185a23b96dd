#!/bin/sh
# fetch_recordings.sh FOLDER [others] : recordings without the shipped models' words, for katydid-forge evaluate --recordings FOLDER:
# those that cutoffs were chosen by, or others. Debian's packages, unpacked without root. What each is, and what is left out of it,
# stands in recordings.md.
set -eu
case $#-${2-others} in 1-others | 2-others) ;; *) echo "usage: fetch_recordings.sh FOLDER [others]" >&2; exit 64 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"

# fetch PACKAGE FOLDER NAME : the package's folder as NAME, whole or not at all.
fetch() {
    [ -d "$3" ] && return
    rm -rf part
    mkdir part
    (cd part && apt-get download -qq "$1" && dpkg-deb -x ./*.deb unpacked) || { echo "fetch_recordings.sh: $1: cannot be fetched; try apt-get update" >&2; exit 69; }
    mv "part/unpacked/$2" "part/$3"
    # What may hold one of the words.
    (cd part && cut -f1 "$here/recordings-left-out.txt" | grep "^$3/" | tr '\n' '\0' | xargs -0r rm -f)
    mv "part/$3" .
    rm -rf part
}

if [ $# = 2 ]; then
    fetch hedgewars-data usr/share/games/hedgewars/Data/Music battles
    fetch supertux-data usr/share/games/supertux2/music jumping
    fetch freedroidrpg-data usr/share/freedroidrpg/data/sound/music robots
    fetch pushover-data usr/share/pushover/themes dominoes
    fetch openclonk-data usr/share/games/openclonk/Music.ocg mining
    fetch fillets-ng-data usr/share/games/fillets-ng/music fish
    exit
fi
fetch fillets-ng-data-nl usr/share/games/fillets-ng/sound dutch
fetch fillets-ng-data-cs usr/share/games/fillets-ng/sound czech
fetch asterisk-core-sounds-en-wav usr/share/asterisk/sounds/en_US_f_Allison prompts
fetch wesnoth-1.16-music usr/share/games/wesnoth/1.16/data/core/music music
fetch asterisk-core-sounds-fr-wav usr/share/asterisk/sounds/fr_CA_f_June french
fetch asterisk-core-sounds-ru-wav usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU russian
fetch asterisk-moh-opsound-wav usr/share/asterisk/moh songs
fetch asc-music usr/share/games/asc marches
fetch hyperrogue-music usr/share/hyperrogue electronic
fetch drascula-music usr/share/scummvm/drascula/audio themes
