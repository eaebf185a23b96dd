#!/usr/bin/env bash
# wake-models.sh : okay_nabu, hey_jarvis, alexa and hey_mycroft (.json and .tflite, Apache-2.0, by Kevin Ahrendt)
# from PyPI's pymicro-wakeword into out/wake-models. The package is unpacked, never installed or run.
set -euo pipefail
cd "$(dirname "$0")/.."
out=out/wake-models
version=2.5.0
[ "$(cat "$out/version" 2>/dev/null)" = $version ] && exit 0
Firmware/install.sh models
rm -rf "$out.part" && mkdir -p "$out.part"
echo "fetching the wake-word models of pymicro-wakeword $version"
# Any platform's wheel has the same models.
python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --platform manylinux_2_35_x86_64 \
    -d "$out.part" "pymicro-wakeword==$version"
(cd "$out.part" && python3 -m zipfile -e ./*.whl unpacked && mv unpacked/pymicro_wakeword/models/* . && rm -rf unpacked ./*.whl)
echo $version >"$out.part/version"
rm -rf "$out" && mv "$out.part" "$out"
