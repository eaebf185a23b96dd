#!/usr/bin/env bash
# sysroot.sh [SUITE] : an arm64 sysroot of Debian SUITE (bookworm) in out/cross/sysroot-SUITE; prints its path.
#
# The packages are Debian's own, unpacked and never installed: apt gets lists, cache and an empty dpkg
# status of its own under out/cross/apt, so that neither root nor a foreign architecture on the host is needed.
set -euo pipefail
suite=${1:-bookworm}
out=$(cd "$(dirname "$0")/../.." && pwd)/out/cross
sysroot=$out/sysroot-$suite
say() { printf 'cross: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

case $suite in
    bookworm) gcc=12 asound=libasound2 gpiod=libgpiod2 ;;
    trixie) gcc=14 asound=libasound2t64 gpiod=libgpiod3 ;;
    *) die "$suite: not a suite we know; give bookworm or trixie" ;;
esac
packages="libc6 libc6-dev linux-libc-dev libcrypt1 libcrypt-dev libgcc-s1 libgcc-$gcc-dev
    $asound libasound2-data libasound2-dev $gpiod libgpiod-dev libcjson1 libcjson-dev libinih1 libinih-dev"

# Bump when this script unpacks differently, so that old sysroots are made anew.
recipe="1 $suite $(echo $packages)"
if [ "$(cat "$sysroot/.recipe" 2>/dev/null)" = "$recipe" ]; then echo "$sysroot"; exit; fi

# The archive and the key that the host's own apt trusts for Debian: a mirror or a proxy stays in use.
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1) ||
    die "no Debian archive in the host's apt sources; add one"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keyring ] || die "$keyring: missing; apt-get install debian-archive-keyring"

apt=$out/apt-$suite
mkdir -p "$apt"/{state/lists/partial,cache/archives/partial} "$out/debs-$suite"
: >"$apt/status"
printf 'deb [arch=arm64 signed-by=%s] %s %s main\n' $keyring "$archive" "$suite" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
export APT_CONFIG=$apt/apt.conf

say "fetching $suite's arm64 packages"
apt-get -qq update >&2 || die "apt-get update failed; check the network"
rm -f "$out/debs-$suite"/*.deb
(cd "$out/debs-$suite" && apt-get -qq download $packages >&2) || die "a package could not be fetched; check the network"

# libc6's files lie under /lib, which is a link into /usr on a merged Debian.
rm -rf "$sysroot"
mkdir -p "$sysroot"/usr/lib
ln -s usr/lib "$sysroot/lib"
for deb in "$out/debs-$suite"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$sysroot"
done
rm -rf "$sysroot"/{etc,var} "$sysroot"/usr/share/{doc,man,lintian}

# Absolute links would lead out of the sysroot, to the host's files.
find "$sysroot" -type l -lname '/*' | while read -r link; do
    ln -sfr "$sysroot$(readlink "$link")" "$link"
done
rm -rf "$apt" "$out/debs-$suite"
echo "$recipe" >"$sysroot/.recipe"
say "$(du -sm "$sysroot" | cut -f1) MB in $(basename "$sysroot")"
echo "$sysroot"
