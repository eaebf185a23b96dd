#!/bin/sh
# Feeds damaged files to what reads files: run.sh TARGET [RUNS] [libFuzzer's options]
#   TARGET  model, wav, manifest, npy or wyoming
#   RUNS    executions (1000000), or a time: 60s
# CORPORA names folders of more seeds. What is found goes to .build/found, new seeds to .build/corpus/TARGET.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:?usage: run.sh model|wav|manifest|npy|wyoming [RUNS|SECONDSs]}
runs=${2:-1000000}
[ $# -ge 2 ] && shift 2 || shift 1
case $runs in *s) limit=-max_total_time=${runs%s} ;; *) limit=-runs=$runs ;; esac

# Undefined behaviour in C, and conversions of floats that don't fit, end the program as ASan's finds do.
swift build --package-path "$here" --scratch-path "$here/.build" -c release -j "${JOBS:-2}" \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -g -Xswiftc -use-ld=lld \
    -Xcc -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -Xcc -fno-sanitize-recover=all -Xcc -g -Xcc -gdwarf-4

mkdir -p "$here/.build/corpus/$target" "$here/.build/found"
export ASAN_OPTIONS="${ASAN_OPTIONS:-allocator_may_return_null=1:detect_leaks=1}"
# Swift would explain its traps at length, and keep them from libFuzzer.
export SWIFT_BACKTRACE=enable=no
export UBSAN_OPTIONS=print_stacktrace=1
# Every operator's model is a seed too.
operators=$here/../Golden/operators
[ "$target" = model ] && [ -d "$operators" ] && CORPORA="$operators ${CORPORA:-}"
ln -sf fuzz "$here/.build/release/fuzz-$target"
# shellcheck disable=SC2086
exec "$here/.build/release/fuzz-$target" $limit -timeout=5 -rss_limit_mb=2048 -max_len=65536 \
    -dict="$here/dictionaries/$target.txt" -artifact_prefix="$here/.build/found/$target-" "$@" \
    "$here/.build/corpus/$target" "$here/corpus/$target" ${CORPORA:-}
