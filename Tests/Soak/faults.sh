#!/usr/bin/env bash
# faults.sh COUNT [SEED] : the daemon treated badly so many times by faults.c, in an order that SEED decides. Says one line if it lived
# and heard after each; what it measured is left in out/soak/faults.results.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Soak/common.sh
count=$1 seed=${2:-1}
folder=$PWD/$out/faults.d
rm -rf "$folder"
mkdir "$folder"
cp "$out/libpcm_filemic.so" "$folder/"
{ tail -c +45 Tests/Golden/wake/okay_nabu.en-us.wav; head -c 16000 /dev/zero; } | "$out/noise" 20 1 >"$folder/word.raw"

"$out/faults" "$katydid" "$wake_models/okay_nabu.json" "$folder/word.raw" "$count" "$seed" "$folder" >"$out/faults.found" || exit 1
found() { sed -n "s/^$1 //p" "$out/faults.found"; }
{
    echo "| fault | times | slowest until two words were heard, ms | most lines of log, those about overruns aside |"
    echo "| --- | --- | --- | --- |"
    sed -nE 's/^([^|]*)\|([0-9]+)\|([0-9]+)\|([0-9]+)$/| \1 | \2 | \3 | \4 |/p' "$out/faults.found"
    echo
    echo "Seed $seed, $(found seconds) s. Private and dirty: $(found dirty-then) kB after $(found first) faults, $(found dirty) kB after $count; resident:" \
        "$(found rss-then) and $(found rss) kB. libasound alone, which opens and closes the same device 1,000 times: $(found alsa-growth) kB." \
        "Descriptors at the end as at the start ($(found files)), and no child left. Most of a CPU that it took for a time without sound: $(found most-cpu) %."
} >"$out/faults.results"
echo "soak: alive after $count faults of $(grep -c '|' "$out/faults.found") kinds, heard $(found heard) words, $(found dirty-then) kB dirty after $(found first) and $(found dirty) after all"
