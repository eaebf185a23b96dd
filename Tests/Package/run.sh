#!/usr/bin/env bash
# The package without a board: what its unit may do, its manual pages, its completion, and that building it twice gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."
passed=0 failed=0
check() { if [ "$2" = 1 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "package: FAILED: $1"; fi; }

Firmware/package/build.sh >/dev/null
deb=$(ls -t out/deb/katydid_*+deb12_arm64.deb | head -1)
before=$(sha256sum <"$deb")
Firmware/package/build.sh >/dev/null
check "the same tree gives the same package" "$([ "$before" = "$(sha256sum <"$deb")" ] && echo 1)"
for manifest in Firmware/models/*.json; do
    [ -e "$manifest" ] || continue
    # The model and its card too.
    for end in json tflite md; do
        file=${manifest%.json}.$end
        check "$file is inside" "$(dpkg-deb --fsys-tarfile "$deb" | tar -xOf - "./usr/share/katydid/models/$(basename "$file")" 2>/dev/null | cmp -s - "$file" && echo 1)"
    done
done
check "everything belongs to root" "$(dpkg-deb -c "$deb" | awk '$2 != "root/root" { bad = 1 } END { print !bad }')"

exposure=$(systemd-analyze security --offline=true Firmware/package/katydid.service 2>/dev/null | sed -nE 's/.*exposure level for .*: ([0-9.]+).*/\1/p')
check "systemd-analyze security says $exposure, at most 2.0" "$(awk -v e="$exposure" 'BEGIN { print (e != "" && e <= 2.0) }')"

for verb in $(.build/release/katydid --help | sed -nE 's/^  ([a-z-]+)  +[a-z].*/\1/p'); do
    page=out/deb/texts/katydid-$verb.1
    check "$page: $(mandoc -Tlint -Wwarning "$page" 2>&1 | grep -v 'missing date' | head -1)" \
        "$([ -s "$page" ] && [ -z "$(mandoc -Tlint -Wwarning "$page" 2>&1 | grep -v 'missing date')" ] && echo 1)"
    # Every option of the program's own help is in the page.
    missing=$(.build/release/katydid "$verb" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort -u | while read -r option; do
        mandoc -Tascii "$page" | sed 's/.\x08//g' | grep -q -- "$option" || echo "$option"; done || true)
    check "$page lacks $missing" "$([ -z "$missing" ] && echo 1)"
done

complete_words() { # what bash would offer after these words
    bash -c '. out/deb/texts/katydid.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _katydid; echo "${COMPREPLY[@]}"' - "$@"
}
check "completes verbs" "$([ "$(complete_words katydid li)" = listen ] && echo 1)"
check "completes options" "$([ "$(complete_words katydid listen --refr)" = --refractory ] && echo 1)"

echo "package: $passed passed, $failed failed ($exposure of 10 exposed)"
[ "$failed" = 0 ]
