#!/usr/bin/env bash
# run.sh : the AArch64 program of `make cross` against the host's, under qemu-aarch64: kernels on every kind of
# core, outputs byte for byte, the same words heard in the same sound, and the size that a board is promised.
set -euo pipefail
cd "$(dirname "$0")/../.."
host=$PWD/.build/release/katydid
board=$PWD/out/cross/katydid
sysroot=$PWD/out/cross/sysroot-bookworm
cores="cortex-a53 cortex-a72 neoverse-n1 max"
limit=512000 # 500 KB
work=out/cross-test
mkdir -p "$work"
passed=0 failed=0
ok() { passed=$((passed + 1)); echo "cross: $*"; }
bad() { failed=$((failed + 1)); echo "cross: FAILED: $*"; }
emulated() { local cpu=$1; shift; qemu-aarch64 -L "$sysroot" -cpu "$cpu" "$board" "$@"; }

size=$(stat -c %s "$board")
if [ "$size" -le $limit ]; then ok "stripped binary has $size bytes"; else bad "stripped binary has $size bytes, more than $limit"; fi

"$host" selftest >"$work/selftest-host"
grep "reference, digest" "$work/selftest-host" >"$work/digests-host"
for core in $cores; do
    if emulated $core selftest >"$work/selftest-$core" && grep "reference, digest" "$work/selftest-$core" | cmp -s - "$work/digests-host"; then
        ok "selftest on $core: $(tail -n 1 "$work/selftest-$core")"
    else
        bad "selftest on $core: $(tail -n 1 "$work/selftest-$core")"
    fi
done

# What has ways of its own on AArch64, but no variants; compiled with Package.swift's kernelFlags.
clang --target=aarch64-linux-gnu --sysroot="$sysroot" -fuse-ld=lld -O3 -ffp-contract=off -fno-math-errno -fwrapv -ISources/CKernels/include \
    Tests/Cross/elementwise.c Sources/CKernels/operators/{binary,mean}.c -lm -o "$work/elementwise"
if said=$(qemu-aarch64 -L "$sysroot" -cpu cortex-a53 "$work/elementwise"); then ok "$said"; else bad "$said"; fi

# Every model at hand: committed ones, wake words, and those of ../shared where it is. Twice: as they are, and as a window that moves on.
shared=${KATYDID_SHARED:-../shared}
models=0 skipped=0 left_out=0
for hop in "" "--hop 3"; do
for core in cortex-a53 max; do
    for model in Tests/Golden/operators/*.tflite Firmware/models/*.tflite "${KATYDID_WAKE_MODELS:-out/wake-models}"/*.tflite "$shared"/models/*/*.tflite; do
        [ -e "$model" ] || continue
        # Models outside of our operator set are refused alike.
        status=0
        "$host" run "$model" --runs 10 $hop --output "$work/host.raw" 2>/dev/null || status=$?
        if [ $status -gt 127 ]; then bad "$model $hop: the host crashed"; continue; fi
        if [ $status != 0 ]; then
            if emulated $core run "$model" --runs 10 $hop --output "$work/board.raw" 2>/dev/null; then bad "$model: only the host refuses it"; fi
            skipped=$((skipped + 1))
            continue
        fi
        if emulated $core run "$model" --runs 10 $hop --output "$work/board.raw" 2>"$work/refusal"; then
            if cmp -s "$work/host.raw" "$work/board.raw"; then models=$((models + 1)); else bad "$model $hop on $core: other outputs than on the host"; fi
        # So are transformers by a program built without their operators, and it says so.
        elif grep -q "TRANSFORMERS=1" "$work/refusal"; then
            left_out=$((left_out + 1))
        else
            bad "$model on $core: only the board refuses it"
        fi
    done
done
done
[ $models -gt 0 ] && ok "outputs of $models runs of models are the host's, byte for byte ($skipped refused alike, $left_out left out of this build)"

# PackedWeightsTests bound what the host packs; no core may pack much more.
packed=0
packed_weights() { "$@" 2>/dev/null | sed -n 's/^memory: .*packed weights \([0-9]*\)$/\1/p' || true; } # nothing of what is refused
for model in Firmware/models/*.tflite "${KATYDID_WAKE_MODELS:-out/wake-models}"/*.tflite "$shared"/models/*/*.tflite; do
    [ -e "$model" ] || continue
    known=$(packed_weights "$host" inspect "$model")
    for core in cortex-a53 max; do
        bytes=$(packed_weights emulated $core inspect "$model")
        [ -n "$known" ] && [ -n "$bytes" ] || continue
        if [ $((bytes * 100)) -le $((known * 105)) ]; then packed=$((packed + 1)); else bad "$model on $core: $bytes bytes of packed weights, where the host has $known"; fi
    done
done
[ $packed -gt 0 ] && ok "weights of $packed models and cores are packed as small as the host's"

words=()
for manifest in "${KATYDID_WAKE_MODELS:-out/wake-models}"/*.json; do [ -e "$manifest" ] && words+=(--model "$manifest"); done
# And a model of several words, which speech sounds like too.
sed 's|"commands.tflite"|"../../Tests/Fuzz/corpus/model/commands.tflite"|' Tests/Fuzz/corpus/manifest/commands.json >"$work/commands.json"
words+=(--model "$work/commands.json")
sounds=()
for wav in Tests/Golden/wake/*.wav "$shared"/audio/wake/*/*.wav; do [ -e "$wav" ] && sounds+=("$wav"); done
if [ ${#sounds[@]} -gt 0 ]; then
    listen=(listen "${words[@]}" --gpio GPIO17 --gpio-trace --wav "${sounds[@]}")
    "$host" "${listen[@]}" >"$work/heard-host" 2>/dev/null
    emulated cortex-a53 "${listen[@]}" >"$work/heard-board" 2>/dev/null
    heard=$(grep -c score "$work/heard-host" || true)
    if [ "$heard" -gt 0 ] && cmp -s "$work/heard-host" "$work/heard-board"; then
        ok "$heard detections and their edges in ${#sounds[@]} recordings are the host's"
    else
        bad "hears other words than the host: $(diff "$work/heard-host" "$work/heard-board" | head -n 3 | tr '\n' ' ')"
    fi
else
    echo "cross: words skipped: no recordings"
fi
echo "cross: $passed passed, $failed failed"
[ $failed = 0 ]
