"""How fast katydid-forge learns, against PyTorch (CPU) learning the same network: from features that are already made, and
from examples that a worker process of its own makes meanwhile, as katydid-forge makes its own (examples.py).

    make forge; pip install torch numpy soundfile pymicro-features
    python3 Tests/Benchmarks/training.py [--rounds N] RECIPE DATA…

All take turns in one run; medians count. Ours includes the making of examples.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

import torch
import torch.nn as nn

from examples import Examples

BATCHES = 24
root = pathlib.Path(__file__).parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("recipe")
parser.add_argument("data", nargs="+")
arguments = parser.parse_args()
recipe_path, data = arguments.recipe, arguments.data
recipe = json.loads(pathlib.Path(recipe_path).read_text())
width, depth = recipe["architecture"]["width"], recipe["architecture"]["depth"]
batch, examples = recipe["training"]["batch"], 20000


def layers():
    """Sources/Training/Architectures/DSCNN.swift."""
    yield nn.ZeroPad2d((1, 1, 4, 5))
    yield nn.Conv2d(1, width, (10, 4), 2, bias=False)
    yield nn.BatchNorm2d(width, eps=1e-3)
    yield nn.ReLU()
    for i in range(depth):
        yield nn.Conv2d(width, width, 3, (1, 2) if i == 1 else 1, 1, groups=width, bias=False)
        yield nn.BatchNorm2d(width, eps=1e-3)
        yield nn.ReLU()
        yield nn.Conv2d(width, width, 1, bias=False)
        yield nn.BatchNorm2d(width, eps=1e-3)
        yield nn.ReLU()
    yield nn.AdaptiveAvgPool2d(1)
    yield nn.Flatten()
    yield nn.Dropout(0.1)
    yield nn.Linear(width, len(recipe["words"]) + 2)


def make(channels_last):
    net = nn.Sequential(*layers())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return net.to(memory_format=layout), layout, torch.optim.AdamW(net.parameters(), lr=1e-3)


def ready():
    """One batch over and over: nothing is made."""
    labels = torch.randint(0, len(recipe["words"]) + 2, (batch,))
    features = torch.rand(batch, 1, 49, 40) * 26
    while True:
        yield features, labels


def rival(batches, net, layout, optimiser):
    """Examples a second."""
    times, batches = [], iter(batches)
    next(batches)
    for _ in range(BATCHES):
        start = time.perf_counter()
        features, labels = next(batches)
        loss = nn.functional.cross_entropy(net(features.to(memory_format=layout)), labels, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimiser.step()
        times.append(time.perf_counter() - start)
    return batch / statistics.median(times)


def seconds(rate):
    return examples / rate


making = torch.utils.data.DataLoader(Examples(recipe["words"], data), batch, num_workers=1)
alone = {"contiguous": make(False), "channels last": make(True)}
ours, learning, both = [], {name: [] for name in alone}, []
for _ in range(arguments.rounds):
    out = subprocess.run([root / ".build/release/katydid-forge", "speed", recipe_path, "--json", "--batches", str(BATCHES), "--data", *data],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    ours.append(json.loads(out))
    for name, parts in alone.items():
        learning[name].append(rival(ready(), *parts))
    both.append(rival(making, *alone["channels last"]))

made, learnt = (statistics.median(r[k] for r in ours) for k in ("made", "learnt"))
# Batches are made while the network learns: less than both one after the other.
epoch = examples * statistics.median(r["epoch"] / r["examples"] for r in ours)
learning = {name: statistics.median(rates) for name, rates in learning.items()}
both, best = statistics.median(both), max(learning.values())
print(f"katydid-forge: makes {made:.0f} examples a second and learns from {learnt:.0f}; {examples} take {epoch:.0f} s")
for name, rate in learning.items():
    print(f"PyTorch {torch.__version__}, {name}, examples given: learns from {rate:.0f} a second; {examples} take {seconds(rate):.0f} s")
print(f"PyTorch {torch.__version__}, channels last, examples made by a worker: {both:.0f} a second; {examples} take {seconds(both):.0f} s")
print(f"time of ours to PyTorch's, both making examples: {epoch / seconds(both):.2f}; ours making them, PyTorch's best given them:"
      f" {epoch / seconds(best):.2f}; learning to learning: {best / learnt:.2f}")
