"""The test signal of the front-ends: a different kind of sound each second, from integer arithmetic
alone, so that Tests/AudioFrontendTests/TestSignal.swift makes the same samples."""

import numpy as np

RATE = 16000
MASK = 0xFFFFFFFF
HERTZ = 268435  # a phase of 2^32 is one turn: 2^32 / 16000


def mix(x):
    """A 32-bit integer hash, of ints or arrays of uint64."""
    x = x ^ (x >> 16)
    x = (x * 0x7FEB352D) & MASK
    x = x ^ (x >> 15)
    x = (x * 0x846CA68B) & MASK
    return x ^ (x >> 16)


def noise(second):
    n = np.arange(second * RATE, (second + 1) * RATE, dtype=np.uint64)
    return (mix(n ^ np.uint64(0x9E3779B9)) >> np.uint64(16)).astype(np.int64) - 32768


def wave(phase):
    """A sine made of two parabolas, -32768...32767."""
    x = ((phase & MASK) >> 16) - 32768
    return np.minimum((x * (32768 - np.abs(x))) >> 13, 32767)


def second(number):
    """int16 samples [16000] of one second."""
    a, b, c = (int(mix(number * 16 + k)) for k in (1, 2, 3))
    loudness = 32767 >> (a % 11)
    i = np.arange(RATE, dtype=np.int64)
    hiss = noise(number)
    kind = number % 13
    if kind == 0:
        x = i * 0
    elif kind == 1:  # chirp
        x = wave(HERTZ * (50 + b % 200) * i + (c % 60000) * i * i) * loudness >> 15
    elif kind == 2:  # white noise
        x = hiss * loudness >> 15
    elif kind == 3:  # voiced syllables
        turn = HERTZ * (80 + b % 180) * i
        voice = wave(turn) + (wave(2 * turn) >> 1) + (wave(3 * turn) >> 1) + (wave(5 * turn) >> 2) + (wave(9 * turn) >> 3)
        envelope = (wave(HERTZ * (2 + c % 5) * i) + 32768) >> 1
        x = (((voice >> 1) * envelope >> 15) + (hiss >> 9)) * loudness >> 15
    elif kind == 4:  # clipping
        x = wave(HERTZ * (60 + b % 7000) * i) * 8
    elif kind == 5:  # an offset
        x = (b % 65536) - 32768 + (hiss >> 13)
    elif kind == 6:  # clicks
        x = np.where(i % (1 + b % 2000) == 0, -32768 if c & 1 else 32767, 0)
    elif kind == 7:  # full-scale square wave
        x = np.where((i // (1 + b % 400)) & 1, 32767, -32768)
    elif kind == 8:  # the highest frequency at full scale
        x = np.where(i & 1, -32768, 32767)
    elif kind == 9:  # bursts
        x = np.where((i // (100 + b % 3000)) & 1, hiss, hiss >> 12)
    elif kind == 10:  # the last bits
        x = hiss >> (11 + b % 5)
    elif kind == 11:  # two tones
        x = (wave(HERTZ * (100 + b % 3000) * i) + wave(HERTZ * (100 + c % 7000) * i)) * loudness >> 16
    else:  # sawtooth
        x = (((i * (1 + b % 300)) & 65535) - 32768) * loudness >> 15
    return np.clip(x, -32768, 32767).astype(np.int16)
