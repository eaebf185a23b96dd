#!/usr/bin/env bash
# build.sh [SUITE] : out/cross/katydid for AArch64, Embedded Swift, linked against Debian 12's libraries;
# for another SUITE (trixie) out/cross/katydid-SUITE. TRANSFORMERS=1: with the operators of transformers, 40 KB more;
# MQTT=1: with MQTT, which needs libmosquitto.
set -euo pipefail
cd "$(dirname "$0")/../.."
suite=${1:-bookworm}
suffix=; [ "$suite" = bookworm ] || suffix=-$suite
sysroot=$(Firmware/cross/sysroot.sh "$suite")
Firmware/cross/toolset.sh "$sysroot" >"out/cross/toolset-$suite.json"

# Without these pkg-config finds the host's libraries, and the linker refuses them.
export PKG_CONFIG_LIBDIR=$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig:$sysroot/usr/share/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$sysroot
export KATYDID_TRANSFORMERS=${TRANSFORMERS:-0} KATYDID_MQTT=${MQTT:-0}
swift build --triple aarch64-none-none-elf --toolset "out/cross/toolset-$suite.json" \
    -c release --product katydid --scratch-path ".build-cross$suffix" ${JOBS:+-j "$JOBS"}

strip=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-objcopy
[ -x "$strip" ] || strip=llvm-objcopy
"$strip" --strip-all --remove-section=.comment ".build-cross$suffix/aarch64-none-none-elf/release/katydid" "out/cross/katydid$suffix"
printf 'cross: out/cross/katydid%s, %d bytes\n' "$suffix" "$(stat -c %s "out/cross/katydid$suffix")"
