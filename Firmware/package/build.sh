#!/usr/bin/env bash
# build.sh [SUITE] : out/deb/katydid_VERSION_arm64.deb for Debian 12 (bookworm, libgpiod 1) or 13 (trixie, libgpiod 2), from the
# programs that `make build` (for its texts) and `make cross` have made. MQTT=1 if `make cross` was told so.
set -euo pipefail
cd "$(dirname "$0")/../.."
suite=${1:-bookworm}
here=Firmware/package
host=.build/release/katydid
case $suite in
    bookworm) release=deb12 program=out/cross/katydid depends="libasound2, libgpiod2" ;;
    trixie) release=deb13 program=out/cross/katydid-trixie depends="libasound2t64, libgpiod3" ;;
    *) echo "build.sh: $suite: not a suite we know; give bookworm or trixie" >&2; exit 64 ;;
esac
[ "${MQTT:-0}" != 1 ] || depends="$depends, libmosquitto1"
version=${VERSION:-$("$host" --version | awk 'NR == 1 { print $2 }')}+$release

root=out/deb/root-$suite
rm -rf "$root"
install -D -m 755 "$program" "$root/usr/bin/katydid"
install -D -m 644 "$here/katydid.service" "$root/usr/lib/systemd/system/katydid.service"
install -D -m 644 "$here/60-katydid.rules" "$root/usr/lib/udev/rules.d/60-katydid.rules"
install -D -m 644 Firmware/katydid.conf "$root/etc/katydid/katydid.conf"
install -D -m 644 Firmware/katydid.conf "$root/usr/share/doc/katydid/examples/katydid.conf"
install -D -m 644 "$here/katydid.avahi-service" "$root/usr/share/doc/katydid/examples/katydid.avahi-service"
install -D -m 644 "$here/copyright" "$root/usr/share/doc/katydid/copyright"
mkdir -p "$root/usr/share/katydid/models" "$root/usr/share/man/man1"
for manifest in Firmware/models/*.json; do [ ! -e "$manifest" ] || install -m 644 "${manifest%.json}".* "$root/usr/share/katydid/models/"; done
[ ! -d Boards ] || { mkdir -p "$root/usr/share/katydid/boards"; install -m 644 Boards/*.ini "$root/usr/share/katydid/boards/"; }

"$here/man.sh" "$host" out/deb/texts
for page in out/deb/texts/*.1; do gzip -9n <"$page" >"$root/usr/share/man/man1/$(basename "$page").gz"; done
install -D -m 644 out/deb/texts/katydid.bash "$root/usr/share/bash-completion/completions/katydid"

mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: katydid
Version: $version
Architecture: arm64
Maintainer: Katydid <katydid@localhost>
Section: sound
Priority: optional
Depends: libc6 (>= 2.36), $depends, libcjson1, libinih1, passwd
Recommends: alsa-utils
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Description: voice commands on small boards
 Hears ten spoken commands, or wake words, with small neural networks and moves GPIO lines,
 in one program of half a megabyte: no cloud, no Python, no sound server.
CONTROL
echo /etc/katydid/katydid.conf >"$root/DEBIAN/conffiles"
install -m 755 "$here"/{postinst,prerm,postrm} "$root/DEBIAN/"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
# Everything is root's, whoever builds it; the same tree gives the same bytes.
find "$root" -exec touch -hd @"${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" {} +
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} \
    dpkg-deb --root-owner-group -Zxz --build "$root" "out/deb/katydid_${version}_arm64.deb" >/dev/null
printf 'deb: out/deb/katydid_%s_arm64.deb, %d bytes\n' "$version" "$(stat -c %s "out/deb/katydid_${version}_arm64.deb")"
