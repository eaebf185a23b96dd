#!/usr/bin/env bash
# run.sh : the real client of the Wyoming protocol (PyPI's wyoming) against `katydid listen --wyoming`, with its own sound and with
# that of the daemon's microphone. Skipped, and says why, where the package or the models are not to be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=1.10.2
out=$PWD/out/wyoming
models=${KATYDID_WAKE_MODELS:-out/wake-models}
microphone=$PWD/.build/debug/libpcm_filemic.so
skip() { echo "wyoming: skipped: $*"; exit 0; }
[ -e "$models/okay_nabu.json" ] || skip "no wake-word models; make wake-models"
[ -e "$microphone" ] || skip "no $microphone; swift build --build-tests"
mkdir -p "$out"
if [ "$(cat "$out/version" 2>/dev/null)" != $version ]; then
    python3 -m pip install -q --disable-pip-version-check --no-deps --upgrade --target "$out/package" "wyoming==$version" 2>"$out/pip.log" ||
        skip "PyPI's wyoming $version cannot be installed: $(tail -n 1 "$out/pip.log")"
    echo $version >"$out/version"
fi

# A second of silence, the word, three seconds of silence, again and again.
wav=Tests/Golden/wake/okay_nabu.en-us.wav
{ head -c 32000 /dev/zero; tail -c +45 "$wav"; head -c 96000 /dev/zero; } >"$out/microphone.raw"
cat >"$out/asound.conf" <<CONF
pcm_type.filemic { lib "$microphone" }
pcm.mic { type filemic  file "$out/microphone.raw"  rate 16000  channels 1  format S16_LE  loop 1 }
CONF
rm -f "$out/wyoming.sock"
ALSA_CONFIG_PATH=$out/asound.conf "${KATYDID:-.build/release/katydid}" listen --device mic --model "$models/okay_nabu.json" \
    --model "$models/hey_jarvis.json" --wyoming "$out/wyoming.sock" >"$out/events" 2>"$out/log" &
daemon=$!
trap 'kill $daemon 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -S "$out/wyoming.sock" ] && break; sleep 0.1; done
PYTHONPATH=$out/package timeout 300 python3 Tests/Wyoming/real_client.py "unix://$out/wyoming.sock" Tests/Golden/wake/okay_nabu.*.wav --own ||
    { cat "$out/log"; exit 1; }
kill $daemon
wait $daemon || { echo "wyoming: FAILED: the daemon ended with $?"; exit 1; }
