#!/bin/sh
# Runs the operator models (and whole models, where they are) and prints a CRC of each output, so that two
# builds or two CPUs can be compared:
#
#     Tests/Golden/outputs.sh .build/release/katydid >host
#     Tests/Golden/outputs.sh qemu-aarch64 -cpu cortex-a53 out/cross/katydid >board
#     cmp host board
#
# KATYDID_SHARED and KATYDID_WAKE_MODELS say where whole models are.
set -eu
golden=$(dirname "$0")
shared=${KATYDID_SHARED:-$golden/../../../shared}
wake=${KATYDID_WAKE_MODELS:-none}
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

digest() { printf '%s %s\n' "$1" "$(cat "$scratch"/* | cksum)"; rm "$scratch"/*; }

while read -r name _; do
    set -- "$@" run "$golden/operators/$name.tflite"
    added=2
    for file in "$golden/operators/$name".in*; do set -- "$@" --input "$file"; added=$((added + 2)); done
    for file in "$golden/operators/$name".out*; do
        set -- "$@" --output "$scratch/${file##*.}"
        added=$((added + 2))
    done
    "$@"
    digest "$name"
    # Back to the command alone.
    keep=$(($# - added)) i=0
    for word; do
        i=$((i + 1))
        [ $i = 1 ] && set --
        [ $i -gt $keep ] || set -- "$@" "$word"
    done
done <"$golden/operators/index.txt"

while read -r name path runs source; do
    case $path in
        wake/*) model=$wake/${path#wake/} ;;
        *) model=$shared/models/$path ;;
    esac
    [ -r "$model" ] || continue
    case $source in
        random) "$@" run "$model" --random 1 --runs "$runs" --output "$scratch/out0" ;;
        file) "$@" run "$model" --input "$golden/models/$name.in0" --output "$scratch/out0" ;;
        *) continue ;;
    esac
    digest "$name"
done <"$golden/models/index.txt"
