#!/usr/bin/env bash
# sysroot.sh [SUITE] : an arm64 sysroot of Debian SUITE (bookworm) in out/cross/sysroot-SUITE; prints its path. MQTT=1: with
# libmosquitto in it.
set -euo pipefail
. "$(dirname "$0")/../debian.sh"
suite=${1:-bookworm}
out=$(cd "$(dirname "$0")/../.." && pwd)/out/cross
sysroot=$out/sysroot-$suite
say() { printf 'cross: %s\n' "$*" >&2; }

case $suite in
    bookworm) gcc=12 asound=libasound2 gpiod=libgpiod2 ssl=libssl3 ;;
    trixie) gcc=14 asound=libasound2t64 gpiod=libgpiod3 ssl=libssl3t64 ;;
    *) die "$suite: not a suite we know; give bookworm or trixie" ;;
esac
packages="libc6 libc6-dev linux-libc-dev libcrypt1 libcrypt-dev libgcc-s1 libgcc-$gcc-dev
    $asound libasound2-data libasound2-dev $gpiod libgpiod-dev libcjson1 libcjson-dev libinih1 libinih-dev"
[ "${MQTT:-0}" != 1 ] || packages="$packages libmosquitto1 libmosquitto-dev $ssl"

# Bump when this script unpacks differently, so that old sysroots are made anew.
recipe="1 $suite $(echo $packages)"
# One with more in it will do.
if [[ "$(cat "$sysroot/.recipe" 2>/dev/null)" = "$recipe"* ]]; then echo "$sysroot"; exit; fi

say "fetching $suite's arm64 packages"
DEBIAN_APT=$out/apt
debian_apt "$suite"
debian_download "$out/debs-$suite" $packages

# libc6's files lie under /lib, which is a link into /usr on a merged Debian.
rm -rf "$sysroot"
mkdir -p "$sysroot"/usr/lib
ln -s usr/lib "$sysroot/lib"
debian_unpack "$sysroot" "$out/debs-$suite"/*.deb
rm -rf "$sysroot"/{etc,var} "$sysroot"/usr/share/{doc,man,lintian}

# Absolute links would lead out of the sysroot, to the host's files.
find "$sysroot" -type l -lname '/*' | while read -r link; do
    ln -sfr "$sysroot$(readlink "$link")" "$link"
done
rm -rf "$out/apt" "$out/debs-$suite"
echo "$recipe" >"$sysroot/.recipe"
say "$(du -sm "$sysroot" | cut -f1) MB in $(basename "$sysroot")"
echo "$sysroot"
