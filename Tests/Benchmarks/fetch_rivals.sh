#!/usr/bin/env bash
# fetch_rivals.sh : into out/rivals, from PyPI, the rivals of requirements.txt:
#   venv                 a Python with TensorFlow Lite Micro, and with LiteRT's schema, of which zoo.py makes networks
#   x86_64 aarch64       the shared libraries of the others, and the C programs of rivals/ that drive them
# Packages other than the virtual environment's are unpacked, never installed or run.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=Tests/Benchmarks
out=out/rivals
recipe="1 $(cat $here/requirements.txt $here/fetch_rivals.sh | cksum)"
pip() { python3 -m pip --disable-pip-version-check -q "$@"; }
pinned() { grep "^$1==" $here/requirements.txt; }

if [ "$(cat $out/recipe 2>/dev/null)" != "$recipe" ]; then
    Firmware/install.sh models
    rm -rf $out && mkdir -p $out
    echo "fetching the rivals of $here/requirements.txt"
    for machine in x86_64 aarch64; do
        platforms=(); for glibc in 2_17 2_27 2_28 2_35; do platforms+=(--platform "manylinux_${glibc}_$machine"); done
        mkdir -p $out/$machine/wheels
        pip download --no-deps --only-binary :all: --python-version 3.11 "${platforms[@]}" -d $out/$machine/wheels \
            "$(pinned ai-edge-litert)" "$(pinned pymicro-features)" "$(pinned pymicro-wakeword)"
        for wheel in $out/$machine/wheels/*.whl; do python3 -m zipfile -e "$wheel" $out/$machine/unpacked; done
        (cd $out/$machine && mv unpacked/pymicro_wakeword/lib/libtensorflowlite_c.so unpacked/ai_edge_litert/libLiteRt.so . &&
            mv unpacked/micro_features_cpp*.so libmicro_features.so && rm -rf unpacked wheels)
    done
    # The emulated rivals' C++ library: Debian's, unpacked.
    (
        cd $out/aarch64
        apt-get -qq download libstdc++6-arm64-cross libgcc-s1-arm64-cross 2>log ||
            { cat log >&2; echo "fetch_rivals.sh: no libstdc++6-arm64-cross; run apt-get update as root" >&2; exit 1; }
        for deb in ./*.deb; do dpkg-deb -x "$deb" .; done
        mv usr/aarch64-linux-gnu/lib c++
        rm -rf usr log ./*.deb
    )
    # Nothing but a wheel for x86-64 and some versions of Python: the table has a gap where it does not install.
    python3 -m venv $out/venv
    $out/venv/bin/pip --disable-pip-version-check -q install "$(pinned ai-edge-litert)" "$(pinned numpy)"
    $out/venv/bin/pip --disable-pip-version-check -q install "$(pinned tflite-micro)" "$(pinned numpy)" ||
        echo "fetch_rivals.sh: no TensorFlow Lite Micro for this machine's Python" >&2
    echo "$recipe" >$out/recipe
fi

sysroot=$PWD/out/cross/sysroot-bookworm
for program in tflite litert micro_features; do
    clang -O2 -rdynamic -o $out/x86_64/$program $here/rivals/$program.c -ldl
    clang -O2 -rdynamic --target=aarch64-linux-gnu --sysroot="$sysroot" -fuse-ld=lld -rtlib=libgcc \
        -o $out/aarch64/$program $here/rivals/$program.c -ldl
done
