#!/usr/bin/env bash
# run.sh short|full : the daemon over time. short: half an hour of sound and 40 faults, in half a minute, as make test does. full: 24 hours
# of sound and 1,000 faults, into RESULTS.md; `make soak`, a quarter of an hour and some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Soak/common.sh
case ${1:-} in
    short)
        Tests/Soak/readonly.sh
        Tests/Soak/day.sh 0.5
        Tests/Soak/faults.sh 40 "${SEED:-1}" ;;
    full)
        Tests/Soak/readonly.sh
        Tests/Soak/day.sh 24
        Tests/Soak/faults.sh 1000 "${SEED:-1}"
        {
            echo "# A day of sound, and 1,000 faults"
            echo
            echo "Written by \`make soak\` on $(uname -m) with $(nproc) CPUs; \`katydid\` is the host's program."
            echo
            echo "## 24 hours"
            echo
            echo "Speech clean and in noise, noise alone, and silence, through libasound and a microphone that waits for its reader; four words."
            echo
            echo "| | |"
            echo "| --- | --- |"
            cat "$out/day.results"
            echo
            echo "## 1,000 faults"
            echo
            echo "One word, a microphone at eight times its speed; each fault for a random time, up to 2 s. After each the word has to be heard twice."
            echo
            cat "$out/faults.results"
        } >Tests/Soak/RESULTS.md ;;
    *) echo "run.sh: short or full" >&2; exit 64 ;;
esac
