#!/usr/bin/env bash
# boot.sh [MACHINE] PAYLOAD OUT [QEMU-OPTION...] : boots an emulated board, runs PAYLOAD/run.sh in it and exits with its status.
# OUT/host: the files that it left in /host. OUT/serial.log: what it said.
#
# MACHINE raspi3b, the default: a Raspberry Pi 3B with Debian 12. OUT/pins: pins 17, 22 and 27 as seen from outside. Time is
# virtual: SHIFT=1 makes a core of 500 million instructions a second (2 ns each), idle time is skipped, and two runs are
# the same to the bit.
# MACHINE virt: QEMU's own board with Debian 13, in real time. When the guest says PRESS, its power button is pressed:
# an edge on line 3 of its GPIO chip, from outside.
#
# LIMIT: seconds of real time after which it is killed (status 124). 98, 99: the guest died.
set -euo pipefail
machine=raspi3b suite=bookworm
case $1 in raspi3b) shift ;; virt) machine=virt suite=trixie; shift ;; esac
payload=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
here=$(cd "$(dirname "$0")" && pwd)
board=$here/../../out/board/$suite
limit=${LIMIT:-300} shift=${SHIFT:-1}

rm -rf "$out"/{host,serial.log,pins,qemu.log,stage}
mkdir -p "$out/host" "$out/stage/payload"
cp -r "$payload/." "$out/stage/payload/"
(cd "$out/stage" && find payload -print0 | sort -z | cpio --quiet --null --create --format=newc --owner=0:0) >"$out/stage/payload.cpio"
cat "$board/base.cpio" "$out/stage/payload.cpio" >"$out/stage/initrd"
cc -O2 -o "$out/stage/monitor" "$here/monitor.c"
# A socket's path must be short.
socket=$(mktemp -u "${TMPDIR:-/tmp}/katydid-qmp.XXXXXX")
trap 'rm -f "$socket"' EXIT

options=(-kernel "$board/Image" -initrd "$out/stage/initrd" -nographic -nodefaults -no-reboot -monitor none
    -accel tcg,thread=single -semihosting-config enable=on,target=native,userspace=on -qmp "unix:$socket,server=on,wait=off")
case $machine in
    raspi3b)
        # Debian's device tree leaves the PL011 to Bluetooth: the console is the mini UART, QEMU's second serial port.
        options+=(-M raspi3b -smp 4 -dtb "$board/bcm2837-rpi-3-b.dtb" -serial null -append "console=ttyS1,115200 quiet loglevel=4 panic=-1"
            -icount "shift=$shift,sleep=off" -rtc base=2026-01-01T00:00:00,clock=vm -seed 1)
        "$out/stage/monitor" "$socket" levels 0x3f200034 $((1 << 17 | 1 << 22 | 1 << 27)) >"$out/pins" 2>"$out/monitor.log" & ;;
    virt)
        options+=(-M virt,gic-version=3 -cpu cortex-a72 -smp 2 -m 512 -append "console=ttyAMA0 quiet loglevel=4 panic=-1")
        "$out/stage/monitor" "$socket" press "$out/serial.log" 2>"$out/monitor.log" & ;;
esac
watcher=$!

status=0
(cd "$out" && exec timeout --foreground -k 5 "$limit" qemu-system-aarch64 "${options[@]}" -serial file:serial.log "$@" </dev/null >qemu.log 2>&1) ||
    status=$?
wait $watcher || true
[ ! -s "$out/host.tar" ] || { tar -xf "$out/host.tar" -C "$out/host" && rm "$out/host.tar"; }
# QEMU's status is believed only if the guest said the same.
said=$(sed -n 's/.*BOARD-EXIT \([0-9]*\).*/\1/p' "$out/serial.log" 2>/dev/null | tail -1)
[ "$status" != 0 ] || [ "${said:-99}" = 0 ] || status=${said:-99}
exit "$status"
