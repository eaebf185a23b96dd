#!/usr/bin/env bash
# rootfs.sh [SUITE] : out/board/SUITE/{Image,base.cpio,*.dtb}: Debian's unmodified arm64 kernel, and a small Debian in RAM: busybox, libc,
# ALSA, libgpiod, dpkg, and the kernel modules that a test needs. Kept until this script or a guest program changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Firmware/debian.sh
here=Firmware/board
suite=${1:-bookworm}
out=out/board/$suite
case $suite in
    bookworm) libraries="libasound2 libatopology2 libgpiod2 libsemanage2" ;;
    trixie) libraries="libasound2t64 libatopology2t64 libgpiod3 libsemanage2 libedit2 libbsd0 libtinfo6" ;;
    *) die "$suite: not a suite we know; give bookworm or trixie" ;;
esac
sysroot=$(Firmware/cross/sysroot.sh "$suite")

key=$(cat "$here/rootfs.sh" Firmware/debian.sh "$here"/guest/* | sha256sum | cut -c1-16)
if [ "$(cat "$out/.key" 2>/dev/null)" = "$key" ]; then exit 0; fi

mkdir -p "$out"
DEBIAN_APT=$PWD/$out/apt
debian_apt "$suite"
kernel=$(apt-cache depends linux-image-arm64 | sed -n 's/^ *|\{0,1\}Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -1)
packages="busybox-static libc6 libc-bin libgcc-s1
    $libraries libasound2-data alsa-utils gpiod libcjson1 libinih1
    dpkg tar libbz2-1.0 liblzma5 libmd0 libselinux1 libzstd1 zlib1g libpcre2-8-0 libacl1
    passwd libaudit1 libcap-ng0 libpam0g libsepol2 libcrypt1"
debian_download "$out/debs" $packages
debian_download "$out/kernel-deb" "$kernel"

# The kernel, its device trees, and the modules that are loaded, with those that they need.
rm -rf "$out/kernel" "$out/root"
mkdir -p "$out/kernel/usr/lib" "$out/root/usr/"{bin,sbin,lib}
ln -s usr/lib "$out/kernel/lib"
debian_unpack "$out/kernel" "$out/kernel-deb"/*.deb
version=${kernel#linux-image-}
cp "$out/kernel/boot/vmlinuz-$version" "$out/Image"
cp "$out/kernel"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$out/"
modules=lib/modules/$version
PATH=$PATH:/usr/sbin depmod -b "$out/kernel" "$version"
for directory in bin sbin lib; do ln -s "usr/$directory" "$out/root/$directory"; done
mkdir -p "$out/root/usr/$modules"
PATH=$PATH:/usr/sbin modprobe -d "$out/kernel" -S "$version" -a --show-depends snd-aloop configfs | awk '$1 == "insmod" { print $2 }' | sort -u |
    while read -r module; do
        to=$out/root/usr/$modules/${module##*"$modules/"}
        mkdir -p "$(dirname "$to")"
        case $module in *.xz) xz -dc "$module" >"${to%.xz}" ;; *) cp "$module" "$to" ;; esac
    done
cp "$out/kernel/$modules"/modules.{builtin,order} "$out/root/usr/$modules/"
PATH=$PATH:/usr/sbin depmod -b "$out/root" "$version"

# The root: Debian's packages, unpacked, and known to dpkg as installed, so that it checks what ours depends on; what they
# depend on themselves is our business.
root=$out/root
debian_unpack "$root" "$out/debs"/*.deb
rm -rf "$root"/usr/share/{doc,man,locale,info,lintian,bash-completion,zsh,gcc,gdb} "$root"/usr/share/alsa/{speaker-test,init,topology,ucm2,cards} \
    "$root"/usr/share/sounds "$root"/usr/lib/aarch64-linux-gnu/{gconv,perl*,audit} "$root"/lib/{systemd,udev}
mkdir -p "$root"/{dev,proc,sys,tmp,run,host,etc,payload} "$root"/var/lib/{alsa,dpkg/info,dpkg/updates}
ln -sf busybox "$root/usr/bin/sh"
for deb in "$out/debs"/*.deb; do
    dpkg-deb -f "$deb" Package Version Architecture Multi-Arch Provides Maintainer Description | sed '/^Package:/a Status: install ok installed'
    echo
done >"$root/var/lib/dpkg/status"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\naudio:x:29:\n' >"$root/etc/group"

guest() { clang --target=aarch64-linux-gnu --sysroot="$sysroot" -fuse-ld=lld -rtlib=libgcc "$@"; }
guest -O2 -nostdlib -static -ffreestanding -fno-stack-protector -o "$root/usr/sbin/put" "$here/guest/put.c"
guest -nostdlib -static -Wl,-N -o "$root/usr/sbin/leave" "$here/guest/leave.S"
guest -O2 -o "$root/usr/sbin/stamp" "$here/guest/stamp.c"
install -m 755 "$here/guest/init" "$root/init"

(cd "$root" && find . -print0 | sort -z | cpio --quiet --null --create --format=newc --owner=0:0 --reproducible) >"$out/base.cpio"
rm -rf "$out"/{apt,debs,kernel,kernel-deb,root}
echo "$version" >"$out/version"
echo "$key" >"$out/.key"
echo "board: $suite, kernel $version, root of $(du -m "$out/base.cpio" | cut -f1) MB"
