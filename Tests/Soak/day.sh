#!/usr/bin/env bash
# day.sh HOURS : so many hours of sound through the program and its capture, as fast as it can be heard, with four models. Says one
# line if all is well: nothing allocated, memory and descriptors constant, every loop of the sound heard as the first
# was and at the right time, every sample counted. What it measured is left in out/soak/day.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Soak/common.sh
hours=$1
name=day

sound=$out/mix.raw
[ -e "$sound" ] || Tests/Soak/mix.sh "$sound" "$out/noise"
samples=$(($(stat -c %s "$sound") / 2))
truncate -s 0 "$out/control"
truncate -s 16 "$out/control"
alsa "pcm.soak { type filemic  file \"$PWD/$sound\"  loop 1  pace 0  control \"$PWD/$out/control\" }"
delivered() { od -A n -t u8 -j 8 -N 8 "$out/control" | tr -d ' '; }

models=()
for model in "$wake_models"/*.json; do models+=(--model "$model"); done
# What is to be heard, by way of a file: the second time is as all times after it.
cat "$sound" "$sound" | "$katydid" listen "${models[@]}" --json --raw 2>/dev/null >"$out/expected"

# Recordings too: bounded in number and size, and nothing that allocates.
rm -rf "$out/recordings"
mkdir "$out/recordings"
target=$(awk -v h="$hours" 'BEGIN { printf "%d", h * 3600 * 16000 }')
started=$(date +%s.%N)
ALSA_CONFIG_PATH=$out/asound.conf ALLOCATIONS_FROM=detection LD_PRELOAD=$PWD/$out/count.so \
    "$katydid" listen "${models[@]}" --json --device soak --record-on-detect "$out/recordings" --gpio GPIO17:pulse=300ms --gpio-trace \
    >"$out/$name.events" 2>"$out/$name.log" &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT

: >"$out/$name.memory"
while [ "$(delivered)" -lt "$target" ]; do
    sleep 0.1
    kill -0 $pid 2>/dev/null || fail "the daemon ended: $(tail -1 "$out/$name.log")"
    [ "$(delivered)" -ge $((samples * 2)) ] || continue  # begun, and every file of recordings has been written once
    awk '/^Rss|^Private_Dirty|^Anonymous/ { printf "%s ", $2 }' /proc/$pid/smaps_rollup >>"$out/$name.memory"
    find /proc/$pid/fd -type l 2>/dev/null | wc -l >>"$out/$name.memory"
done
ticks=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
kill -TERM $pid
status=0
wait $pid || status=$?
trap - EXIT
took=$(awk -v a="$started" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')

[ $status = 0 ] || fail "SIGTERM ended it with exit code $status: $(tail -1 "$out/$name.log")"
[ "$(grep -o '^allocations: [0-9]*' "$out/$name.log")" = "allocations: 0" ] || fail "$(grep '^allocations' "$out/$name.log" || echo "no count of allocations")"
lines=$(wc -l <"$out/$name.log")
[ "$lines" -le 5 ] || fail "$lines lines on standard error: $(tail -1 "$out/$name.log")"
memory=$(awk 'NF == 4 { n++; for (i = 1; i <= 4; i++) { if (n == 1 || $i < low[i]) low[i] = $i; if ($i > high[i]) high[i] = $i } }
    END { for (i = 1; i <= 4; i++) printf "%d %d ", low[i], high[i]; print n }' "$out/$name.memory")
read -r rss rss_high dirty dirty_high own own_high files files_high taken <<<"$memory"
[ "$taken" -ge 3 ] || fail "memory was looked at $taken times only"
[ "$rss" = "$rss_high" ] && [ "$own" = "$own_high" ] || fail "resident memory went from $rss to $rss_high kB, of which anonymous from $own to $own_high kB"
# One more while a recording is being written.
[ "$files_high" -le $((files + 1)) ] || fail "from $files to $files_high descriptors open"
kept=$(find "$out/recordings" -name 'detection-*.wav' | wc -l) kept_kb=$(du -sk "$out/recordings" | cut -f1)
[ "$kept" -le 50 ] && [ "$kept_kb" -le $((50 * 4 * 32 + 50 * 4)) ] || fail "$kept recordings of $kept_kb kB"
[ "$(find "$out/recordings" -type f ! -name 'detection-[0-9][0-9][0-9].wav' | wc -l)" -le 1 ] || fail "recordings that were not finished: $(ls "$out/recordings")"

# Each loop against the second of the file: the same words at the same millisecond. Times are whole milliseconds, and so is a loop.
verdict=$(sed -nE 's/.*"event":"detection","time":([0-9]+)\.([0-9]{3}),"word":"([^"]+)".*/\1\2 \3/p' "$out/expected" |
    awk -v loop=$((samples / 16)) -v end="$(sed -nE 's/.*"event":"end","seconds":([0-9.]+).*/\1/p' "$out/$name.events")" -v delivered="$(delivered)" '
    FILENAME == "-" { if ($1 > loop) wanted = wanted " " ($1 - loop) ":" $2; if ($1 > loop) n++; next }
    { k = int(($1 - 1) / loop); got[k] = got[k] " " ($1 - k * loop) ":" $2; total++; last = k }
    END {
        if (n == 0) { print "FAIL: nothing is to be heard"; exit }
        if (end * 16000 != delivered) { printf "FAIL: %.3f s were counted, and %.4f s delivered\n", end, delivered / 16000; exit }
        whole = int(end * 1000 / loop)
        for (k = 1; k < whole; k++) if (got[k] != wanted) { print "FAIL: loop " k " of " whole " is another:" got[k] " instead of" wanted; exit }
        print whole, n, total, end
    }' - <(sed -nE 's/.*"event":"detection","time":([0-9]+)\.([0-9]{3}),"word":"([^"]+)".*/\1\2 \3/p' "$out/$name.events"))
case $verdict in FAIL*) fail "${verdict#FAIL: }" ;; esac
read -r loops words total seconds <<<"$verdict"
speed=$(awk -v s="$seconds" -v t="$took" 'BEGIN { printf "%.0f", s / t }')
cat >"$out/$name.results" <<RESULTS
| sound heard | $seconds s ($(delivered) samples, every one counted) |
| real time, $speed times faster than it sounds | $took s, of which $(awk -v t="$ticks" -v h="$(getconf CLK_TCK)" 'BEGIN { print t / h }') s on a CPU |
| detections | $total; the same $words in each of $((loops - 1)) loops of $(awk -v s="$samples" 'BEGIN { print s / 16000 }') s, to the millisecond, as from a file |
| allocations from the first detection to the end | 0 |
| resident memory, kB, $taken looks | $rss, constant |
| of which anonymous, kB | $own, constant |
| private and dirty, kB: pages of files count, too, until they are written to disk or while nobody else maps them | from $dirty to $dirty_high |
| open descriptors | $files, and one more while a recording is written |
| recordings kept by --record-on-detect | $kept of $total, $kept_kb kB |
RESULTS
echo "soak: $seconds s of sound in $took s: $total detections, the same in all $((loops - 1)) loops; 0 allocations; $rss kB resident and $files descriptors, constant"
