#!/usr/bin/env python3
"""Makes models/: what LiteRT with XNNPACK computes with whole models, which are not kept here.

    pip install -r requirements.txt
    ./make_model_golden.py [../shared]

models/index.txt       a line a model: name, path (below shared/models, or wake/ for the models of PyPI's
                       pymicro-wakeword), runs, what its inputs are: random, the file NAME.in0, features, or seconds
models/NAME.out0       LiteRT's outputs, raw, one run behind the other; models run on like streams
models/NAME.crc        instead, where that would be large: the CRC-32 of each run's output

Random inputs are those of `katydid run MODEL --random 1 --runs N`. They leave most wake-word models
silent, so those hear speech, too: wake.features, int8 [frames, 40] of the micro front-end, six times,
each time without its first frame of the time before, so that strides cut it differently. Seconds are those of
shared/audio/wake, half a second apart, float32 of 0.7 at most.
"""

import sys
import wave
import zlib
from pathlib import Path

import numpy as np
import pymicro_wakeword
from pymicro_features import MicroFrontend

import frontend_reference
from make_golden import prepare

OUT = Path(__file__).parent / "models"
WAKE = Path(pymicro_wakeword.__file__).parent / "models"

RANDOM = [
    ("kws_ref_model", "mlperf_tiny/kws_ref_model.tflite", 400),
    ("kws_ref_model_hybrid", "mlperf_tiny/kws_ref_model_float32.tflite", 100),
    ("resnet_int8", "mlperf_tiny/pretrainedResnet_quant.tflite", 300),
    ("resnet_float", "mlperf_tiny/pretrainedResnet.tflite", 20),
    ("resnet_hybrid", "int4/pretrainedResnet.dynamic_wi8_afp32.tflite", 20),
    ("resnet_fp16", "int4/pretrainedResnet.fp16.tflite", 5),
    ("ad01_int8", "mlperf_tiny/ad01_int8.tflite", 400),
    ("ad01_float", "mlperf_tiny/ad01_fp32.tflite", 3),
    ("ad01_fp16", "int4/ad01_fp32.fp16.tflite", 1),
    ("micro_speech", "tflite_micro/micro_speech_quantized.tflite", 400),
    ("hello_world_int8", "tflite_micro/hello_world_int8.tflite", 400),
    ("hello_world_float", "tflite_micro/hello_world_float.tflite", 100),
    *((word, f"wake/{word}.tflite", 3000) for word in ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")),
]


class Generator:
    """katydid's (Sources/katydid/Files/Values.swift): a linear congruential one, high 24 bits."""

    def __init__(self, seed):
        self.state = seed

    def fill(self, shape, type):
        count = int(np.prod(shape))
        values = np.empty(count, np.uint32)
        state = self.state
        for i in range(count):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            values[i] = state >> 8
        self.state = state
        if type == np.float32:
            return ((values & 0xFFFF).astype(np.float32) / np.float32(65536)).reshape(shape)
        return (values & 255).astype(np.uint8).view(type).reshape(shape)


def outputs(path, inputs):
    """One output a run. `inputs` gives the input of a run by its tensor's details."""
    interpreter, _ = prepare(path.read_bytes())
    (entrance,), (exit,) = interpreter.get_input_details(), interpreter.get_output_details()
    results = []
    for make in inputs:
        interpreter.set_tensor(entrance["index"], make(entrance))
        interpreter.invoke()
        results.append(interpreter.get_tensor(exit["index"]).copy())
    return results


def windows(shared):
    """Seconds of the recordings of wake words, int16 [16000]."""
    for path in sorted((shared / "audio/wake").rglob("*.wav")):
        samples = np.frombuffer(path.read_bytes()[44:], "<i2")
        for at in range(0, len(samples) - 15999, 8000):
            yield samples[at : at + 16000]


def mfcc(shared):
    """int8 [n, 49, 10, 1] of speech, as kws_ref_model takes it."""
    features = np.array([frontend_reference.mfcc(clip) for clip in windows(shared)])
    return np.clip(np.rint(features / 0.58470291 + 83), -128, 127).astype(np.int8).reshape(-1, 490)


def micro_features(pcm):
    """int8 [frames, 40] of the micro front-end, 10 ms apart."""
    frontend, frames = MicroFrontend(), []
    for at in range(0, len(pcm) - 319, 320):
        result = frontend.process_samples(pcm[at : at + 320])
        if result.features:
            frames.append(np.array(result.features) / 0.0390625)
    return np.clip((np.array(frames).astype(int) * 256 + 333) // 666 - 128, -128, 127).astype(np.int8)


def spectrogram(shared):
    """int8 [n, 1960] of speech: 49 frames of the micro front-end, 20 ms apart, as micro_speech takes it."""
    return np.array([micro_features(clip.tobytes())[::2][:49].ravel() for clip in list(windows(shared))[::4]])


def wake_features(shared):
    """A recording of each wake word, one behind the other."""
    pcm = b""
    for path in sorted((shared / "audio/wake").glob("*/1.wav")):
        with wave.open(str(path)) as file:
            pcm += file.readframes(file.getnframes())
    return micro_features(pcm)


def main(shared):
    OUT.mkdir(exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    lines = []
    for name, path, runs in RANDOM:
        generator = Generator(1)
        file = WAKE / path[5:] if path.startswith("wake/") else shared / "models" / path
        results = outputs(file, [lambda d: generator.fill(d["shape"], np.dtype(d["dtype"]))] * runs)
        if sum(r.nbytes for r in results) > 20000:
            (OUT / f"{name}.crc").write_text("".join(f"{zlib.crc32(r.tobytes()):08x}\n" for r in results))
        else:
            (OUT / f"{name}.out0").write_bytes(b"".join(r.tobytes() for r in results))
        lines.append(f"{name} {path} {runs} random")
    for name, path, rows in [
        ("kws_ref_model_speech", "mlperf_tiny/kws_ref_model.tflite", mfcc(shared)),
        ("micro_speech_speech", "tflite_micro/micro_speech_quantized.tflite", spectrogram(shared)),
    ]:
        results = outputs(shared / "models" / path, [lambda d, row=row: row.reshape(d["shape"]) for row in rows])
        (OUT / f"{name}.in0").write_bytes(rows.tobytes())
        (OUT / f"{name}.out0").write_bytes(b"".join(r.tobytes() for r in results))
        lines.append(f"{name} {path} {len(rows)} file")
    clips = [clip * np.float32(0.7 / 32768) for clip in windows(shared)]
    results = outputs(shared / "models/kwt/kwt1.tflite", [lambda d, clip=clip: clip.reshape(d["shape"]) for clip in clips])
    (OUT / "kwt1.out0").write_bytes(b"".join(r.tobytes() for r in results))
    lines.append(f"kwt1 kwt/kwt1.tflite {len(clips)} seconds")
    features = wake_features(shared)
    (OUT / "wake.features").write_bytes(features.tobytes())
    for word in ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"):
        stride = prepare((WAKE / f"{word}.tflite").read_bytes())[0].get_input_details()[0]["shape"][1]
        rows = []
        for skip in range(6):
            count = (len(features) - skip) // stride
            rows += list(features[skip : skip + count * stride].reshape(count, stride, 40))
        results = outputs(WAKE / f"{word}.tflite", [lambda d, row=row: row.reshape(d["shape"]) for row in rows])
        (OUT / f"{word}_speech.out0").write_bytes(b"".join(r.tobytes() for r in results))
        lines.append(f"{word}_speech wake/{word}.tflite {len(rows)} features")
    (OUT / "index.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
