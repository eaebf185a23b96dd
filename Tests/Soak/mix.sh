#!/usr/bin/env bash
# mix.sh OUT NOISE : about five minutes of speech, clean and in noise, noise alone and silence, as raw int16 at 16 kHz. Its length is
# a multiple of 30 ms, the step of the models: played again and again it is the same to them each time. NOISE: noise.c, built.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$1 noise=$2
speech=(Tests/Golden/wake/*.wav)
more=../shared/audio/wake
[ ! -d "$more" ] || while read -r wav; do speech+=("$wav"); done < <(find "$more" -name '*.wav' | sort)

silence() { head -c $(($1 * 32)) /dev/zero; }  # ms
seed=1
{
    for amplitude in 0 20 300 1000; do
        for wav in "${speech[@]}"; do
            { tail -c +45 "$wav" | head -c $(($(stat -c %s "$wav") / 2 * 2 - 44)); silence 1200; } | "$noise" $amplitude $seed
            seed=$((seed + 1))
        done
        # Shorter than the 10 s after which the daemon asks whether the microphone is muted.
        silence 8000
        silence 30000 | "$noise" $((amplitude * 5 + 3)) $seed
    done
} >"$out.part"
rest=$(($(stat -c %s "$out.part") % 960))
[ "$rest" = 0 ] || head -c $((960 - rest)) /dev/zero >>"$out.part"
mv "$out.part" "$out"
