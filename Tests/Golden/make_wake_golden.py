#!/usr/bin/env python3
"""Makes wake/traces.txt: what PyPI's pymicro-wakeword hears in recordings.

    pip install -r requirements.txt
    ./make_speech.sh ../../out/speech
    ./make_wake_golden.py [../shared]

A line for each sound, change and model:

    PATH CRC CHANGE MODEL FRAMES TRUE EVENTS FAR MEANS

PATH     below wake/, speech/ (made by make_speech.sh) or shared/ (../shared/audio/wake)
CRC      CRC-32 of its samples: another version of a synthesiser speaks differently
CHANGE   plain; padded: 1.5 s of silence on both sides; quiet: an eighth as loud; noisy: with noise added
FRAMES   10 ms steps that the front-end gives
TRUE     the steps at which it says True: first-last of each run of inferences, or -
EVENTS   those at which a word counts as heard: the mean exceeds the cutoff, and has been at it or below
         since the last event, at least 100 steps after it; or -
MEANS    CRC-32 of the mean probability after each inference, as float64, with LiteRT and XNNPACK in place
         of the engine inside pymicro-wakeword. That one runs TFLite 2.17's builtin kernels, whose int8
         layers round otherwise: its means are up to FAR/255 from these.
"""

import statistics
import sys
import wave
import zlib
from collections import deque
from pathlib import Path

import numpy as np
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

from make_golden import prepare

HERE = Path(__file__).parent
SPEECH = HERE.parent.parent / "out/speech"


def noise(count):
    """-512 ... 511, from the generator of `katydid run --random 1`."""
    state, values = 1, np.empty(count, np.int32)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = (state >> 22) - 512
    return values


def silence(seconds):
    return np.zeros(int(16000 * seconds), np.int16)


CHANGES = {
    "plain": lambda x: x,
    "padded": lambda x: np.concatenate([silence(1.5), x, silence(1.5)]),
    "quiet": lambda x: np.concatenate([silence(1.5), x >> 3, silence(1.5)]),
    "noisy": lambda x: np.clip(CHANGES["padded"](x) + noise(len(x) + 48000), -32768, 32767).astype(np.int16),
}


class Word:
    """A model in pymicro-wakeword, and the same in LiteRT with XNNPACK."""

    def __init__(self, model):
        self.word = MicroWakeWord.from_builtin(model)
        self.content = Path(self.word.tflite_model).read_bytes()

    def hear(self, samples):
        """The columns from FRAMES on."""
        word = self.word
        word.reset()
        interpreter, _ = prepare(self.content)
        (entrance,), (exit,) = interpreter.get_input_details(), interpreter.get_output_details()
        means, others, rows = [], [], []
        scores = deque(maxlen=word.sliding_window_size)
        frames = list(MicroWakeWordFeatures().process_streaming(samples.tobytes()))
        for step, features in enumerate(frames):
            mean = float(word.process_streaming_prob(features))
            rows.append(np.round(features / word.input_scale + word.input_zero_point).astype(np.int8))
            if step % word.stride == word.stride - 1:
                means.append((step, mean))
                interpreter.set_tensor(entrance["index"], np.concatenate(rows, axis=1).reshape(entrance["shape"]))
                interpreter.invoke()
                score = interpreter.get_tensor(exit["index"]).astype(np.float32) * np.float32(word.output_scale)
                scores.append(score.item())
                others.append(statistics.mean(scores) if len(scores) == scores.maxlen else 0.0)
                rows = []
        far = max(abs(mean - other) for (_, mean), other in zip(means, others)) * 255
        runs, events = self.judge(means)
        text = lambda items: ",".join(items) or "-"
        crc = f"{zlib.crc32(np.array(others, '<f8').tobytes()):08x}"
        return f"{len(frames)} {text(f'{a}-{b}' for a, b in runs)} {text(map(str, events))} {far:.1f} {crc}"

    def judge(self, means):
        """Runs of True, events."""
        runs, events = [], []
        armed, last_event = True, -1000
        for step, mean in means:
            if mean > self.word.probability_cutoff:
                if runs and runs[-1][1] == step - self.word.stride:
                    runs[-1][1] = step
                else:
                    runs.append([step, step])
                if armed:
                    events.append(step)
                    armed, last_event = False, step
            elif step - last_event >= 100:
                armed = True
        return runs, events


def main(shared):
    sounds = [(p, f"wake/{p.name}", CHANGES) for p in sorted((HERE / "wake").glob("*.wav"))]
    sounds += [(p, f"speech/{p.name}", ["padded"]) for p in sorted(SPEECH.glob("*.wav"))]
    root = shared / "audio/wake"
    sounds += [(p, f"shared/{p.relative_to(root)}", ["plain", "padded"]) for p in sorted(root.rglob("*.wav"))]
    words = {model.value: Word(model) for model in Model}
    lines = []
    for path, name, changes in sounds:
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2), path
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        for change in changes:
            heard = CHANGES[change](samples)
            # The front-end only takes whole steps.
            heard = heard[: len(heard) // 160 * 160]
            for model, word in words.items():
                lines.append(f"{name} {zlib.crc32(samples.tobytes()):08x} {change} {model} {word.hear(heard)}")
    (HERE / "wake/traces.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
