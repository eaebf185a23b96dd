#!/usr/bin/env bash
# run.sh : models that katydid-forge writes, read by LiteRT (PyPI's ai-edge-litert), which must compute what our interpreter
# computes. Skipped, and says why, where LiteRT is not to be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=2.3.0
out=$PWD/out/compression
forge=${FORGE:-.build/release/katydid-forge}
skip() { echo "compression: skipped: $*"; exit 0; }
[ -x "$forge" ] || skip "no $forge; make forge"
mkdir -p "$out/networks"
if [ "$(cat "$out/version" 2>/dev/null)" != $version ]; then
    python3 -m pip install -q --disable-pip-version-check --upgrade --target "$out/package" "ai-edge-litert==$version" 2>"$out/pip.log" ||
        skip "PyPI's ai-edge-litert $version cannot be installed: $(tail -n 1 "$out/pip.log")"
    echo $version >"$out/version"
fi
rm -f "$out"/networks/*
KATYDID_LITERT=$out/networks swift test --skip-build --filter LiteRTFiles >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
[ "$(ls "$out"/networks/*.tflite | wc -l)" = 8 ] || { echo "compression: FAILED: the tests wrote no networks"; cat "$out/log"; exit 1; }
PYTHONPATH=$out/package timeout 900 python3 Tests/Compression/check_litert.py "$forge" "${KATYDID:-.build/release/katydid}" \
    "$out/networks" "${KATYDID_SHARED:-../shared}/models" 2>"$out/stderr" || { grep -v '^INFO\|^WARNING' "$out/stderr" || true; exit 1; }
echo "compression: LiteRT agrees"
