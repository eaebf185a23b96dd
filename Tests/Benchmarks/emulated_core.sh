#!/usr/bin/env bash
# emulated_core.sh CORE : makes out/cores/CORE, a root for `qemu-aarch64 -L`, and prints its path. CORE is cortex-a53,
# cortex-a72, cortex-a76 or max.
#
# It holds the C library of the cross build's sysroot, and /proc/cpuinfo and /sys/devices/system/cpu of a board with
# four such cores: TensorFlow Lite's cpuinfo reads those and would else choose kernels for the host's CPU.
set -euo pipefail
cd "$(dirname "$0")/../.."
core=${1:?a core}
v8="fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
v82="$v8 atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp ssbs"
case $core in # MIDR's part, variant and revision
    cortex-a53) part=0xd03 variant=0x0 revision=4 features=$v8 ;;
    cortex-a72) part=0xd08 variant=0x0 revision=3 features=$v8 ;;
    cortex-a76) part=0xd0b variant=0x4 revision=1 features=$v82 ;;
    max) part=0xd40 variant=0x1 revision=1 # Neoverse V1's, the first with i8mm
        features="$v82 sha3 sm3 sm4 sha512 sve asimdfhm dit uscat ilrcpc flagm sb paca pacg dcpodp sve2 flagm2 frint i8mm bf16 rng" ;;
    *) echo "emulated_core.sh: $core: not a core we know" >&2; exit 64 ;;
esac
root=$PWD/out/cores/$core
sysroot=$PWD/out/cross/sysroot-bookworm
mkdir -p "$root"/{lib,usr/lib,proc}
ln -sfn "$sysroot/usr/lib/aarch64-linux-gnu" "$root/lib/aarch64-linux-gnu"
ln -sfn "$sysroot/usr/lib/aarch64-linux-gnu" "$root/usr/lib/aarch64-linux-gnu"
ln -sfn "$sysroot/lib/ld-linux-aarch64.so.1" "$root/lib/ld-linux-aarch64.so.1"
for library in out/rivals/aarch64/c++/*.so.[0-9]; do
    [ ! -e "$library" ] || ln -sfn "$PWD/$library" "$root/lib/$(basename "$library")"
done

put() { mkdir -p "$(dirname "$1")"; printf '%s\n' "$2" >"$1"; }
cpus=$root/sys/devices/system/cpu
for file in possible present online; do put "$cpus/$file" 0-3; done
put "$cpus/kernel_max" 3
: >"$root/proc/cpuinfo"
for i in 0 1 2 3; do
    printf 'processor\t: %s\nBogoMIPS\t: 108.00\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: %s\nCPU part\t: %s\nCPU revision\t: %s\n\n' \
        $i "$features" $variant $part $revision >>"$root/proc/cpuinfo"
    put "$cpus/cpu$i/topology/physical_package_id" 0
    put "$cpus/cpu$i/topology/core_id" $i
    put "$cpus/cpu$i/topology/thread_siblings_list" $i
    for file in cluster_cpus_list core_siblings_list package_cpus_list; do put "$cpus/cpu$i/topology/$file" 0-3; done
    put "$cpus/cpu$i/cpufreq/cpuinfo_max_freq" 1800000
    put "$cpus/cpu$i/cpufreq/cpuinfo_min_freq" 600000
    index=0
    while read -r level type size shared; do
        cache=$cpus/cpu$i/cache/index$index
        put "$cache/level" "$level"; put "$cache/type" "$type"; put "$cache/size" "$size"; put "$cache/shared_cpu_list" "$shared"
        index=$((index + 1))
    done <<CACHES
1 Data 32K $i
1 Instruction 32K $i
2 Unified 512K 0-3
3 Unified 2048K 0-3
CACHES
done
echo "$root"
