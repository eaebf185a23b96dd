#!/usr/bin/env bash
# The package on an emulated Raspberry Pi 3B: what guest.sh checks inside, and the pins as seen from outside. `make board-test`.
set -euo pipefail
cd "$(dirname "$0")/../.."
models=${KATYDID_WAKE_MODELS:-out/wake-models}
[ -e "$models/okay_nabu.json" ] || { echo "board: skipped, no wake-word models; make wake-models"; exit 0; }
out=out/board/raspi3b
payload=$out/payload
Firmware/board/rootfs.sh

rm -rf "$payload"
mkdir -p "$payload"
Firmware/package/build.sh >/dev/null
cp out/deb/katydid_[0-9]*+deb12_arm64.deb "$payload/first.deb"
VERSION=99 Firmware/package/build.sh >/dev/null
mv out/deb/katydid_99+deb12_arm64.deb "$payload/second.deb"
cp "$models"/okay_nabu.{json,tflite} "$payload/"
install -m 755 Tests/Board/guest.sh "$payload/run.sh"
cp Tests/Board/katydid.conf "$payload/"

# One second of silence before the word and after it, so that nothing is cut by a loopback that starts and stops.
word=Tests/Golden/wake/okay_nabu.en-us.wav
silence() { head -c 32000 /dev/zero; }
{ silence; tail -c +45 "$word"; silence; } >"$out/word.raw"
bytes=$(stat -c %s "$out/word.raw")
u32() { printf "\\x$(printf %02x $(($1 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 24)))"; }
{ printf RIFF; u32 $((bytes + 36)); printf 'WAVEfmt '; u32 16; u32 $((1 | 1 << 16)); u32 16000; u32 32000; u32 $((2 | 16 << 16)); printf data; u32 "$bytes"
    cat "$out/word.raw"; } >"$payload/word.wav"
# When the program, on this machine, hears the word in the file: what comes on top on the board is latency.
.build/release/katydid listen --model "$models/okay_nabu.json" --json --wav "$payload/word.wav" 2>/dev/null |
    sed -nE 's/.*"detection","time":([0-9]+)\.([0-9]{3}).*/\1\2/p' | head -1 | sed 's/^0*//' >"$payload/needs-ms"

status=0
LIMIT=${LIMIT:-600} Firmware/board/boot.sh "$payload" "$out/run" || status=$?
results=$out/results
tr -d '\r' <"$out/run/serial.log" | grep -aE '^(PASS|FAIL|==) ' >"$results" || true
measured() { sed -n "s/^$1 //p" "$out/run/host/measured" 2>/dev/null; }
verdict() { if [ "$2" = 1 ]; then echo "PASS $1"; else echo "FAIL $1"; fi >>"$results"; }
below() { verdict "$1: $2 (at most $3)" "$(awk -v a="$2" -v b="$3" 'BEGIN { print (a + 0 > 0 && a + 0 <= b) }')"; }

echo "== from outside, and measured" >>"$results"
rises=$(grep -c ' 17 1$' "$out/run/pins" || true)
detections=$(grep -c ' score ' "$out/run/host/daemon.log" 2>/dev/null || true)
verdict "GPIO17 rose $rises times, seen from outside the guest; $detections detections" "$([ "$rises" -ge 5 ] && [ "$rises" = "$detections" ] && echo 1)"
verdict "GPIO17 is low at the end" "$([ "$(grep ' 17 [01]$' "$out/run/pins" | tail -1 | cut -d' ' -f3)" = 0 ] && echo 1)"
below "start to listening, ms" "$(measured start-to-listening-ms)" 100
below "from the end of what the model needs to the pin, ms" "$(measured mic-to-pin-ms)" 200
below "percent of a core of 500 MIPS" "$(awk -v c="$(measured cpu-percent-times-100)" 'BEGIN { print c / 100 }')" 10
below "resident memory, kB" "$(measured rss-kb)" 3072
below "plugged in to heard again, ms" "$(measured replug-ms)" 2000
verdict "the guest ended well (status $status)" "$([ "$status" = 0 ] && echo 1)"

cat "$results"
passed=$(grep -c '^PASS' "$results" || true) failed=$(grep -c '^FAIL' "$results" || true)
echo "board: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -ge 40 ]
