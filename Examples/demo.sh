#!/usr/bin/env bash
# demo.sh : what katydid is for, in half a second: commands that people said, and the edges that GPIO lines would see; where the
# checkout has no model for them yet, wake words. Runs where `make demo` has built the program.
#
# commands.wav: clips of Speech Commands v2 by P. Warden, Google (https://arxiv.org/abs/1804.03209), CC BY 4.0, one behind the other
# with noise between; of people whom the model has not heard.
set -euo pipefail
cd "$(dirname "$0")/.."
command=(.build/release/katydid listen)
if [ -e Firmware/models/commands.json ]; then
    command+=(--gpio on=GPIO17:set --gpio off=GPIO17:clear --gpio stop=GPIO27:blink=100ms*3 --gpio-trace --wav Examples/commands.wav)
else
    models=${KATYDID_WAKE_MODELS:-out/wake-models}
    for model in "$models"/*.json; do command+=(--model "${model#"$PWD"/}"); done
    command+=(--gpio okay_nabu=GPIO17:pulse=500ms --gpio hey_jarvis=GPIO27:blink=100ms*3 --gpio-trace --wav Tests/Golden/wake/*.wav)
fi
printf '\n$ %s\n' "${command[*]}"
"${command[@]}"
