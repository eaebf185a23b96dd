#!/usr/bin/env bash
# run.sh [host|embedded|clients] : hears at least 60 s of sound with detections and GPIO edges in it, and counts the calls
# that ask for memory from the first sound to the last: there must be none. `embedded` runs the AArch64
# program of `make cross` under qemu-aarch64. `clients`: counts in the host's daemon while a microphone is heard, clients send
# sound and ask for words and metrics.
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
# And a model of several words, which speech sounds like too.
sed 's|"commands.tflite"|"../../Tests/Fuzz/corpus/model/commands.tflite"|' Tests/Fuzz/corpus/manifest/commands.json >"$out/commands.json"
listen+=(--model "$out/commands.json")

if [ "$build" = clients ]; then
    clang -shared -fPIC -O1 Tests/Allocations/count_allocations.c -o "$out/count.so" -ldl
    microphone=$PWD/.build/debug/libpcm_filemic.so
    [ -e "$microphone" ] || { echo "allocations (clients): skipped, no $microphone; swift build --build-tests"; exit 0; }
    cat >"$out/asound.conf" <<CONF
pcm_type.filemic { lib "$microphone" }
pcm.mic { type filemic  file "$PWD/$out/sound.raw"  rate 16000  channels 1  format S16_LE  loop 1 }
CONF
    cat >"$out/katydid.conf" <<CONF
[audio]
device = mic
[model okay_nabu]
file = $models/okay_nabu.json
[wyoming]
listen = $PWD/$out/wyoming.sock
[metrics]
listen = $PWD/$out/metrics.sock
[events]
socket = $PWD/$out/events.sock
CONF
    # Counts until the clients are done: the calls that ask for memory stand in clients.log then.
    count() {
        env "$@" ALSA_CONFIG_PATH="$PWD/$out/asound.conf" LD_PRELOAD="$PWD/$out/count.so" \
            "${KATYDID:-.build/release/katydid}" listen --config "$out/katydid.conf" >"$out/clients.events" 2>"$out/clients.log" &
        local daemon=$!
        for _ in $(seq 100); do grep -q "score" "$out/clients.events" && break; sleep 0.1; done
        kill -USR1 $daemon
        heard=$(python3 Tests/Allocations/clients.py "$PWD/$out/wyoming.sock" "$PWD/$out/metrics.sock" Tests/Golden/wake/okay_nabu.en-us.wav) || heard=
        kill -USR2 $daemon
        for _ in $(seq 100); do grep -q "^allocations:" "$out/clients.log" && break; sleep 0.1; done
        kill $daemon
        wait $daemon
    }
    count ALLOCATE_ON_PURPOSE=1
    grep -q '^allocations: [1-9]' "$out/clients.log" || { echo "allocations (clients): FAILED, the counter counts nothing"; exit 1; }
    count KATYDID_COUNTED=1
    result=$(grep '^allocations:' "$out/clients.log" || true)
    read -r detections bytes <<<"${heard:-0 0}"
    if [ "$result" = "allocations: 0" ] && [ "$detections" -ge 2 ] && [ "$bytes" -gt 5000 ]; then
        echo "allocations (clients): 0 with $detections detections for a client and $bytes bytes of metrics"
        exit 0
    fi
    echo "allocations (clients): FAILED: ${result:-no count}; $detections detections, $bytes bytes of metrics"; exit 1
fi

case $build in
    host)
        clang -shared -fPIC -O1 Tests/Allocations/count_allocations.c -o "$out/count.so" -ldl
        run() { env "$@" LD_PRELOAD="$PWD/$out/count.so" "${KATYDID:-.build/release/katydid}" "${listen[@]}"; } ;;
    embedded)
        sysroot=out/cross/sysroot-bookworm
        clang --target=aarch64-linux-gnu --sysroot="$PWD/$sysroot" -fuse-ld=lld -rtlib=libgcc -shared -fPIC -O1 \
            Tests/Allocations/count_allocations.c -o "$out/count-arm64.so" -ldl
        run() { qemu-aarch64 -L "$sysroot" ${@:+-E "$@"} -E LD_PRELOAD="$PWD/$out/count-arm64.so" out/cross/katydid "${listen[@]}"; } ;;
    *) echo "run.sh: host, embedded or clients" >&2; exit 64 ;;
esac

run <"$out/sound.raw" >"$out/$build.events" 2>"$out/$build.log"
heard=$(grep -c ' score ' "$out/$build.events" || true)
commands=$(grep -cE ' (on|off)  score ' "$out/$build.events" || true)
edges=$(grep -c '[↑↓]' "$out/$build.events" || true)
seconds=$(($(stat -c %s "$out/sound.raw") / 32000))
result=$(grep '^allocations:' "$out/$build.log" || true)

# The counter must be able to fail: with an allocation made on purpose it does.
ALLOCATE=ALLOCATE_ON_PURPOSE=1
run $ALLOCATE <"$out/sound.raw" >/dev/null 2>"$out/$build.purpose" || true
grep -q '^allocations: [1-9]' "$out/$build.purpose" || { echo "allocations ($build): FAILED, the counter counts nothing"; exit 1; }

if [ "$result" = "allocations: 0" ] && [ "$heard" -ge 5 ] && [ "$commands" -ge 1 ] && [ "$edges" -ge 10 ]; then
    echo "allocations ($build): 0 in $seconds s of sound with $heard detections, $commands of them commands, and $edges edges"
else
    echo "allocations ($build): FAILED: ${result:-no count}; $heard detections, $commands commands, $edges edges in $seconds s"; exit 1
fi
