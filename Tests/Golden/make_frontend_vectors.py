#!/usr/bin/env python3
"""Makes frontend/: what Tests/AudioFrontendTests compares with.

    pip install numpy==2.4.6 pymicro-features==2.0.2 pymicro-wakeword==2.5.0
    ./make_frontend_vectors.py [../shared]

micro.u16         the micro front-end's features of the first 4 s of the test signal, [frames, 40]
micro.crc         a line a second: CRC-32 of the features that come with it, for 600 s
recordings.crc    a line a file of shared/audio: its path and the CRC-32 of its features
quantizers.crc    a line a quantisation: scale, zero point, CRC-32 of the int8 of the features 0...65535
mfcc.f32          MLPerf Tiny's MFCC of seconds 1 2 3 4 5 9 11 12, [8, 49, 10]
logmel.f32        a log-mel spectrum of second 3, Slaney, power, [77, 64]
"""

import ctypes
import sys
import wave
import zlib
from pathlib import Path

import numpy as np
from pymicro_features import MicroFrontend

import frontend_reference
import frontend_signal

OUT = Path(__file__).parent / "frontend"
HOP_BYTES = 320


def features(frontend, pcm):
    """uint16 [frames, 40] of all whole hops of bytes."""
    frames = []
    for at in range(0, len(pcm) - HOP_BYTES + 1, HOP_BYTES):
        result = frontend.process_samples(pcm[at : at + HOP_BYTES])
        assert result.samples_read == HOP_BYTES // 2
        if result.features:
            frames.append(result.features)
    # Exact: a feature is a whole number times 0.0390625.
    return (np.array(frames).reshape(-1, 40) / 0.0390625).astype("<u2")


def crc(array):
    return f"{zlib.crc32(array.tobytes()):08x}"


def micro():
    frontend = MicroFrontend()
    lines, first = [], []
    for number in range(600):
        frames = features(frontend, frontend_signal.second(number).tobytes())
        lines.append(crc(frames))
        if number < 4:
            first.append(frames)
    (OUT / "micro.crc").write_text("\n".join(lines) + "\n")
    np.concatenate(first).tofile(OUT / "micro.u16")


def recordings(shared):
    lines = []
    for path in sorted(shared.glob("audio/wake/*/*.wav")):
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
            pcm = file.readframes(file.getnframes())
        lines.append(f"{path.relative_to(shared)} {crc(features(MicroFrontend(), pcm))}")
    (OUT / "recordings.crc").write_text("\n".join(lines) + "\n")


def quantizers():
    """As pymicro_wakeword.MicroWakeWord does it: ctypes gives the scale as a double of its float32."""
    values = np.array([float(v * np.float32(0.0390625)) for v in range(65536)])
    lines = []
    for scale, zero in ((26 / 255, -128), (0.1, -128), (1 / 256, 0), (0.05, 7), (0.7, 127), (0.0390625, -128)):
        scale = ctypes.c_float(scale).value
        with np.errstate(invalid="ignore"):
            quantized = np.round(values / scale + zero).astype(np.int8)
        lines.append(f"{scale!r} {zero} {crc(quantized)}")
    (OUT / "quantizers.crc").write_text("\n".join(lines) + "\n")


def floats():
    clips = [frontend_signal.second(n) for n in (1, 2, 3, 4, 5, 9, 11, 12)]
    np.array([frontend_reference.mfcc(c) for c in clips]).astype("<f4").tofile(OUT / "mfcc.f32")
    frontend_reference.log_mel(frontend_signal.second(3)).astype("<f4").tofile(OUT / "logmel.f32")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    micro()
    quantizers()
    floats()
    if len(sys.argv) > 1:
        recordings(Path(sys.argv[1]))
