#!/usr/bin/env bash
# demo.sh : what katydid is for, in half a second: four wake words in recorded speech, and the edges that a GPIO
# line would see. Runs where `make demo` has built the program.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${KATYDID_WAKE_MODELS:-out/wake-models}
command=(.build/release/katydid listen)
for model in "$models"/*.json; do command+=(--model "${model#"$PWD"/}"); done
command+=(--gpio okay_nabu=GPIO17:pulse=500ms --gpio hey_jarvis=GPIO27:blink=100ms*3 --gpio-trace)
command+=(--wav Tests/Golden/wake/*.wav)
printf '\n$ %s\n' "${command[*]}"
"${command[@]}"
