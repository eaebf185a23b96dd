#!/usr/bin/env python3
"""Compares the micro front-end with pymicro-features on any recordings that ffmpeg can read.

    ./check_frontend.py 'COMMAND' FILE...

COMMAND reads 16 kHz mono int16 from its standard input and writes the features as uint16, 40 a frame, every
10 ms. Prints the files that differ and how many values were compared; exits with 1 where any differs."""

import shlex
import subprocess
import sys

import numpy as np
from pymicro_features import MicroFrontend

from make_frontend_vectors import features


def decode(path):
    command = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    pcm = subprocess.run(command, capture_output=True, check=True).stdout
    return pcm[: len(pcm) // 320 * 320]


def main(command, paths):
    values = differing = samples = 0
    for path in paths:
        pcm = decode(path)
        expected = features(MicroFrontend(), pcm).ravel()
        ours = subprocess.run(shlex.split(command), input=pcm, capture_output=True, check=True).stdout
        ours = np.frombuffer(ours, "<u2")
        wrong = int((ours != expected).sum()) if len(ours) == len(expected) else len(expected)
        if wrong:
            print(f"{path}: {wrong} of {len(expected)} differ")
        values, differing, samples = values + len(expected), differing + wrong, samples + len(pcm) // 2
    print(f"{values} values of {samples / 960000:.1f} minutes compared, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
