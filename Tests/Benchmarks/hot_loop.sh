#!/usr/bin/env bash
# hot_loop.sh KERNEL.c [FUNCTION [LOOP]] : what llvm-mca says of a kernel's inner loop on the boards' cores.
#
# Compiles the kernel for AArch64 as the cross build does. Without LOOP it lists the innermost loops (blocks that
# branch back to themselves, so without calls) of each function, or of FUNCTION; with LOOP it puts that one through
# llvm-mca as cortex-a53, cortex-a72 and neoverse-n1, whose pipelines are those of Pi 3, Pi 4 and (A76) Pi 5.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 64; }
kernel=$(realpath "$1"); function=${2:-} loop=${3:-}
cd "$(dirname "$0")/../.."
mca=$(command -v llvm-mca-19 || command -v llvm-mca) || { echo "hot_loop.sh: no llvm-mca; apt-get install llvm-19" >&2; exit 69; }
assembly=$(mktemp)
trap 'rm -f "$assembly" "$assembly.loop"' EXIT
# Package.swift's kernelFlags.
clang --target=aarch64-linux-gnu --sysroot="$PWD/out/cross/sysroot-bookworm" -fPIC -O3 -ffp-contract=off -fno-math-errno -fwrapv \
    -S -o "$assembly" -ISources/CKernels/include "$kernel"

# Innermost loops: function, label, instructions, of which on vectors.
loops() {
    awk '
        /^[A-Za-z_0-9]+:/ { function_name = $1; sub(":", "", function_name); label = "" }
        /^\.L(BB[0-9_]+|tmp[0-9]+):/ { label = $1; sub(":", "", label); count = vectors = 0; next }
        /^\t[a-z]/ {
            count++
            if ($0 ~ /[vqd][0-9]+[.,]|[vq][0-9]+$/) vectors++
            if ($1 ~ /^(b\.|cbn?z|tbn?z)/ && $NF == label) print function_name, label, count, vectors
            if ($1 ~ /^(b|bl|br|blr|ret)$/) label = ""
        }' "$assembly"
}
if [ -z "$loop" ]; then
    loops | awk -v only="$function" 'only == "" || $1 == only { printf "%-40s %-10s %3d instructions, %3d of them on vectors\n", $1, $2, $3, $4 }'
    exit
fi
awk -v from="$loop:" -v to="$loop" '
    $1 == from { inside = 1; next }
    inside && /^\t[a-z]/ { print; if ($NF == to) exit }' "$assembly" >"$assembly.loop"
[ -s "$assembly.loop" ] || { echo "hot_loop.sh: $loop: no such loop; leave it out to see them" >&2; exit 65; }
cat "$assembly.loop"
for core in cortex-a53 cortex-a72 neoverse-n1; do
    # Without the branch, which llvm-mca does not follow. Block RThroughput: cycles if nothing waited for a result.
    sed '$d' "$assembly.loop" | $mca -mtriple=aarch64-linux-gnu -mcpu=$core -iterations=100 --instruction-info=0 --resource-pressure=0 |
        awk -v core=$core '
            /^Instructions:/ { n = $2 / 100 } /^Total Cycles:/ { cycles = $3 / 100 } /^Block RThroughput:/ { bound = $3 }
            END { printf "%-12s %3d instructions, %6.1f cycles; units bound it at %5.1f: %3d %%\n", core, n, cycles, bound, 100 * bound / cycles }'
done
