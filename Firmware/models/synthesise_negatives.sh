#!/bin/sh
# synthesise_negatives.sh FOLDER : what the shipped models must not take for a command, from espeak-ng's voices, for
# katydid-forge train --data FOLDER/talk --data FOLDER/words: four hours of running speech in 23 languages (nine of them
# read another one's words: Debian has no lists of their own), and 1,600 clips of other English words.
# Needs espeak-ng, flite, festival and festvox-kallpc16k, and Debian's word lists:
#   sudo apt install wamerican wbrazilian wbulgarian wcatalan wdanish wdutch wesperanto wfrench witalian wngerman wpolish wportuguese wspanish wukrainian
set -eu
[ $# -eq 1 ] || { echo "usage: synthesise_negatives.sh FOLDER" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
forge=${FORGE:-$here/../../.build/release/katydid-forge}
[ -x "$forge" ] || { echo "synthesise_negatives.sh: $forge: not built; make forge, or name it with FORGE=" >&2; exit 69; }

# In alphabetical order of the word lists. English is what people say most where these commands are used.
while read -r list accents count; do
    "$forge" synth speech --text "/usr/share/dict/$list" --accents "$accents" --count "$count" --flac --output "$1/talk"
done <<'LISTS'
american-english en-us,en-gb 400
brazilian pt-br 130
bulgarian bg 130
catalan ca 130
danish da 130
dutch nl 130
esperanto eo 130
french fr-fr 130
italian it 130
ngerman de 130
polish pl 130
portuguese pt 130
spanish es 130
ukrainian uk 130
polish cs,sk 200
italian ro 100
danish sv,nb 200
esperanto fi,hu 200
bulgarian ru,sr 200
LISTS
# shellcheck disable=SC2086 # one word each
"$forge" synth yes no up down left right on off stop go --count 1 --others 200 --others-count 8 --flac --output "$1/words"
# The commands themselves are in words/synthetic and from people already.
for word in yes no up down left right on off stop go; do rm -rf "$1/words/$word"; done
