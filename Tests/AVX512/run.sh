#!/usr/bin/env bash
# run.sh: checks the AVX-512 VNNI kernels on any x86-64 with AVX2: the program with their instructions in plain C (immintrin.h) compares
# each kernel with its reference on random layers. A minute, most of it to build.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "$(uname -m)" != x86_64 ]; then
    echo "AVX-512: skipped: not an x86-64"
    exit 0
fi
Firmware/install.sh emulated
mkdir -p out
swift build -c release --product katydid --scratch-path out/avx512 ${JOBS:+-j "$JOBS"} \
    -Xcc -mavx2 -Xcc -mfma -Xcc -DK_EMULATED -Xcc "-I$PWD/Tests/AVX512" >out/avx512.log 2>&1 || { tail -40 out/avx512.log; exit 1; }
sound=1
out/avx512/release/katydid selftest >out/avx512.txt || sound=
grep avx512 out/avx512.txt
# five kernels of that name, or some were not asked
[ "$sound" ] && [ "$(grep -c '^[a-z0-9_]*avx512.* ok,' out/avx512.txt)" = 5 ] || { echo "AVX-512: not sound"; exit 1; }
echo "AVX-512: sound"
