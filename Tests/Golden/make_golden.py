#!/usr/bin/env python3
"""Makes operators/: small models, seeded inputs, and what LiteRT with XNNPACK computes from them.

    pip install -r requirements.txt
    ./make_golden.py [NAME…]      all cases, or those whose names begin so

operators/NAME.tflite     the model
operators/NAME.in0 …      its inputs, raw, one run behind the other
operators/NAME.out0 …     LiteRT's outputs, likewise
operators/index.txt       a line a model: name, runs, who computed it (xnnpack, builtin: LiteRT's own
                          kernels, mixed)

`katydid run NAME.tflite --input NAME.in0 --output OUT` writes what NAME.out0 holds.
"""

import sys
import zlib
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import operator_cases
import random_graphs
from tflite_builder import Model

OUT = Path(__file__).parent / "operators"


def random_input(rng, detail, scale):
    type, shape = np.dtype(detail["dtype"]), detail["shape"]
    if type == np.float32:
        return (rng.standard_normal(shape) * scale).astype(np.float32)
    if type == np.bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    low, high = (-30000, 30000) if type.itemsize > 2 else (np.iinfo(type).min, np.iinfo(type).max + 1)
    return rng.integers(low, high, shape).astype(type)


def prepare(content):
    """An interpreter, and whose kernels compute its outputs."""
    interpreter = Interpreter(model_content=content)
    try:
        interpreter.allocate_tensors()
    except RuntimeError:
        # XNNPACK accepts some graphs that it then cannot prepare.
        interpreter = Interpreter(model_content=content, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        interpreter.allocate_tensors()
        return interpreter, "builtin"
    # What a delegate took is still listed, in front of the delegate's node.
    ops = interpreter._get_ops_details()
    delegates = [op for op in ops if op["op_name"] == "DELEGATE"]
    taken = {int(t) for op in delegates for t in op["outputs"]}
    outputs = {detail["index"] for detail in interpreter.get_output_details()}
    return interpreter, "builtin" if not delegates else "xnnpack" if outputs <= taken else "mixed"


def run(name, build, steps):
    seed = zlib.crc32(name.encode())
    model, oracle = Model(), Model(is_oracle=True)
    build(model, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    build(oracle, rng)
    content = oracle.bytes()
    interpreter, engine = prepare(content)
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    ins, outs = [[] for _ in inputs], [[] for _ in outputs]
    for step in range(steps):
        for i, detail in enumerate(inputs):
            x = random_input(rng, detail, 2 ** (step % 4))
            ins[i].append(x.tobytes())
            interpreter.set_tensor(detail["index"], x)
        interpreter.invoke()
        for i, detail in enumerate(outputs):
            outs[i].append(interpreter.get_tensor(detail["index"]).tobytes())
    (OUT / f"{name}.tflite").write_bytes(model.bytes())
    for kind, lists in (("in", ins), ("out", outs)):
        for i, parts in enumerate(lists):
            (OUT / f"{name}.{kind}{i}").write_bytes(b"".join(parts))
    return f"{name} {steps} {engine}"


def main(prefixes):
    OUT.mkdir(exist_ok=True)
    cases = dict(operator_cases.CASES, **random_graphs.CASES)
    index = OUT / "index.txt"
    lines = {line.split()[0]: line for line in index.read_text().splitlines()} if index.exists() and prefixes else {}
    if not prefixes:
        for old in OUT.iterdir():
            old.unlink()
    for name, (build, steps) in cases.items():
        if not prefixes or name.startswith(tuple(prefixes)):
            try:
                lines[name] = run(name, build, steps)
            except Exception as error:
                print(f"FAILED {name}: {error}")
    index.write_text("\n".join(lines[name] for name in sorted(lines)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
