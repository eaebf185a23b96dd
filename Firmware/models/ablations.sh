#!/bin/sh
# ablations.sh RECIPE OUTPUT TRAIN-OPTION… : what each part of a recipe is worth: trains it, shorter, with one thing left out at a time,
# and prints a table of how well each hears. TRAIN-OPTIONs as for katydid-forge train: --data, --teachers.
# ablations.md is what it printed for commands-tiny.
set -eu
[ $# -ge 3 ] || { echo "usage: ablations.sh RECIPE OUTPUT --data FOLDER… [--teachers FOLDER…]" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
forge=${FORGE:-$here/../../.build/release/katydid-forge}
[ -x "$forge" ] || { echo "ablations.sh: $forge: not built; make forge, or name it with FORGE=" >&2; exit 69; }
recipe=$1
output=$2
shift 2
mkdir -p "$output"

# The best accuracy of a stage that a log tells, the mean of quiet clips and the same at 10 dB.
best() { sed -n "s/^$1 .* best \([0-9.]*\) %\$/\1/p" "$2" | tail -1; }

# ablation NAME WHAT SETTING… : what the teachers say is the same for all of them.
ablation() {
    name=$1 what=$2
    shift 2
    mkdir -p "$output/$name"
    [ ! -e "$output/teacher.safetensors" ] || cp "$output/teacher.safetensors" "$output/$name/"
    # shellcheck disable=SC2086 # options, each a word
    "$forge" train "$recipe" $options --output "$output/$name" --epochs "${EPOCHS:-12}" "$@" >"$output/$name.log"
    [ ! -e "$output/$name/teacher.safetensors" ] || mv "$output/$name/teacher.safetensors" "$output/"
    int8=$(sed -n 's/.*bytes, validation \([0-9.]*\) %$/\1/p' "$output/$name.log")
    bytes=$(sed -n 's/.*tflite: \([0-9]*\) bytes.*/\1/p' "$output/$name.log")
    # shellcheck disable=SC2086
    noisy=$("$forge" evaluate "$output/$name/$model.json" $data 2>/dev/null | sed -n 's/^  10 dB *\([0-9.]*\) %.*/\1/p')
    echo "| $what | $(best float "$output/$name.log") | $int8 | $noisy | $bytes |"
}

options=$*
model=$(sed -n 's/^ *"name": *"\(.*\)".*/\1/p' "$recipe")
# What evaluate takes of them.
data=$(echo "$options" | awk '{ for (i = 1; i <= NF; i++) { if ($i ~ /^--/) wanted = $i == "--data"; if (wanted) print $i } }')
echo "| | floats, mean of quiet and 10 dB, % | INT8, % | INT8 at 10 dB, % | bytes |"
echo "|---|---|---|---|---|"
ablation all "everything, ${EPOCHS:-12} epochs"
ablation labels "no teacher" --no-teacher
ablation contradicts "a teacher heeded where it contradicts the label" --set teacher.contradicts=true
ablation afterwards "quantised after training instead of trained as integers" --set quantisation.epochs=0
ablation plain "no noise, rooms or masks" --set augmentation.noise=0 --set augmentation.reverberation=0 --set augmentation.hiss=0 \
    --set augmentation.timeMasks=0 --set augmentation.frequencyMasks=0
ablation people "no synthetic voices that say the words" --set shares.synthetic=0
ablation narrow "half as wide" --set "architecture.width=${NARROW:-24}"
ablation wide "twice as wide" --set "architecture.width=${WIDE:-96}"
