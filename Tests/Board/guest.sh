#!/bin/sh
# What happens on the emulated Pi: the package is installed, its daemon started from its unit's command line, spoken to, and
# treated badly. Each check says PASS or FAIL; what was measured is left in /host/measured.
log=/host/daemon.log
conf=/etc/katydid/katydid.conf
models=/usr/share/katydid/models
dpkg=/usr/bin/dpkg  # not busybox's own, which its shell would take

check() { name=$1; shift; if "$@" >/tmp/check 2>&1; then echo "PASS $name"; else echo "FAIL $name: $(head -c 300 /tmp/check | tr '\n' ' ')"; fi; }
measured() { echo "$1 $2" >>/host/measured; }
# Waits up to so many tenths of a second until a command succeeds.
within() { n=$1; shift; while ! "$@" >/dev/null 2>&1; do n=$((n - 1)); [ $n -gt 0 ] || return 1; usleep 100000; done; }
said() { grep -qF -- "$1" $log; }
heard() { [ "$(grep -c ' score ' $log)" -ge "$1" ]; }
detections() { grep -c ' score ' $log; }
play() { aplay -q -D hw:CARD=Loopback,DEV=0 /payload/word.wav; }
# A word spoken now must be one detection more.
hears() { before=$(detections); play; within 30 heard $((before + 1)); }

modprobe snd-aloop pcm_substreams=1
ifconfig lo 127.0.0.1 up
for line in GPIO17 GPIO22; do stamp pin $line >/host/pin.$line & done

echo "== the package"
check "dpkg installs it" $dpkg -i /payload/first.deb
[ -e $conf ] || exit 1
check "it needs no configuration: its models are there" katydid check-config
cp /payload/okay_nabu.* $models/
cp /payload/katydid.conf $conf
check "its configuration is right" katydid check-config
check "kernels are right on this core" katydid selftest --rounds 3
check "devices knows the board" sh -c 'katydid devices | grep -q "^Board: Raspberry Pi 3 Model B, Cortex-A53"'
check "devices shows the microphone" sh -c 'katydid devices | grep -q CARD=Loopback'
check "devices shows the line" sh -c 'katydid devices | grep -q GPIO17'

echo "== the daemon, as its unit starts it"
start() {
    command=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/katydid.service)
    started=$(stamp)
    $command >>$log 2>&1 &
    daemon=$!
}
start
check "listens" within 50 said " Hz, "
usleep 200000
ready=$(awk '$3 == 1 { print $1; exit }' /host/pin.GPIO22)
measured start-to-listening-ms $(((ready - started) / 1000000))

cpu() { cut -d' ' -f1 /proc/$daemon/schedstat; }
before=$(cpu) from=$(stamp) spoken=$(stamp)
check "hears a spoken word" hears
check "raises the line" sh -c '[ "$(tail -1 /host/pin.GPIO17 | cut -d" " -f3)" = 1 ] || grep -q " 1$" /host/pin.GPIO17'
up=$(awk '$3 == 1 { print $1; exit }' /host/pin.GPIO17)
# The model needs /payload/word.wav up to this moment, as a PC computes it from the file.
needs=$(cat /payload/needs-ms)
measured word-to-pin-ms $(((up - spoken) / 1000000))
measured mic-to-pin-ms $(((up - spoken) / 1000000 - needs))
usleep 2000000
measured cpu-percent-times-100 $((($(cpu) - before) * 10000 / ($(stamp) - from)))
# VmRSS is counted in batches and may be off by a third here; the page tables are not.
measured rss-kb "$(awk '/^Rss/ { print $2 }' /proc/$daemon/smaps_rollup)"
cat /proc/$daemon/smaps >/host/smaps
check "a second daemon is told who holds the line" sh -c 'katydid listen --config '$conf' --device null 2>&1 | grep -q "katydid holds this line"'

echo "== what goes wrong"
kill -STOP $daemon; usleep 1500000; kill -CONT $daemon
check "an overrun is told" within 30 said "overrun 1, sound was lost"
check "and it hears on" hears

cd /sys/bus/platform/drivers/snd_aloop
(echo snd_aloop.0 >unbind) &
check "an unplugged microphone is told" within 50 said "opens it again as soon as it is there"
usleep 3000000
wait $!
(echo snd_aloop.0 >bind)
back=$(stamp)
check "it is back" within 40 said "back after"
measured replug-ms $((($(stamp) - back) / 1000000))
cd /
check "and it hears on" hears
check "each was told once" test "$(grep -c 'opens it again' $log)" = 1

echo broken >$models/okay_nabu.tflite
kill -HUP $daemon
check "a damaged model is refused" within 30 said "goes on as before"
check "and it hears on with the old one" hears
cp /payload/okay_nabu.tflite $models/
sed -i 's/^action = .*/action = toggle/' $conf
printf '[wyoming]\nlisten = 127.0.0.1:10400\n[metrics]\nlisten = 127.0.0.1:9799\n' >>$conf
kill -HUP $daemon
check "a new configuration is taken" within 30 said "configuration read again"
check "and it hears" hears
check "Prometheus gets its figures" sh -c 'wget -qO- http://127.0.0.1:9799/metrics | grep -q "^katydid_detections_total.*okay_nabu.* [1-9]"'
check "a Wyoming client is told what is listened for" sh -c '(echo "{\"type\":\"describe\"}"; sleep 1) | nc 127.0.0.1 10400 | grep -q okay_nabu'
within 20 sh -c '[ "$(tail -1 /host/pin.GPIO17 | cut -d" " -f3)" = 1 ]'
check "a toggled line stays up" test "$(tail -1 /host/pin.GPIO17 | cut -d' ' -f3)" = 1
echo "[nonsense" >>$conf
kill -HUP $daemon
check "a damaged configuration is refused" within 30 said "neither [SECTION] nor KEY"
sed -i '$d' $conf

kill -TERM $daemon
wait $daemon
check "SIGTERM ends it well" test $? = 0
start
lines=$(wc -l <$log)
check "starts again" within 50 sh -c "tail -n +$((lines + 1)) $log | grep -q ' Hz, '"
check "hears again" hears
usleep 300000
kill -KILL $daemon
usleep 500000
check "killed: the kernel takes the line back" sh -c '[ "$(tail -1 /host/pin.GPIO17 | cut -d" " -f3)" = - ]'
check "and whoever comes next gets it" gpioset --mode=exit gpiochip0 17=0

echo "== the package again"
rm $models/okay_nabu.*
check "dpkg upgrades it" $dpkg -i --force-confold /payload/second.deb
check "the configuration is kept" grep -q 'action = toggle' $conf
check "it is the new version" sh -c 'dpkg-query -W katydid | grep -q 99'
check "dpkg removes it" $dpkg -r katydid
check "the configuration is still there" test -e $conf
check "dpkg purges it" $dpkg -P katydid
check "nothing is left of it" sh -c '! find / -xdev -path /proc -prune -o -path "/payload" -prune -o -path /host -prune -o -name "*katydid*" -print | grep .'
exit 0
