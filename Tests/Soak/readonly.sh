#!/usr/bin/env bash
# readonly.sh : the root becomes read-only under the daemon, which keeps recordings there: it says so, hears on, and starts again there. In
# mount and user namespaces of its own; skipped where the kernel gives none.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Soak/common.sh
unshare -rm mount -o remount,bind,ro / 2>/dev/null || { echo "soak: read-only root skipped, no namespaces here"; exit 0; }
folder=$PWD/$out/readonly.d
rm -rf "$folder"
mkdir "$folder"
{ tail -c +45 Tests/Golden/wake/okay_nabu.en-us.wav; head -c 16000 /dev/zero; } | "$out/noise" 20 1 >"$folder/word.raw"
alsa "pcm.soak { type filemic  file \"$folder/word.raw\"  loop 1  speed 8 }"
export ALSA_CONFIG_PATH=$PWD/$out/asound.conf katydid wake_models folder

# Its output is opened out here, where the root can still be written to.
status=0
unshare -rm sh -euc '
    within() { n=200; while ! "$@"; do n=$((n - 1)); [ $n -gt 0 ] || { kill $pid; exit 70; }; sleep 0.1; done; }
    heard() { [ "$(grep -c " score " "$folder/events")" -ge "$1" ]; }
    hears() { count=$(grep -c " score " "$folder/events" || true); within heard $((count + 2)); }
    listen() { "$katydid" listen --model "$wake_models/okay_nabu.json" --device soak "$@" & pid=$!; hears; }
    end() { kill -TERM $pid; wait $pid; }
    listen --record-on-detect "$folder"
    # Not while it writes.
    within mount -o remount,bind,ro / 2>/dev/null
    within grep -q "Read-only file system" "$folder/log"
    hears
    end
    ! touch "$folder/x" 2>/dev/null
    listen
    end' >"$folder/events" 2>"$folder/log" || status=$?
[ $status = 0 ] || fail "read-only root: status $status: $(tail -1 "$folder/log")"
echo "soak: hears on, and starts, on a read-only root, and says: $(grep -m 1 "Read-only" "$folder/log" | sed "s/.*: Read/Read/")"
