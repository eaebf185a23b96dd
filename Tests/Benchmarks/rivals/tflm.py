"""tflm.py MODEL RUNS BATCH WARMUP : measures TensorFlow Lite Micro, whose package is a Python extension only.

Calling into it costs about 0.1 µs, which is in the figures.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from tflite_micro import runtime

model, (runs, batch, warmup) = Path(sys.argv[1]), map(int, sys.argv[2:5])
interpreter = runtime.Interpreter.from_file(str(model))
random = np.random.default_rng(12345)
detail = interpreter.get_input_details(0)
shape, type = detail["shape"], np.dtype(detail["dtype"])
interpreter.set_input(
    random.random(shape, np.float32) if type == np.float32 else random.integers(0, 256, shape).astype(np.uint8).view(type), 0)
for _ in range(warmup):
    interpreter.invoke()
times = []
for _ in range(runs):
    start = time.perf_counter_ns()
    for _ in range(batch):
        interpreter.invoke()
    times.append((time.perf_counter_ns() - start) / 1000 / batch)
times.sort()
print(json.dumps({"least_us": times[0], "median_us": times[len(times) // 2]}))
