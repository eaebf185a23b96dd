#!/usr/bin/env bash
# Two made-up words, from synthetic voices to a lamp's line: what README.md says, and then a voice that was not trained on says both.
# run.sh [OUTPUT]
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-out/custom-words}
forge=.build/release/katydid-forge
katydid=.build/release/katydid
for program in espeak-ng flite; do
    command -v $program >/dev/null || { echo "custom-words: $program: not installed; apt-get install espeak-ng flite" >&2; exit 69; }
done

$forge synth lumos nox --output "$out/words" --count 300 --others 60
$forge train Examples/custom-words/recipe.json --data "$out/words" --output "$out"

# "Lumos", a pause, "nox", by a voice of another language's accent, which synth does not use.
said=$out/said.wav
espeak-ng -v de+f2 -s 140 -w "$out/lumos.wav" lumos
espeak-ng -v de+f2 -s 140 -w "$out/nox.wav" nox
python3 - "$out" "$said" <<'PY'
import sys, wave
folder, target = sys.argv[1:]
with wave.open(target, "wb") as out:
    for i, word in enumerate(("lumos", "nox")):
        with wave.open(f"{folder}/{word}.wav") as sound:
            if i == 0: out.setparams(sound.getparams())
            rate = sound.getframerate()
            out.writeframes(bytes(2 * rate * 2) + sound.readframes(sound.getnframes()) + bytes(2 * rate * 2))
PY
$katydid listen --model "$out/custom.json" --gpio lumos=GPIO17:set --gpio nox=GPIO17:clear --gpio-trace --wav "$said" | tee "$out/heard.txt"
grep -q 'GPIO17 ↑' "$out/heard.txt" && grep -q 'GPIO17 ↓' "$out/heard.txt" || { echo "custom-words: the lamp did not obey" >&2; exit 1; }
