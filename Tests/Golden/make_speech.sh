#!/bin/sh
# Speaks wake words, sentences that hold none, and one that sounds like one, with Debian's synthesisers:
#
#     apt-get install --no-install-recommends flite espeak-ng sox
#     Tests/Golden/make_speech.sh out/speech
#
# The wake-word tests hear what they find in out/speech; a few of these files are kept in wake/.
set -eu
out=${1:?give a folder}
mkdir -p "$out"

# say NAME VOICE TEXT
say() {
    case $2 in
        en-*) espeak-ng -v "$2" -w "$out/part.wav" "$3" ;;
        *) flite -voice "$2" -t "$3" -o "$out/part.wav" ;;
    esac
    sox -D "$out/part.wav" -r 16000 -c 1 -b 16 "$out/$1.$2.wav" pad 0.1 0.1
    rm "$out/part.wav"
}

for voice in awb rms kal16 slt en-us en-gb; do
    say okay_nabu $voice "okay nabu"
    say hey_jarvis $voice "hey jarvis"
    say hey_mycroft $voice "hey mycroft"
    say alexa $voice "alexa"
    say none_window $voice "open the window"
    say none_weather $voice "it is going to rain tomorrow, so take your coat and a scarf with you"
    say near_nabu $voice "okay, now boil the noodles for eight minutes"
    say none_hey $voice "hey, charlie saw the microphone on the river bank"
done
