"""How fast katydid-forge learns, against PyTorch (CPU) learning the same network from features that are already made.

    make forge; pip install torch safetensors numpy; python3 Tests/Benchmarks/training.py RECIPE DATA…

Both take turns in one run; the medians' ratio counts. Ours includes the making of examples, which PyTorch is spared.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import time

import torch
import torch.nn as nn

ROUNDS, BATCHES = 5, 24
root = pathlib.Path(__file__).parents[2]
recipe_path, data = sys.argv[1], sys.argv[2:]
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
    features = torch.rand(batch, 1, 49, 40) * 26
    if channels_last:
        net, features = net.to(memory_format=torch.channels_last), features.to(memory_format=torch.channels_last)
    return net, features, torch.optim.AdamW(net.parameters(), lr=1e-3)


labels = torch.randint(0, len(recipe["words"]) + 2, (batch,))
rivals = {"contiguous": make(False), "channels last": make(True)}


def rival(net, features, optimiser):
    """Examples a second."""
    times = []
    for _ in range(BATCHES):
        start = time.perf_counter()
        loss = nn.functional.cross_entropy(net(features), labels, label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimiser.step()
        times.append(time.perf_counter() - start)
    return batch / statistics.median(times)


ours, theirs = [], {name: [] for name in rivals}
for _ in range(ROUNDS):
    out = subprocess.run([root / ".build/release/katydid-forge", "speed", recipe_path, "--json", "--batches", str(BATCHES), "--data", *data],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    ours.append(json.loads(out))
    for name, parts in rivals.items():
        theirs[name].append(rival(*parts))

made, learnt = (statistics.median(r[k] for r in ours) for k in ("made", "learnt"))
best = max(statistics.median(v) for v in theirs.values())
# Batches are made while the network learns: less than both one after the other.
epoch = examples * statistics.median(r["epoch"] / r["examples"] for r in ours)
print(f"katydid-forge: makes {made:.0f} examples a second and learns from {learnt:.0f}; {examples} take {epoch:.0f} s")
for name, values in theirs.items():
    print(f"PyTorch {torch.__version__}, {name}: learns from {statistics.median(values):.0f}; {examples} take {examples / statistics.median(values):.0f} s")
print(f"time of ours, examples and all, to PyTorch's best, learning alone: {epoch / (examples / best):.2f}; learning to learning {best / learnt:.2f}")
