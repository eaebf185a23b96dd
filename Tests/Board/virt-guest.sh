#!/bin/sh
# What happens on QEMU's virt machine: line 1 of its PL061 is a lamp, line 2 shows that it is muted, line 3 is the power button.
log=/host/daemon.log
chip=9030000.pl061

check() { name=$1; shift; if "$@" >/tmp/check 2>&1; then echo "PASS $name"; else echo "FAIL $name: $(head -c 300 /tmp/check | tr '\n' ' ')"; fi; }
within() { n=$1; shift; while ! "$@" >/dev/null 2>&1; do n=$((n - 1)); [ $n -gt 0 ] || return 1; usleep 100000; done; }
said() { grep -qF -- "$1" $log; }
heard() { [ "$(grep -c ' score ' $log)" -ge "$1" ]; }
play() { aplay -q -D hw:CARD=Loopback,DEV=0 /payload/word.wav; dd if=/dev/zero bs=32000 count=1 2>/dev/null | aplay -q -t raw -f S16_LE -r 16000 -D hw:CARD=Loopback,DEV=0; }
hears() { before=$(grep -c ' score ' $log); play; within 30 heard $((before + 1)); }
deaf() { before=$(grep -c ' score ' $log); play; usleep 500000; ! heard $((before + 1)); }
up() { grep -qE "gpio-[0-9]+ .*katydid.* out hi" /sys/kernel/debug/gpio; }

modprobe snd-aloop pcm_substreams=1
# The kernel's own driver of the button, if it is there, gives the line away.
for device in /sys/bus/platform/drivers/gpio-keys/*keys*; do [ -e "$device" ] && echo "${device##*/}" >/sys/bus/platform/drivers/gpio-keys/unbind; done
check "dpkg installs it" /usr/bin/dpkg -i /payload/katydid.deb
cp /payload/okay_nabu.* /usr/share/katydid/models/
cat >/etc/katydid/katydid.conf <<CONF
[audio]
device = plughw:CARD=Loopback,DEV=1
[model okay_nabu]
file = /usr/share/katydid/models/okay_nabu.json
[output lamp]
on = okay_nabu
line = $chip:1
action = set
[output muted]
on = @muted
line = $chip:2
[button]
line = $chip:3
debounce = 20ms
CONF
check "its configuration is right" katydid check-config
check "it speaks libgpiod 2" sh -c 'grep -q libgpiod.so.3 /proc/self/maps || grep -aq "libgpiod.so.3" /usr/bin/katydid'
check "devices knows the board" sh -c "katydid devices | grep -q \"QEMU's virt machine\""
katydid listen --config /etc/katydid/katydid.conf --gpio-trace >>$log 2>&1 &
daemon=$!
check "listens" within 50 said " Hz, "
check "hears a spoken word" hears
check "raises the line" within 20 up
check "a second daemon is told who holds the line" sh -c 'katydid listen --config /etc/katydid/katydid.conf --device null 2>&1 | grep -q "katydid holds this line"'
echo PRESS
check "the button, pressed from outside, mutes" within 100 said "muted by the button"
check "shows that it is muted" within 20 said "$chip:2 ↑"
check "hears nothing while it is muted" deaf
echo PRESS
check "pressed again, it listens" within 100 said "listens again, by the button"
check "and hears" hears
kill -TERM $daemon
wait $daemon
check "SIGTERM ends it well" test $? = 0
check "and leaves the lines low" sh -c '! grep -q "katydid" /sys/kernel/debug/gpio && tail -3 '$log' | grep -q "↓"'
exit 0
