#!/usr/bin/env bash
# hot_loop.sh KERNEL.c [FUNCTION [LOOP]] : what llvm-mca says of a kernel's inner loop on the boards' cores.
#
# Compiles the kernel for AArch64 as the cross build does. Without LOOP it lists the innermost loops (from a branch's
# target back to the branch, without calls) and the units that one unit's last instruction jumps to of each function, or of
# FUNCTION; with LOOP it puts that one through
# llvm-mca as cortex-a53, cortex-a72 and neoverse-n1, whose pipelines are those of Pi 3, Pi 4 and (A76) Pi 5. LOOP is the
# address of its first instruction, or FIRST-LAST for one way through a loop that has several.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 64; }
kernel=$(realpath "$1"); function=${2:-} loop=${3:-}
cd "$(dirname "$0")/../.."
mca=$(command -v llvm-mca-19 || command -v llvm-mca) || { echo "hot_loop.sh: no llvm-mca; apt-get install llvm-19" >&2; exit 69; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Package.swift's kernelFlags.
clang --target=aarch64-linux-gnu --sysroot="$PWD/out/cross/sysroot-bookworm" -fPIC -O3 -ffp-contract=off -fno-math-errno -fwrapv \
    -c -o "$work/kernel.o" -ISources/CKernels/include "$kernel"
"${mca/mca/objdump}" -d --no-show-raw-insn --mattr=+dotprod,+i8mm "$work/kernel.o" >"$work/all"

# Innermost loops, of FUNCTION or all: a line each of function, address and size, then with PRINT their instructions.
loops() {
    awk -v only="$function" -v wanted="$loop" '
        /^[0-9a-f]+ <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); n = 0; after = ""; next }
        /^ *[0-9a-f]+:/ {
            address = $1; sub(":", "", address); text = $0; sub(/^ *[0-9a-f]+:[ \t]*/, "", text)
            at[address] = n; line[n] = text; vector[n] = text ~ /[vqd][0-9]+[.,]|[vq][0-9]+$/; stop[n++] = text ~ /^(bl|blr|br|ret)([ \t]|$)/
            if (only != "" && name != only) next
            if (text ~ /^br[ \t]/) { target = after; after = "next" } else {
                if (after == "next" && text !~ /^udf/) after = address
                if (text !~ /^(b\.|cbn?z|tbn?z)/) next
                target = text; sub(/ <.*/, "", target); sub(/.*0x/, "", target)
            }
            if (!(target in at) || at[target] >= n) next
            vectors = 0
            for (i = at[target]; i < n; i++) { if (stop[i] && i < n - 1 || closed[name, i]) next; vectors += vector[i] }
            for (i = at[target]; i < n; i++) closed[name, i] = 1
            if (wanted == "") printf "%-40s %-8s %3d instructions, %3d of them on vectors\n", name, target, n - at[target], vectors
            else if (wanted == target) for (i = at[target]; i < n; i++) { sub(/ <.*>$/, "", line[i]); print "\t" line[i] }
        }' "$work/all"
}
case $loop in
"") loops; exit ;;
*-*) awk -v from="${loop%-*}:" -v to="${loop#*-}:" '
    $1 == from { inside = 1 }
    inside { text = $0; sub(/^ *[0-9a-f]+:[ \t]*/, "", text); sub(/ <.*>$/, "", text); print "\t" text }
    $1 == to { exit }' "$work/all" >"$work/loop" ;;
*) loops >"$work/loop" ;;
esac
[ -s "$work/loop" ] || { echo "hot_loop.sh: $loop: no such loop; leave it out to see them" >&2; exit 65; }
cat "$work/loop"
for core in cortex-a53 cortex-a72 neoverse-n1; do
    # Without branches, which llvm-mca does not follow. Block RThroughput: cycles if nothing waited for a result.
    grep -vE '^\s(b\.|br?\s|cbn?z|tbn?z)' "$work/loop" |
        $mca -mtriple=aarch64-linux-gnu -mcpu=$core -mattr=+dotprod,+i8mm -iterations=100 --instruction-info=0 --resource-pressure=0 |
        awk -v core=$core '
            /^Instructions:/ { n = $2 / 100 } /^Total Cycles:/ { cycles = $3 / 100 } /^Block RThroughput:/ { bound = $3 }
            END { printf "%-12s %3d instructions, %6.1f cycles; units bound it at %5.1f: %3d %%\n", core, n, cycles, bound, 100 * bound / cycles }'
done
