#!/usr/bin/env bash
# run.sh [host|embedded] : hears at least 60 s of sound with detections and GPIO edges in it, and counts the calls
# that ask for memory from the first sound to the last: there must be none. `embedded` runs the AArch64
# program of `make cross` under qemu-aarch64.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-host}
models=${KATYDID_WAKE_MODELS:-out/wake-models}
out=out/allocations
mkdir -p "$out"
[ -e "$models/okay_nabu.json" ] || { echo "allocations ($build): skipped, no wake-word models; make wake-models"; exit 0; }

# Speech and silence in turn, 16-bit mono 16 kHz without headers, over 60 s.
: >"$out/sound.raw"
while [ "$(stat -c %s "$out/sound.raw")" -lt $((62 * 32000)) ]; do
    for wav in Tests/Golden/wake/*.wav; do tail -c +45 "$wav" >>"$out/sound.raw"; head -c 16000 /dev/zero >>"$out/sound.raw"; done
done
listen=(listen --raw --gpio GPIO17:pulse=300ms --gpio okay_nabu=GPIO27:blink=100ms*3 --gpio-trace)
for model in "$models"/*.json; do listen+=(--model "$model"); done

case $build in
    host)
        clang -shared -fPIC -O1 Tests/Allocations/count_allocations.c -o "$out/count.so" -ldl
        run() { env "$@" LD_PRELOAD="$PWD/$out/count.so" "${KATYDID:-.build/release/katydid}" "${listen[@]}"; } ;;
    embedded)
        sysroot=out/cross/sysroot-bookworm
        clang --target=aarch64-linux-gnu --sysroot="$PWD/$sysroot" -fuse-ld=lld -rtlib=libgcc -shared -fPIC -O1 \
            Tests/Allocations/count_allocations.c -o "$out/count-arm64.so" -ldl
        run() { qemu-aarch64 -L "$sysroot" ${@:+-E "$@"} -E LD_PRELOAD="$PWD/$out/count-arm64.so" out/cross/katydid "${listen[@]}"; } ;;
    *) echo "run.sh: host or embedded" >&2; exit 64 ;;
esac

run <"$out/sound.raw" >"$out/$build.events" 2>"$out/$build.log"
heard=$(grep -c ' score ' "$out/$build.events" || true)
edges=$(grep -c '[↑↓]' "$out/$build.events" || true)
seconds=$(($(stat -c %s "$out/sound.raw") / 32000))
result=$(grep '^allocations:' "$out/$build.log" || true)

# The counter must be able to fail: with an allocation made on purpose it does.
ALLOCATE=ALLOCATE_ON_PURPOSE=1
run $ALLOCATE <"$out/sound.raw" >/dev/null 2>"$out/$build.purpose" || true
grep -q '^allocations: [1-9]' "$out/$build.purpose" || { echo "allocations ($build): FAILED, the counter counts nothing"; exit 1; }

if [ "$result" = "allocations: 0" ] && [ "$heard" -ge 5 ] && [ "$edges" -ge 10 ]; then
    echo "allocations ($build): 0 in $seconds s of sound with $heard detections and $edges edges"
else
    echo "allocations ($build): FAILED: ${result:-no count}; $heard detections, $edges edges in $seconds s"; exit 1
fi
