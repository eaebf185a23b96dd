#!/usr/bin/env bash
# check_instructions.sh [--update] : fails when an inference takes more than 2 % more AArch64 guest instructions than
# instructions.txt says, on an emulated core. With --update it writes what it counts there instead.
#
# (count of 2N inferences - count of N) / N: loading and preparing cancel. Counts repeat to within 0.1 %.
set -euo pipefail
cd "$(dirname "$0")/../.."
file=Tests/Benchmarks/instructions.txt
board=$PWD/out/cross/katydid
work=out/instructions
wake=${KATYDID_WAKE_MODELS:-out/wake-models}
shared=${KATYDID_SHARED:-../shared}/models
slack=2 # %

mkdir -p $work
command -v qemu-aarch64 >/dev/null || { echo "instructions: skipped, no qemu-aarch64; Firmware/install.sh test"; exit 0; }
qemu-aarch64 -h | grep -- -plugin >/dev/null || { echo "instructions: skipped, this qemu-aarch64 takes no plugins; Debian 12's does"; exit 0; }
clang -shared -fPIC -O2 -o $work/count.so Tests/Benchmarks/count_instructions.c

# guest CORE COMMAND… : how many instructions it took
guest() {
    local core=$1 cpu=$1; shift
    [ "$core" != max ] || cpu=max,sme=off
    rm -f $work/count
    qemu-aarch64 -L "out/cores/$core" -cpu $cpu -plugin "$work/count.so,out=$work/count" "$board" "$@" >/dev/null
    cat $work/count
}

# bench CORE N ARGUMENTS… : instructions per inference
bench() {
    local core=$1 n=$2; shift 2
    local once twice
    once=$(guest "$core" bench "$@" --runs 1 --warmup 0 --batch "$n")
    twice=$(guest "$core" bench "$@" --runs 1 --warmup 0 --batch $((2 * n)))
    echo $(((twice - once + n / 2) / n))
}

# listen CORE MANIFEST : instructions per 10 ms of sound, from two and four seconds of the same speech
listen() {
    local once twice
    for wav in Tests/Golden/wake/*.wav; do tail -c +45 "$wav"; done >$work/sound
    head -c 64000 $work/sound >$work/sound-2s
    cat $work/sound-2s $work/sound-2s >$work/sound-4s
    once=$(guest "$1" listen --raw --model "$2" <$work/sound-2s 2>/dev/null)
    twice=$(guest "$1" listen --raw --model "$2" <$work/sound-4s 2>/dev/null)
    echo $(((twice - once + 100) / 200))
}

grew=0 shrank=0 checked=0 skipped=0
: >$work/new
# compare NAME CORE COUNT
compare() {
    local known
    known=$(awk -v name="$1" -v core="$2" '$1 == name && $2 == core { print $3 }' $file)
    # Within what counts differ by anyhow, the file keeps what it has.
    local written=$3
    if [ -n "$known" ] && [ $((1000 * ($3 - known))) -lt "$known" ] && [ $((1000 * (known - $3))) -lt "$known" ]; then written=$known; fi
    printf '%-24s %-10s %9d\n' "$1" "$2" "$written" >>$work/new
    checked=$((checked + 1))
    if [ -z "$known" ]; then
        echo "instructions: FAILED: $1 on $2 takes $3, and $file knows no count"; grew=$((grew + 1))
    elif [ $(($3 * 100)) -gt $((known * (100 + slack))) ]; then
        echo "instructions: FAILED: $1 on $2 takes $3 instructions, $(((($3 - known) * 1000 / known + 5) / 10)) % more than $known"; grew=$((grew + 1))
    elif [ $(($3 * 100)) -lt $((known * (100 - slack))) ]; then
        echo "instructions: $1 on $2 takes $3 instructions, fewer than $known"; shrank=$((shrank + 1))
    fi
}

measure_all() {
    local name kind n model core cores
    while read -r name kind n model; do
        case $model in wake/*) model=$wake/${model#wake/} ;; ours/*) model=Firmware/models/${model#ours/} ;; *) model=$shared/$model ;; esac
        if [ ! -e "$model" ]; then
            skipped=$((skipped + 1))
            # --update keeps what it could not count.
            awk -v name="$name" '$1 == name' $file >>$work/new
            continue
        fi
        cores="cortex-a53 max"
        [ "$name" != kws_int8 ] || cores="cortex-a53 cortex-a72 cortex-a76 max"
        for core in $cores; do compare "$name" "$core" "$(bench "$core" "$n" "$model")"; done
    done < <(grep -v '^#' Tests/Benchmarks/models.txt)
    for core in cortex-a53 max; do compare micro_frontend $core "$(bench $core 100 --frontend)"; done
    for model in "$wake/okay_nabu.json" Firmware/models/commands.json; do
        if [ ! -e "$model" ]; then skipped=$((skipped + 1)); continue; fi
        name=listen_$(basename "$model" .json)
        compare "$name" cortex-a53 "$(listen cortex-a53 "$model")"
    done
}

for core in cortex-a53 cortex-a72 cortex-a76 max; do Tests/Benchmarks/emulated_core.sh $core >/dev/null; done
[ -e $file ] || : >$file
if [ "${1:-}" = --update ]; then
    measure_all >/dev/null
    { echo "# AArch64 guest instructions per inference, or per 10 ms of sound: model, core, count."
      echo "# check_instructions.sh compares, check_instructions.sh --update writes. Commit a rise with its reason."
      cat $work/new; } >$work/file
    mv $work/file $file
    echo "instructions: $checked counts written to $file, $skipped skipped"
    exit
fi
measure_all
[ $skipped = 0 ] || echo "instructions: $skipped skipped, whose models are not in $wake or $shared"
[ $shrank = 0 ] || echo "instructions: $shrank counts fell by over $slack %; keep it so: Tests/Benchmarks/check_instructions.sh --update"
if [ $grew -gt 0 ]; then
    echo "instructions: $grew of $checked rose by over $slack %. If that is meant, run Tests/Benchmarks/check_instructions.sh --update and commit $file with the reason"
    exit 1
fi
echo "instructions: none of $checked rose by over $slack %"
