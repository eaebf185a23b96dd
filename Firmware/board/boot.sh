#!/usr/bin/env bash
# boot.sh PAYLOAD OUT [QEMU-OPTION...] : boots QEMU's Raspberry Pi 3B, runs PAYLOAD/run.sh in it and exits with its status.
# OUT/host: the files that it left in /host. OUT/serial.log: what it said. OUT/pins: pins 17, 22 and 27 as seen from outside.
#
# Time is virtual: SHIFT=1 makes a core of 500 million instructions a second (2 ns each), idle time is skipped, and two
# runs are the same to the bit. LIMIT: seconds of real time after which it is killed (status 124). 98, 99: the guest died.
set -euo pipefail
payload=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
board=$(cd "$(dirname "$0")/../.." && pwd)/out/board
limit=${LIMIT:-300} shift=${SHIFT:-1}

rm -rf "$out"/{host,serial.log,pins,qemu.log,work}
mkdir -p "$out/host" "$out/work/payload"
cp -r "$payload/." "$out/work/payload/"
(cd "$out/work" && find payload -print0 | sort -z | cpio --quiet --null --create --format=newc --owner=0:0) >"$out/work/payload.cpio"
cat "$board/base.cpio" "$out/work/payload.cpio" >"$out/work/initrd"
cc -O2 -o "$out/work/watch_pins" "$(dirname "$0")/watch_pins.c"
# A socket's path must be short.
socket=$(mktemp -u "${TMPDIR:-/tmp}/katydid-qmp.XXXXXX")
trap 'rm -f "$socket"' EXIT
"$out/work/watch_pins" "$socket" 0x3f200034 $((1 << 17 | 1 << 22 | 1 << 27)) >"$out/pins" 2>"$out/pins.log" &
watcher=$!

status=0
# Debian's device tree leaves the PL011 to Bluetooth: the console is the mini UART, QEMU's second serial port.
(cd "$out" && exec timeout --foreground -k 5 "$limit" qemu-system-aarch64 -M raspi3b -dtb "$board/bcm2837-rpi-3-b.dtb" \
    -kernel "$board/Image" -initrd work/initrd -append "console=ttyS1,115200 quiet loglevel=4 panic=-1" \
    -serial null -serial file:serial.log -nographic -nodefaults -no-reboot -monitor none -accel tcg,thread=single -smp 4 \
    -semihosting-config enable=on,target=native,userspace=on -qmp "unix:$socket,server=on,wait=off" \
    -icount "shift=$shift,sleep=off" -rtc base=2026-01-01T00:00:00,clock=vm -seed 1 "$@" </dev/null >qemu.log 2>&1) || status=$?
wait $watcher || true
[ ! -s "$out/host.tar" ] || { tar -xf "$out/host.tar" -C "$out/host" && rm "$out/host.tar"; }
# QEMU's status is believed only if the guest said the same.
said=$(sed -n 's/.*BOARD-EXIT \([0-9]*\).*/\1/p' "$out/serial.log" 2>/dev/null | tail -1)
[ "$status" != 0 ] || [ "${said:-99}" = 0 ] || status=${said:-99}
exit "$status"
