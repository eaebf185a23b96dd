#!/usr/bin/env bash
# Debian 13's package, with libgpiod 2, on QEMU's virt machine: outputs, and a mute button that is pressed from outside the guest.
# Not part of make test: it fetches another Debian (some 90 MB). `make board-test-virt`.
set -euo pipefail
cd "$(dirname "$0")/../.."
models=${KATYDID_WAKE_MODELS:-out/wake-models}
[ -e "$models/okay_nabu.json" ] || { echo "board (virt): skipped, no wake-word models; make wake-models"; exit 0; }
out=out/board/virt
payload=$out/payload
Firmware/board/rootfs.sh trixie
rm -rf "$payload"
mkdir -p "$payload"
Firmware/package/build.sh trixie >/dev/null
cp out/deb/katydid_[0-9]*+deb13_arm64.deb "$payload/katydid.deb"
cp "$models"/okay_nabu.{json,tflite} "$payload/"
cp Tests/Golden/wake/okay_nabu.en-us.wav "$payload/word.wav"
install -m 755 Tests/Board/virt-guest.sh "$payload/run.sh"

status=0
LIMIT=300 Firmware/board/boot.sh virt "$payload" "$out/run" || status=$?
tr -d '\r' <"$out/run/serial.log" | grep -aE '^(PASS|FAIL) ' >"$out/results" || true
[ "$status" = 0 ] || echo "FAIL the guest ended with status $status" >>"$out/results"
cat "$out/results"
passed=$(grep -c '^PASS' "$out/results" || true) failed=$(grep -c '^FAIL' "$out/results" || true)
echo "board (virt): $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -ge 10 ]
