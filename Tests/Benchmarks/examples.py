"""Examples to learn from, made as one would in Python: recordings in memory; NumPy for level, shift and noise; PyPI's
pymicro-features for the features. The usual steps of katydid-forge's examples, without rooms, lead-ins, tempo, babble and masks.
"""
import csv
import pathlib
import random

import numpy as np
import soundfile
import torch
from pymicro_features import MicroFrontend

RATE, HOP_BYTES = 16000, 320
ENDINGS = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".oga"}


def listed(path):
    """Word and file of each recording, of a manifest or a folder with a folder for each word, as katydid-forge takes them."""
    path = pathlib.Path(path)
    manifests = [path] if path.suffix == ".csv" else sorted(path.glob("manifest*.csv"))
    if not manifests:
        return [(file.relative_to(path).parts[0], file) for file in sorted(path.rglob("*")) if file.suffix in ENDINGS]
    return [(row["word"], manifest.parent / row["path"]) for manifest in manifests for row in csv.DictReader(open(manifest))]


def sound(file):
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    samples = samples.mean(1)
    if rate != RATE:
        samples = np.interp(np.arange(0, len(samples), rate / RATE), np.arange(len(samples)), samples).astype("f4")
    return samples


class Examples(torch.utils.data.IterableDataset):
    """Features [1, 49, 40] and class of a second of sound, without end: the words, another word, none."""

    def __init__(self, words, data):
        self.words, self.clips, self.noise = words, {}, []
        for word, file in (clip for path in data for clip in listed(path)):
            folders = [part for part in file.parts[:-1] if part in ("noise", "speech", "_background_noise_")]
            if "speech" in folders:
                continue
            samples = sound(file)
            if folders:
                self.noise.append(samples)
            elif np.abs(samples).max(initial=0) > 0:
                self.clips.setdefault(word if word in words else "_unknown_", []).append(samples)

    def __iter__(self):
        while True:
            yield self.make()

    def make(self):
        label = random.randrange(len(self.words) + 2)
        mixed = np.zeros(RATE, "f4")
        if label >= 2:
            self.add_word(mixed, self.words[label - 2])
        elif label == 1:
            self.add_word(mixed, "_unknown_")
        if self.noise and random.random() < 0.8:
            self.add_noise(mixed)
        return self.features((mixed * 32767).clip(-32768, 32767).astype("<i2")), label

    def add_word(self, mixed, word):
        clip = random.choice(self.clips[word])
        clip = clip * (10 ** (random.uniform(-25, 0) / 20) / np.abs(clip).max())
        at = (RATE - len(clip)) // 2 + random.randint(-RATE // 10, RATE // 10)
        first, last = max(at, 0), min(at + len(clip), RATE)
        mixed[first:last] += clip[first - at : last - at]

    def add_noise(self, mixed):
        noise = random.choice(self.noise)
        noise = np.resize(np.roll(noise, random.randrange(len(noise))) if len(noise) <= RATE else noise[random.randrange(len(noise) - RATE) :], RATE)
        level = np.sqrt(np.mean(mixed**2)) or 10 ** (random.uniform(-45, -12) / 20)
        power = np.sqrt(np.mean(noise**2))
        if power > 0:
            mixed += noise * (level * 10 ** (-random.uniform(0, 30) / 20) / power)

    def features(self, samples):
        frontend, sound, frames = MicroFrontend(), samples.tobytes(), []
        for at in range(0, len(sound), HOP_BYTES):
            frame = frontend.process_samples(sound[at : at + HOP_BYTES]).features
            if frame:
                frames.append(frame)
        # It knows steps of 10 ms only, the network wants 20.
        return torch.from_numpy(np.array(frames[::2], "f4")[None])
