#!/usr/bin/env bash
# install.sh build|forge|models|test|emulated|mqtt|package|board : installs the Debian packages that a step needs and this machine lacks, and
# nothing else. Run it as root, or with sudo at hand; where all is there it asks for nothing.
set -euo pipefail
case ${1:-} in
    build) packages="libasound2-dev libgpiod-dev libcjson-dev libinih-dev pkg-config" ;;
    forge) packages="libopenblas-dev libsndfile1-dev libsonic-dev pkg-config" ;;
    models) packages="python3 python3-pip" ;;
    emulated) packages="libsimde-dev" ;;
    mqtt) packages="libmosquitto-dev mosquitto mosquitto-clients" ;;
    test) packages="qemu-user espeak-ng flite" ;;
    package) packages="systemd mandoc" ;;
    board) packages="qemu-system-arm cpio kmod xz-utils" ;;
    *) echo "install.sh: ${1:-nothing}: not a step; give build, forge, models, test, emulated, mqtt, package or board" >&2; exit 64 ;;
esac

missing=
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing="$missing $package"
done
if [ "${1}" = models ] && command -v pip3 >/dev/null; then missing=; fi
if { [ "$1" = build ] || [ "$1" = forge ]; } && ! command -v swift >/dev/null; then
    echo "install.sh: swift: not found; install Swift 6.3 (https://www.swift.org/install/linux) and put it on PATH" >&2
    exit 69
fi
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "install.sh:$missing: not installed; install them as root: apt-get install$missing" >&2; exit 77; }
    sudo=sudo
fi
echo "installing$missing"
$sudo apt-get -qq update
DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq -y install --no-install-recommends $missing >/dev/null
