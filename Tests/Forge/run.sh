#!/usr/bin/env bash
# katydid-forge from synthetic voices to a model that katydid hears with, and what it says of bad data: a minute.
set -uo pipefail
cd "$(dirname "$0")/../.."
forge=$PWD/.build/release/katydid-forge
katydid=$PWD/.build/release/katydid
command -v espeak-ng >/dev/null || { echo "forge: skipped: espeak-ng is not installed"; exit 0; }
work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0

check() { # check WHAT CONDITION…
    local what=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $what"; tail -5 "$work/log"; fi
}
# ends CODE COMMAND…: it ends so, and says one line of ours.
ends() {
    local wanted=$1 code
    shift
    "$@" >"$work/log" 2>&1 </dev/null
    code=$?
    [ $code = "$wanted" ] || { echo "exit code $code, not $wanted: $*"; return 1; }
    [ "$wanted" = 0 ] || tail -1 "$work/log" | grep -q '^katydid-forge: .*: .*; .*' || { echo "not one clear line"; return 1; }
}
says() { grep -q -- "$1" "$work/log"; }
train() { "$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/out" "$@"; }

check "synth says words" ends 0 "$forge" synth yes no --output "$work/words" --count 40 --others 8 --others-count 6 --voices espeak
check "there are clips" [ "$(find "$work/words/yes" -name '*.wav' | wc -l)" = 40 ]

check "synth talks" ends 0 "$forge" synth speech --text LICENSE --output "$work/talk" --count 3 --voices espeak
check "there is talk" [ "$(find "$work/talk/speech" -name '*.wav' -size +40k | wc -l)" = 3 ]

# Interrupted, and gone on with.
"$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/out" >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 300); do grep -q '^float 2/' "$work/log" && break; sleep 0.2; done
kill -INT $pid
wait $pid
check "an interrupted training says how to go on" says 'everything is saved; give the same command to go on'
check "the same command goes on" ends 0 train
check "from where it was" says 'going on in epoch'
check "the model is there" [ -s "$work/out/smoke.tflite" ]
check "it has learnt more than chance" awk -F'validation ' '/smoke.tflite/ { exit !($2 + 0 > 55) }' "$work/log"
check "a finished training is not done again" ends 0 train
check "another recipe's folder is refused" ends 65 train --seed 7
check "how it is listened with is nothing to be trained anew" ends 0 train --set 'listening.cutoffs={"yes": 0.7}'
check "its manifest has it" grep -q '"yes" : 0.7' "$work/out/smoke.json"
check "a cutoff of no word is refused" ends 78 train --set 'listening.cutoffs={"oui": 0.7}'

# Noise, of which some is for validation.
mkdir -p "$work/rain/noise"
talk=$(find "$work/talk/speech" -name '*.wav' | sort | head -1)
for i in $(seq 12); do cp "$talk" "$work/rain/noise/$i.wav"; done
sed 's/"name": "smoke"/"name": "rain", "resplit": ["noise"]/' Tests/Forge/smoke.json >"$work/rain.json"
check "what is kept hears best in noise, too" ends 0 "$forge" train "$work/rain.json" --data "$work/words" "$work/rain" --output "$work/wet" --epochs 1
check "which is said" says 'float 1/1: .* validation .* %, at 10 dB .* %, best'

check "export writes floats" ends 0 "$forge" export "$work/out/smoke.float.safetensors" --form float --output "$work/float.tflite"
"$katydid" run "$work/float.tflite" >"$work/log" 2>&1
check "katydid runs them" [ $? = 0 ]
check "evaluate judges" ends 0 "$forge" evaluate "$work/out/smoke.json" --data "$work/words"
word=$(find "$work/words/yes" -name '*.wav' | sort | head -1)
"$katydid" listen --model "$work/out/smoke.json" --wav "$word" >"$work/log" 2>&1
check "katydid listens with it" [ $? = 0 ]

# A student learns from that model, and from the network it was made of: their opinions and what their last layers see.
cp "$work/out/smoke.float.safetensors" "$work/out/smoke.tflite" "$work/"
sed -e 's/"name": "smoke"/"name": "student", "teacher": {"models": ["smoke.float.safetensors", "smoke.tflite"], "classes": ["_silence_", "_unknown_", "yes", "no"]}/' \
    -e 's/"average"/"alignment": 0.1, "average"/' Tests/Forge/smoke.json >"$work/student.json"
check "a student aligns with two teachers" ends 0 "$forge" train "$work/student.json" --data "$work/words" --output "$work/taught" --epochs 2 --examples 256
check "without them it says who is missing" ends 66 "$forge" train Firmware/models/recipes/commands.json --data "$work/words" --output "$work/none"

# Another training begins where one ended, of other words too.
begin() { "$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/begun" --epochs 1 --examples 64 --set quantisation.epochs=0 --restart --from "$@"; }
check "training begins with a checkpoint" ends 0 begin "$work/smoke.float.safetensors"
check "with all of it" says "^$(sed -n 's/.*: \([0-9]*\) parameters.*/\1/p' "$work/log") of them are smoke.float.safetensors's"
check "with other words, too" ends 0 begin "$work/smoke.float.safetensors" --set 'words=["yes"]'
check "but for the last layer" says "^$(($(sed -n 's/.*: \([0-9]*\) parameters.*/\1/p' "$work/log") - 3 * 17)) of them are"
check "a wider one as the narrower" ends 0 begin "$work/smoke.float.safetensors" --set architecture.width=24
check "with all of that" says "^$("$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/counted" --epochs 1 --examples 64 --set quantisation.epochs=0 | sed -n 's/.*: \([0-9]*\) parameters.*/\1/p') of them are smoke.float.safetensors's"
check "a narrower one does not begin as the wider" ends 65 begin "$work/smoke.float.safetensors" --set architecture.width=8
check "not with what was folded" ends 65 begin "$work/out/smoke.safetensors"
cp "$work/out/smoke.json" "$work/"
check "but with the board's model" ends 0 begin "$work/smoke.tflite" --epochs 2
check "and all of it" says "^$(sed -n 's/.*: \([0-9]*\) parameters.*/\1/p' "$work/log") of them are smoke.tflite's"
cp "$work/smoke.tflite" "$work/nameless.tflite"
check "not without its manifest" ends 66 begin "$work/nameless.tflite"
check "nor with nothing" ends 66 begin "$work/nowhere.safetensors"

# A companion hears what the student hears.
accompanied() { "$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/accompanied" --epochs 2 --examples 256 --restart --set 'teacher.companions=["smoke.float.safetensors"]' "$@"; }
check "a companion teaches" ends 0 accompanied --teachers "$work"
check "and so do two" ends 0 accompanied --teachers "$work" --set 'teacher.companions=["smoke.float.safetensors", "smoke.float.safetensors"]'
check "where it is there" ends 66 accompanied
check "where it has the same features" ends 78 accompanied --teachers "$work" --set features.step=10
check "and is not to be aligned with" ends 78 accompanied --teachers "$work" --set training.alignment=0.1
check "or not at all" ends 0 accompanied --no-teacher

# What the first training takes for a word in talk, the second learns from; and talk that only a teacher can label.
cp -r "$work/out" "$work/mined"
rm "$work/mined/"smoke.integers* "$work/mined/smoke.safetensors"
check "hard negatives are mined" ends 0 "$forge" train Tests/Forge/smoke.json --data "$work/words" --data "$work/talk" --output "$work/mined" \
    --set quantisation.mined=0.3 --set quantisation.minedScore=0.2
check "and counted" says '[1-9][0-9]* windows of running sound were taken for a word'
mkdir "$work/heard"
cp -r "$work/talk/speech" "$work/heard/unlabelled"
check "unlabelled speech is learnt from a teacher" ends 0 "$forge" train "$work/student.json" --data "$work/words" --data "$work/heard" \
    --output "$work/overheard" --epochs 2 --examples 256 --set shares.unlabelled=0.3 --set quantisation.mined=0.1

# A network of several words that hears every frame once: learnt from whole windows, exported with variables, judged step by step.
sed -e 's/"name": "smoke"/"name": "steps", "listening": {"streaming": true, "window": 10, "cutoff": 0.5}/' \
    -e 's/{"family": "ds-cnn", "width": 16, "depth": 1}/{"family": "mixednet", "width": 16, "depth": 2}/' Tests/Forge/smoke.json >"$work/steps.json"
check "a streaming network learns" ends 0 "$forge" train "$work/steps.json" --data "$work/words" --output "$work/steps"
check "more than chance, as integers that remember" awk -F'validation ' '/steps.tflite/ { exit !($2 + 0 > 55) }' "$work/log"
check "its manifest hops as it steps" grep -q '"hop" : 3' "$work/steps/steps.json"
check "it is judged" ends 0 "$forge" evaluate "$work/steps/steps.json" --data "$work/words" --recordings "$work/talk"
check "and hears words in a stream" awk '/missed, clean:/ { exit !($3 + 0 < 70) }' "$work/log"
check "its cutoffs are tuned" ends 0 "$forge" tune "$work/steps/steps.json" --data "$work/words" --recordings "$work/talk" --limit 60 --window 5 10 \
    --output "$work/tuned.json"
check "and can be listened with" ends 0 "$forge" evaluate "$work/tuned.json" --data "$work/words" --recordings "$work/talk"
check "another hop is tuned for" ends 0 "$forge" tune "$work/out/smoke.json" --data "$work/words" --recordings "$work/talk" --limit 60 --window 2 --hop 12 \
    --output "$work/rarely.json"
check "and written" grep -q '"hop" : 12' "$work/rarely.json"
check "but a streaming model has its own" ends 65 "$forge" tune "$work/steps/steps.json" --data "$work/words" --recordings "$work/talk" --hop 12
check "a model without manifest cannot be tuned" ends 64 "$forge" tune "$work/steps/steps.tflite" --data "$work/words" --recordings "$work/talk"
sed 's/"streaming": true/"streaming": true, "hop": 2/; s/mixednet/ds-cnn/' "$work/steps.json" >"$work/still.json"
check "one that needs whole windows cannot stream" ends 65 "$forge" train "$work/still.json" --data "$work/words" --output "$work/still" --epochs 1 --examples 64

# Bad data.
mkdir -p "$work/bad/yes" "$work/bad/no" "$work/bad/empty"
check "no recordings at all" ends 66 "$forge" train Tests/Forge/smoke.json --data "$work/bad" --output "$work/none"
check "a folder that is not there" ends 66 "$forge" train Tests/Forge/smoke.json --data "$work/missing" --output "$work/none"
cp "$word" "$work/bad/yes/a_nohash_0.wav"
check "a word that nobody said" ends 66 "$forge" train Tests/Forge/smoke.json --data "$work/bad" --output "$work/none"
cp -r "$work/words/." "$work/mixed"
echo "this is no sound" >"$work/mixed/yes/liar_nohash_0.wav"
head -c 60 "$word" >"$work/mixed/yes/short_nohash_0.wav"
: >"$work/mixed/no/empty_nohash_0.wav"
check "damaged recordings are left out" ends 0 "$forge" train Tests/Forge/smoke.json --data "$work/mixed" --output "$work/mixed-out" --epochs 1 --examples 64
check "and named" says 'liar_nohash_0.wav'
check "no such recipe" ends 66 "$forge" train "$work/none.json" --data "$work/words" --output "$work/none"
echo '{"words": ["yes", "no"], "trainning": {}}' >"$work/typo.json"
check "a misspelt setting" ends 78 "$forge" train "$work/typo.json" --data "$work/words" --output "$work/none"
check "is named" says 'trainning'
check "a setting without a value" ends 64 train --set shares.real
check "no such setting" ends 78 train --set shares.surreal=1
check "is named, too" says 'shares.surreal'
check "a setting by hand" ends 0 train --set training.epochs=1 --set training.examples=64 --set quantisation.epochs=0 --output "$work/set"
"$forge" train --frobnicate >"$work/log" 2>&1
check "no such option" [ $? = 64 ]
head -c 3000 "$work/out/smoke.safetensors" >"$work/half.safetensors"
check "half a checkpoint" ends 65 "$forge" export "$work/half.safetensors" --output "$work/half.tflite"

# A disk that fills up while a checkpoint is written: what was there stays whole, and the training goes on later.
mkdir -p "$work/small"
if mount -t tmpfs -o size=700k tmpfs "$work/small" 2>/dev/null; then
    small() { "$forge" train Tests/Forge/smoke.json --data "$work/words" --output "$work/small" "$@"; }
    small --epochs 1 --examples 64 >"$work/log" 2>&1
    cp "$work/small/smoke.safetensors" "$work/before" 2>/dev/null
    head -c 10M /dev/zero >"$work/small/filler" 2>/dev/null
    check "a full disk is told" ends 73 small --restart
    rm "$work/small/filler"
    check "with room again it trains" ends 0 small --restart
else
    echo "forge: the full disk is not tested: mounting one needs root"
fi

echo "forge: $passed passed, $failed failed"
[ $failed = 0 ]
