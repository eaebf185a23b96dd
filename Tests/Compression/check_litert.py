"""What katydid-forge writes, shown to LiteRT.

    check_litert.py FORGE KATYDID WORK [MODELS]

WORK holds files that CompressionTests wrote: NAME.tflite, NAME.in, NAME.out (our interpreter's). LiteRT must read them and
agree: ±1 for integers, 1e-4 for reals (hybrid layers quantise their inputs as they run: 1e-2 of the largest). Then every model
of Tests/Golden/operators, and those below MODELS if that is there, is read and written again: LiteRT must give the same bits.
Last, the float models below MODELS are quantised by the command.
"""

import os
import pathlib
import subprocess
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

forge, katydid, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
models = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
here = pathlib.Path(__file__).parent
failures = 0


def check(what, good, why=""):
    global failures
    if not good:
        failures += 1
        print(f"compression: FAILED: {what} {why}")


def interpreter(path):
    it = Interpreter(model_path=str(path), num_threads=1)
    it.allocate_tensors()
    return it


def run(it, batches):
    """Outputs of each inference; a batch has an array for each input."""
    results = []
    for arrays in batches:
        for detail, array in zip(it.get_input_details(), arrays):
            it.set_tensor(detail["index"], array.reshape(detail["shape"]))
        it.invoke()
        results.append([it.get_tensor(d["index"]).copy() for d in it.get_output_details()])
    return results


def agree(name, path, inputs, outputs):
    it = interpreter(path)
    source, target = it.get_input_details()[0], it.get_output_details()[0]
    x = np.frombuffer(inputs, source["dtype"]).reshape(-1, *source["shape"])
    expected = np.array([r[0] for r in run(it, [[a] for a in x])]).astype(np.float64)
    ours = np.frombuffer(outputs, target["dtype"]).reshape(expected.shape).astype(np.float64)
    difference = np.abs(ours - expected).max()
    limit = 1 if target["dtype"] == np.int8 else (1e-2 if "hybrid" in name else 1e-4) * max(np.abs(expected).max(), 1)
    check(name, difference <= limit, f"differs by {difference}")
    check(name, np.unique(ours).size > 3, "hardly varies: it shows nothing")
    print(f"  {name}: {len(x)} inferences, {int((ours != expected).sum())} of {ours.size} outputs differ, by up to {difference:.3g}")


def random_inputs(it, generator):
    arrays = []
    for d in it.get_input_details():
        kind = np.dtype(d["dtype"])
        if kind.kind == "f":
            arrays.append(generator.standard_normal(d["shape"]).astype(kind))
        else:
            arrays.append(generator.integers(0, 2 if kind.kind == "b" else 100, d["shape"]).astype(kind))
    return arrays


def same_again(path, told):
    """Runs a model and its copy; tells how far it came, because LiteRT dies on some files."""
    it = interpreter(path)
    generator = np.random.default_rng(1)
    batches = [random_inputs(it, generator) for _ in range(2)]
    before = run(it, batches)
    os.write(told, b"read ")
    copy = work / "copy.tflite"
    result = subprocess.run([forge, "quantize", path, "-o", copy, "--mode", "float"], capture_output=True, text=True)
    if result.returncode:
        os.write(told, result.stderr.strip().encode())
        return
    after = run(interpreter(copy), batches)
    same = all(a.tobytes() == b.tobytes() for x, y in zip(before, after) for a, b in zip(x, y))
    os.write(told, b"same" if same else b"gives other outputs when written again")


def round_trip(paths):
    """How many models LiteRT can run; those that it cannot (custom operators, files that only we read) prove nothing."""
    done = 0
    for path in paths:
        hear, told = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                same_again(path, told)
            finally:
                os._exit(0)
        os.close(told)
        os.waitpid(child, 0)
        with os.fdopen(hear, "rb") as pipe:
            said = pipe.read().decode()
        if said:
            done += 1
            check(path.name, said == "read same", said or "LiteRT dies on the copy")
    return done


for path in sorted(work.glob("*_*.tflite")):
    agree(path.stem, path, path.with_suffix(".in").read_bytes(), path.with_suffix(".out").read_bytes())

# LiteRT 2.3 computes this one from memory that it hasn't initialised: it differs from itself.
unsound = {"depthwise_conv_2d_hybrid_per_tensor.tflite"}
operators = sorted(p for p in (here / "../Golden/operators").glob("*.tflite") if p.name not in unsound)
done = round_trip(operators)
check("Tests/Golden/operators", done > 300, f"only {done} of {len(operators)} were read by LiteRT")
print(f"  {done} operators read, written and run again: same bits")

if models and models.is_dir():
    print(f"  {round_trip(sorted(models.glob('*/*.tflite')))} whole models read, written and run again: same bits")
    for name in ["pretrainedResnet", "ad01_fp32"]:
        path, out = models / f"mlperf_tiny/{name}.tflite", work / f"{name}.int8"
        if not path.exists():
            continue
        source = interpreter(path).get_input_details()[0]
        x = np.random.default_rng(1).standard_normal((40, *source["shape"][1:])).astype(np.float32)
        x = x * 40 + 128 if name == "pretrainedResnet" else x
        np.save(work / "calibration.npy", x)
        result = subprocess.run([forge, "quantize", path, "-o", out, "--calibration", work / "calibration.npy"], capture_output=True, text=True)
        check(name, result.returncode == 0, result.stderr.strip())
        scale, zero = interpreter(out).get_input_details()[0]["quantization"]
        q = np.clip(np.round(x / scale) + zero, -128, 127).astype(np.int8)
        np.save(work / "in.npy", q[:, None])
        subprocess.run([katydid, "run", out, "--input", work / "in.npy", "--output", work / "out.npy"], check=True, capture_output=True)
        agree(name, out, q.tobytes(), np.load(work / "out.npy").tobytes())

sys.exit(1 if failures else 0)
