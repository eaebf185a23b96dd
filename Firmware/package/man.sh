#!/usr/bin/env bash
# man.sh KATYDID FOLDER : manual pages of all verbs and a completion for bash, from the texts that the program KATYDID prints.
set -euo pipefail
katydid=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
version=$("$katydid" --version | awk 'NR == 1 { print $2 }')
mkdir -p "$folder"

# `  listen        hear keywords and move GPIO lines`
verbs() { "$katydid" --help | sed -nE 's/^      ([a-z-]+)  +(.*)$/\1\t\2/p; s/^  ([a-z-]+)  +([a-z].*)$/\1\t\2/p'; }
pages=$(verbs | cut -f1 | sed 's/.*/katydid-&(1)/' | paste -sd, | sed 's/,/, /g')

page() { awk -v verb="$1" -v summary="$2" -v version="$version" -v seealso="katydid(1), $pages" -f "$here/man.awk"; }
"$katydid" --help | sed '1,/^$/d' | page "" "voice commands on small boards" >"$folder/katydid.1"
verbs | while IFS=$'\t' read -r verb summary; do
    "$katydid" "$verb" --help | page "$verb" "$summary" >"$folder/katydid-$verb.1"
done

{
    echo '# bash completion of katydid, made from its --help texts.'
    echo '_katydid() {'
    echo '    local word=${COMP_WORDS[COMP_CWORD]} options='
    echo '    case ${COMP_WORDS[1]-} in'
    verbs | while IFS=$'\t' read -r verb _; do
        options=$("$katydid" "$verb" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | paste -sd' ' || true)
        echo "        $verb) options='$options' ;;"
    done
    echo '    esac'
    echo "    if [ \"\$COMP_CWORD\" = 1 ]; then COMPREPLY=(\$(compgen -W '$(verbs | cut -f1 | paste -sd' ')' -- \"\$word\"))"
    echo '    elif [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))'
    echo '    else COMPREPLY=($(compgen -f -- "$word")); fi'
    echo '}'
    echo 'complete -o filenames -F _katydid katydid'
} >"$folder/katydid.bash"
