#!/usr/bin/env bash
# run.sh : a daemon built with MQTT, against a real broker (mosquitto): birth, discovery, detections, muting, a broker that dies and
# comes back, a daemon that is killed, TLS and passwords. Skipped, and says why, where the broker is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH=$PATH:/usr/sbin
for program in mosquitto mosquitto_sub mosquitto_pub mosquitto_passwd openssl python3 clang; do
    command -v $program >/dev/null || { echo "mqtt: skipped: no $program; Firmware/install.sh mqtt"; exit 0; }
done
pkg-config --exists libmosquitto || { echo "mqtt: skipped: no libmosquitto-dev; Firmware/install.sh mqtt"; exit 0; }
KATYDID_MQTT=1 swift build --product katydid --scratch-path .build-mqtt ${JOBS:+-j "$JOBS"} 2>&1 | tail -n 3
katydid=$PWD/.build-mqtt/debug/katydid
out=$PWD/out/mqtt
rm -rf "$out"
mkdir -p "$out"
passed=0 daemon= broker= subscriber=
fail() { echo "mqtt: FAILED: $*"; tail -n 5 "$out"/*.log; exit 1; }
ok() { passed=$((passed + 1)); echo "mqtt: $*"; }
end() { for pid in $daemon $subscriber $broker; do kill -9 "$pid" 2>/dev/null || true; done; }
trap end EXIT
# until COMMAND... : waits for it to succeed; the machine may be busy.
await() { for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; fail "waited 30 s for: $*"; }
says() { await grep -qF -- "$2" "$out/$1"; }
count() { grep -cF -- "$2" "$out/$1" || true; }
more() { [ "$(count "$1" "$2")" -gt "$3" ]; }

# A microphone with noise, and a word that is heard once in whatever sounds, and anew behind each fault `o`.
clang -O2 -shared -fPIC Tests/Fixtures/FileMicrophone/pcm_filemic.c -o "$out/libpcm_filemic.so" -lasound
head -c 64000 Tests/Fuzz/corpus/model/wake.tflite >"$out/noise.raw"
printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$out/control"
cat >"$out/asound.conf" <<CONF
pcm_type.filemic { lib "$out/libpcm_filemic.so" }
pcm.mic { type filemic  file "$out/noise.raw"  loop 1  control "$out/control" }
CONF
export ALSA_CONFIG_PATH=$out/asound.conf
fault() { printf '%s' "$1" | dd of="$out/control" conv=notrunc status=none; }
cp Tests/Fuzz/corpus/model/wake.tflite "$out/wake.tflite"
cat >"$out/wake.json" <<'JSON'
{"type":"micro","wake_word":"Wake","author":"Nobody","website":"https://example.org","trained_languages":["en"],
"model":"wake.tflite","version":2,"micro":{"probability_cutoff":0.9,"sliding_window_size":5}}
JSON

# A broker for everybody, and on another port for one with a password, by TLS.
read -r port secure < <(python3 -c '
import socket
s = [socket.socket() for _ in range(2)]
for each in s: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in s))')
(
    cd "$out"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout broker.key -out broker.csr
    openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo subjectAltName=DNS:localhost) -out broker.crt
    mosquitto_passwd -c -b passwords katydid secret
    echo secret >password
    echo wrong >wrong-password
) >"$out/openssl.txt" 2>&1 || fail "no certificates: $(tail -n 1 "$out/openssl.txt")"
[ "$(id -u)" != 0 ] || user="user root"
cat >"$out/mosquitto.conf" <<CONF
per_listener_settings true
${user:-}
listener $port 127.0.0.1
allow_anonymous true
listener $secure 127.0.0.1
allow_anonymous false
password_file $out/passwords
certfile $out/broker.crt
keyfile $out/broker.key
CONF
reachable() { mosquitto_pub -p "$port" -t here -m yes; }
start_broker() {
    mosquitto -c "$out/mosquitto.conf" >"$out/broker.log" 2>&1 &
    broker=$!
    await reachable
}
# What is published, a line each: whether it was retained, topic, payload.
subscribe() {
    [ -z "$subscriber" ] || kill "$subscriber" 2>/dev/null || true
    mosquitto_sub -p "$port" -t '#' -F '%r %t %p' >"$out/$1" &
    subscriber=$!
}

# configure WORD KEYS
configure() { printf '[audio]\ndevice = mic\n[model %s]\nfile = %s\n[log]\nformat = json\n[mqtt]\n%s\n' "$1" "$out/wake.json" "$2" >"$out/katydid.conf"; }
start() {
    "$katydid" listen --config "$out/katydid.conf" >"$out/events" 2>"$out/daemon.log" &
    daemon=$!
}
stop() {
    kill -TERM $daemon
    wait $daemon || fail "the daemon ended with $?"
    daemon=
}
plain="host = 127.0.0.1
port = $port
topic = katydid/test"

# A broker that is not there: the daemon hears, and complains once.
configure wake "$plain"
start
says events '"word":"wake"'
says daemon.log "goes on listening, and tries again"
heard=$(count events detection)
fault o
await more events detection "$heard"
start_broker
subscribe published
says daemon.log "MQTT 127.0.0.1: connected"
[ "$(count daemon.log MQTT)" = 2 ] || fail "more than one complaint about a broker that is away"
ok "hears while there is no broker, and finds it when there is one"

says published " katydid/test/status online"
says published " katydid/test/state listening"
says published " katydid/test/mute OFF"
says published " homeassistant/switch/katydid_test/mute/config {"
subscribe retained
says retained "1 katydid/test/status online"
says retained "1 homeassistant/sensor/katydid_test/state/config {"
says retained "1 homeassistant/device_automation/katydid_test/wake/config {"
says retained "1 homeassistant/switch/katydid_test/mute/config {"
python3 - "$out/retained" <<'PYTHON' || fail "what Home Assistant is told is not what it asks for"
import json, sys
told = {}
for line in open(sys.argv[1]):
    retained, topic, payload = line.rstrip("\n").split(" ", 2)
    if topic.startswith("homeassistant/"): told[topic.split("/")[1]] = json.loads(payload)
trigger, sensor, switch = told["device_automation"], told["sensor"], told["switch"]
assert trigger["automation_type"] == "trigger" and trigger["type"] and trigger["subtype"] == trigger["payload"] == "wake"
assert trigger["topic"] == "katydid/test/heard" and trigger["value_template"] == "{{ value_json.word }}"
assert sensor["state_topic"] == "katydid/test/state" and set(sensor["options"]) == {"listening", "muted", "error"}
assert switch["command_topic"] == "katydid/test/mute/set" and switch["state_topic"] == "katydid/test/mute"
assert sensor["availability_topic"] == switch["availability_topic"] == "katydid/test/status"
assert sensor["unique_id"] != switch["unique_id"]
assert all(each["device"]["identifiers"] == ["katydid_test"] for each in told.values())
PYTHON
ok "birth, state and discovery are there, and retained"

fault o
says retained "0 katydid/test/heard {"
grep -F '0 katydid/test/heard {' "$out/retained" | tail -n 1 | cut -d' ' -f3- | grep -qxFf - "$out/events" || fail "a detection is told otherwise than as JSON"
ok "a detection is published, in the words of --json, and not retained"

mosquitto_pub -p "$port" -t katydid/test/mute/set -m ON
says retained "0 katydid/test/state muted"
says retained "0 katydid/test/mute ON"
heard=$(count events detection)
fault o
says daemon.log "katydid: muted by MQTT"
sleep 1
[ "$(count events detection)" = "$heard" ] || fail "hears though it is mute"
mosquitto_pub -p "$port" -t katydid/test/mute/set -m perhaps
mosquitto_pub -p "$port" -t katydid/test/mute/set -m OFF
says daemon.log "katydid: listens again, by MQTT"
await more events detection "$heard"
# An order that was retained is of another time.
mosquitto_pub -p "$port" -r -t katydid/test/mute/set -m ON
says retained "katydid/test/mute/set ON"
await more retained "katydid/test/mute ON" 1
mosquitto_pub -p "$port" -t katydid/test/mute/set -m OFF
await more daemon.log "listens again, by MQTT" 1
ok "is muted and listens again by order"

configure other "$plain"
kill -HUP $daemon
says retained "homeassistant/device_automation/katydid_test/other/config {"
grep -qE '^0 homeassistant/device_automation/katydid_test/wake/config ?$' "$out/retained" || fail "a word that is no more was not taken back"
[ "$(count daemon.log 'MQTT 127.0.0.1: connected')" = 1 ] || fail "another word made it connect again"
ok "other words are told on the same connection"

kill -9 "$broker"
wait "$broker" 2>/dev/null || true
says daemon.log "goes on listening, and tries again"
await more daemon.log "goes on listening" 1
heard=$(count events detection)
fault o
await more events detection "$heard"
start_broker
subscribe again
says again "katydid/test/status online"
says again "homeassistant/device_automation/katydid_test/other/config {"
fault o
says again "0 katydid/test/heard {"
ok "a broker that died is found again, and told all anew"

# A program that a word started must not keep the connection of a daemon that is dead.
configure wake "$plain
[command long]
on = any
run = sleep 20"
kill -HUP $daemon
await grep -q "configuration read again" "$out/daemon.log"
await more daemon.log "configuration read again" 1
heard=$(count events detection)
fault o
await more events detection "$heard"
kill -9 $daemon
wait $daemon 2>/dev/null || true
daemon=
says again "katydid/test/status offline"
ok "killed: the broker says so"

configure wake "$plain"
start
await more again "katydid/test/status online" 1
stop
await more again "katydid/test/status offline" 1
ok "says goodbye itself"

secured="host = localhost
port = $secure
topic = katydid/secure
tls = yes
ca-file = $out/ca.crt
username = katydid
password-file = $out/password"
configure wake "$secured"
start
says daemon.log "MQTT localhost: connected"
stop
configure wake "${secured/$out\/password/$out/wrong-password}"
start
says daemon.log "MQTT localhost: Connection Refused"
fault o
says events '"word":"wake"'
stop
configure wake "${secured/$out\/ca.crt//etc/ssl/certs/ca-certificates.crt}"
start
says daemon.log "katydid: MQTT localhost: "
says daemon.log "goes on listening, and tries again"
says events '"word":"wake"'
stop
configure wake "${secured/localhost/nobody.invalid}"
start
says daemon.log "MQTT nobody.invalid: no address is known by this name"
says events '"word":"wake"'
stop
configure wake "${secured/$out\/password/$out/no-such-file}"
status=0
"$katydid" listen --config "$out/katydid.conf" >"$out/events" 2>"$out/daemon.log" || status=$?
[ $status = 66 ] && says daemon.log "no-such-file: No such file or directory" || fail "a missing password file: $status"
ok "TLS, a name and a password; a wrong one, a wrong certificate and an unknown name are told"

refused() {
    local status=0
    printf '%b' "$1" >"$out/wrong.conf"
    "$katydid" check-config "$out/wrong.conf" >"$out/check.txt" 2>&1 || status=$?
    [ $status = 78 ] && grep -qF -- "$2" "$out/check.txt" && [ "$(wc -l <"$out/check.txt")" = 1 ] || fail "$1: $status $(cat "$out/check.txt")"
}
refused '[mqtt]\nport = 1883\n' ": [mqtt]: has no host"
refused '[mqtt]\nhost = a\nport = 65536\n' ":3: port = 65536: not a whole number from 1 to 65535"
refused '[mqtt]\nhost = a\ntopic = a/+/b\n' ":3: topic = a/+/b: no topic"
refused '[mqtt]\nhost = a\ntopic = a//b\n' ":3: topic = a//b: no topic"
refused '[mqtt]\nhost = a\ndiscovery = perhaps\n' ":3: discovery = perhaps: neither yes nor no"
refused '[mqtt]\nhost = a\nca-file = /nowhere\n' ":3: ca-file = /nowhere: No such file"
refused '[mqtt]\nhost = a\nqos = 1\n' ":3: qos: [mqtt] has no such key"
{ echo "[model wake]"; echo "file = $out/wake.json"; sed -n '/^;\[mqtt\]/,/^\[/ s/^;//p' Firmware/katydid.conf; } >"$out/example.conf"
[ "$(grep -c = "$out/example.conf")" = 11 ] || fail "the example has not all keys"
"$katydid" check-config "$out/example.conf" >"$out/check.txt" 2>&1 || fail "$(cat "$out/check.txt")"
ok "every key is checked, and the example is right"
echo "mqtt: $passed passed"
