# Read by the other scripts here, in the root of the package: where things are, and what is built first.
wake_models=${KATYDID_WAKE_MODELS:-out/wake-models}
katydid=${KATYDID:-.build/release/katydid}
out=out/soak
mkdir -p "$out"
[ -e "$wake_models/okay_nabu.json" ] || { echo "soak: skipped, no wake-word models; make wake-models"; exit 0; }

# The fake microphone, the counter of allocations, and what is written in C here; where the source is newer.
make_c() { [ "$1" -ot "$2" ] || clang -O2 -Wall -Wextra "$1" -o "$2" "${@:3}"; }
make_c Tests/Fixtures/FileMicrophone/pcm_filemic.c "$out/libpcm_filemic.so" -shared -fPIC -lasound
make_c Tests/Allocations/count_allocations.c "$out/count.so" -shared -fPIC -ldl
for program in Tests/Soak/*.c; do make_c "$program" "$out/$(basename "$program" .c)" -lasound; done

fail() { echo "soak: FAILED: $1"; exit 1; }
# Devices, as libasound's configuration has them.
alsa() { printf 'pcm_type.filemic { lib "%s" }\n%s\n' "$PWD/$out/libpcm_filemic.so" "$1" >"$out/asound.conf"; }
