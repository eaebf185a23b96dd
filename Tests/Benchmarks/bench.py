#!/usr/bin/env python3
"""bench.py [--quick] [MODEL.tflite…] : measures Katydid against its rivals and writes RESULTS.md and results.json.

Wants out/cross/katydid, .build/release/katydid and out/rivals: `make bench` sees to them. Models are those of models.txt
that are there, and the networks of zoo.py; further ones may be given and count as convolutions or floats by their kernels.
What was measured on x86-64 CPUs with other instructions stays in both files. --quick measures each thing once, to see that
all of it works, and writes to standard output instead.
"""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "out" / "benchmarks"
RIVALS = ROOT / "out" / "rivals"
WAKE = Path(os.environ.get("KATYDID_WAKE_MODELS", ROOT / "out" / "wake-models"))
SHIPPED = ROOT / "Firmware" / "models"
SHARED = Path(os.environ.get("KATYDID_SHARED", ROOT.parent / "shared")) / "models"

CORES = ["cortex-a53", "cortex-a72", "cortex-a76", "max"]
OURS, XNNPACK, BUILTIN, LITERT, TFLM = "Katydid", "TFLite XNNPACK", "TFLite built-in", "LiteRT XNNPACK", "TFLM"
# Ours to the best rival's, at most: instructions, time.
TARGETS = {"convolution": (0.5, 0.7), "streaming": (0.3, 0.7), "tiny": (0.3, 0.7), "float": (0.8, 0.8)}
FRONTEND_TARGET = 0.33
LISTEN_TARGET = 40_000
QUICK = "--quick" in sys.argv


@dataclass
class Model:
    name: str
    kind: str
    batch: int  # inferences that take about ten million of our instructions
    path: Path
    is_zoo: bool = False  # of zoo.py: weights are random, and only ratios are told
    footprint: dict = field(default_factory=dict)
    instructions: dict = field(default_factory=dict)  # core -> engine -> count


def models():
    """Those of models.txt and of the command line that are there; and why others are left out."""
    found, skipped = [], []
    for line in (HERE / "models.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, kind, batch, file = line.split()
        folder, _, rest = file.partition("/")
        path = WAKE / rest if folder == "wake" else SHIPPED / rest if folder == "ours" else SHARED / file
        if path.exists():
            found.append(Model(name, kind, int(batch), path))
        else:
            skipped.append(f"{name}: no {file}")
    zoo = OUT / "zoo"
    subprocess.run([RIVALS / "venv/bin/python", HERE / "zoo.py", zoo], check=True)
    found += [Model(path.stem, "", 1, path, is_zoo=True) for path in sorted(zoo.glob("*.tflite"))]
    for file in sys.argv[1:]:
        if not file.startswith("--"):
            found.append(Model(Path(file).stem, "", 4, Path(file)))
    for model in list(found):
        result = subprocess.run([ROOT / ".build/release/katydid", "bench", model.path, "--runs", "3", "--json"], capture_output=True, text=True)
        if result.returncode:
            skipped.append(f"{model.name}: {result.stderr.split(': ', 2)[-1].strip()}")
            found.remove(model)
            continue
        report = json.loads(result.stdout)
        model.footprint = {key: report[key] for key in ("arena_bytes", "plan_bytes", "weight_bytes")}
        if not model.kind:
            kernels = " ".join(op["kernels"] for op in report["operators"])
            model.kind = "float" if "f32_" in kernels or "hybrid_" in kernels else "convolution"
    return found, skipped


def command(engine, machine, model, runs, batch, warmup):
    """The words that measure one engine; `model` None is the micro front-end."""
    libraries = RIVALS / machine
    numbers = [str(runs), str(batch), str(warmup)]
    if engine == OURS:
        program = ROOT / ("out/cross/katydid" if machine == "aarch64" else ".build/release/katydid")
        return [program, "bench", model or "--frontend", "--json", "--runs", numbers[0], "--batch", numbers[1], "--warmup", numbers[2]]
    if model is None:
        return [libraries / "micro_features", libraries / "libmicro_features.so", *numbers]
    if engine == TFLM:
        return [RIVALS / "venv/bin/python", HERE / "rivals/tflm.py", model, *numbers]
    if engine == LITERT:
        return [libraries / "litert", libraries / "libLiteRt.so", model, *numbers]
    mode = "xnnpack" if engine == XNNPACK else "builtin"
    return [libraries / "tflite", mode, libraries / "libtensorflowlite_c.so", model, *numbers]


def run(words):
    """The report that a program prints, or None where it does not do the model."""
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[-1]) if result.returncode == 0 else None


# x86-64: time


def measure_times(path, engines, rounds=40):
    """Rounds of ours, rival, ours, rival…, a process each: engine -> least and median µs, and their ratios to ours.

    A round's figures were taken within a fraction of a second, so what else the machine does then hits both. The ratio
    of minima compares the best of all rounds; the paired ratio is the median, over rounds, of the ratio of medians.
    """
    rounds = 1 if QUICK else rounds
    least, median, paired, plan = {}, {}, {}, {}
    for engine in engines:
        first = run(command(engine, "x86_64", path, 5, 3, 3))
        if not first:
            continue
        # Samples of 30 µs or more; 20 ms a process.
        batch = max(1, round(30 / first["least_us"]))
        runs = max(5, min(200, round(20_000 / (first["least_us"] * batch))))
        plan[engine] = (runs, batch, 3 + round(2000 / first["least_us"]) if engine != TFLM else 2)
        least[engine], median[engine], paired[engine] = [], [], []
    for i in range(rounds):
        ours = None
        for engine in [e for e in plan if e != OURS]:
            if engine == TFLM and i % 10:
                continue  # a hundred times slower: a few pairs tell
            for one in (OURS, engine):
                report = run(command(one, "x86_64", path, *plan[one]))
                least[one].append(report["least_us"])
                median[one].append(report["median_us"])
                ours = report["median_us"] if one == OURS else ours
            paired[engine].append(ours / report["median_us"])
    return {
        engine: {
            "least_us": min(least[engine]), "median_us": statistics.median(median[engine]), "processes": len(least[engine]),
            **({"ratio_of_minima": min(least[OURS]) / min(least[engine]), "paired_ratio": statistics.median(paired[engine])}
               if engine != OURS else {}),
        } for engine in plan}


# AArch64: guest instructions


def prepare_emulation():
    subprocess.run(["clang", "-shared", "-fPIC", "-O2", "-o", OUT / "count.so", HERE / "count_instructions.c"], check=True)
    return {core: subprocess.check_output([HERE / "emulated_core.sh", core], text=True).strip() for core in CORES}


def guest(root, core, words, stdin=None):
    """Instructions that a program takes on an emulated core, or None where it fails."""
    count = OUT / "count"
    count.unlink(missing_ok=True)
    cpu = "max,sme=off" if core == "max" else core
    emulated = ["qemu-aarch64", "-L", root, "-cpu", cpu, "-plugin", f"{OUT}/count.so,out={count}", *map(str, words)]
    result = subprocess.run(emulated, stdin=stdin or subprocess.DEVNULL, capture_output=True)
    return int(count.read_text()) if result.returncode == 0 and count.exists() else None


def count_inference(root, core, engine, path, batch):
    """(count of 2N inferences - count of N) / N, after one to warm up: all that is not inference cancels."""
    counts = [guest(root, core, command(engine, "aarch64", path, 1, n, 1)) for n in (batch, 2 * batch)]
    return None if None in counts else round((counts[1] - counts[0]) / batch)


def count_listen(root, core):
    """Instructions per 10 ms of speech that `katydid listen` hears for one wake word."""
    manifest = WAKE / "okay_nabu.json"
    if not manifest.exists():
        return None
    speech = b"".join(wav.read_bytes()[44:] for wav in sorted((ROOT / "Tests/Golden/wake").glob("*.wav")))[:64000]
    counts = []
    for times in (1, 2):
        (OUT / "sound").write_bytes(speech * times)
        with open(OUT / "sound", "rb") as sound:
            counts.append(guest(root, core, [ROOT / "out/cross/katydid", "listen", "--raw", "--model", manifest], sound))
    return round((counts[1] - counts[0]) / (len(speech) / 320))


# Tables


def best(figures, key=lambda figure: figure):
    """The best rival and its figure."""
    rivals = {engine: key(figure) for engine, figure in figures.items() if engine != OURS and figure is not None}
    return min(rivals.items(), key=lambda item: item[1]) if rivals else (None, None)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def microseconds(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def mark(ratio, target):
    return f"{ratio:.2f}" + (" ✓" if ratio <= target else "")


def time_ratio(times):
    """Ours to the best rival's, of minima; and which that is."""
    rival, _ = best(times, lambda figure: figure["least_us"])
    return (times[rival]["ratio_of_minima"], rival) if rival else (None, None)


def time_table(found, measured):
    engines = [OURS, XNNPACK, BUILTIN, LITERT, TFLM]
    rows = []
    for m in found:
        times = measured.get(m.name)
        if not times:
            continue
        ratio, rival = time_ratio(times)
        target = TARGETS[m.kind][1]
        row = [m.name] + [microseconds(times[e]["least_us"]) + " / " + microseconds(times[e]["median_us"]) if e in times else "–" for e in engines]
        row += [rival, mark(ratio, target), f"{times[rival]['paired_ratio']:.2f}", f"{target}"] if rival else ["–"] * 4
        rows.append(row)
    return table(["model, µs least / median", *engines, "best rival", "ratio of minima", "paired ratio", "target"], rows)


def instruction_table(found, core):
    engines = [OURS, XNNPACK, BUILTIN, LITERT]
    rows = []
    for m in found:
        counts = m.instructions[core]
        rival, count = best(counts)
        target = TARGETS[m.kind][0]
        row = [m.name] + [f"{counts[e]:,}" if counts[e] is not None else "–" for e in engines]
        rows.append(row + ([rival, mark(counts[OURS] / count, target), f"{target}"] if rival else ["–"] * 3))
    return table(["model", *engines, "best rival", "ratio", "target"], rows)


def zoo_table(zoo, x86):
    """Ratios alone."""
    rows = []
    for m in zoo:
        instructions, time = TARGETS[m.kind]
        row = [m.name] + [mark(m.instructions[core][OURS] / best(m.instructions[core])[1], instructions) for core in CORES]
        ratios = [time_ratio(machine["models"].get(m.name, {}))[0] for machine in x86.values()]
        rows.append(row + [mark(ratio, time) if ratio else "–" for ratio in ratios] + [f"{instructions} / {time}"])
    return table(["ratio to the best rival", *CORES, *(f"x86-64, {kernels}" for kernels in x86), "target, instructions / time"], rows)


def target_table(found, frontend, listen, x86):
    """A line a target of issue 3: the worst ratio of each kind."""
    names = {"convolution": "int8 convolutions and fully connected", "streaming": "streaming wake words",
             "tiny": "micro_speech, hello_world", "float": "float32 and hybrid"}
    rows = []
    for kind, name in names.items():
        of_kind = [m for m in found if m.kind == kind and best(m.instructions[CORES[0]])[0]]
        if not of_kind:
            continue
        row = [name]
        for core in CORES:
            row.append(mark(max(m.instructions[core][OURS] / best(m.instructions[core])[1] for m in of_kind), TARGETS[kind][0]))
        for machine in x86.values():
            ratios = [time_ratio(machine["models"][m.name])[0] for m in of_kind if m.name in machine["models"]]
            row.append(mark(max(ratios), TARGETS[kind][1]) if ratios else "–")
        rows.append(row + ["{} / {}".format(*TARGETS[kind])])
    rival = next(engine for engine in frontend[CORES[0]] if engine != OURS)
    row = ["micro front-end"] + [mark(frontend[c][OURS] / frontend[c][rival], FRONTEND_TARGET) for c in CORES]
    row += [mark(time_ratio(machine["frontend"])[0], FRONTEND_TARGET) for machine in x86.values()]
    rows.append(row + [f"{FRONTEND_TARGET} / {FRONTEND_TARGET}"])
    if listen:
        met = " ✓" if listen["cortex-a53"] <= LISTEN_TARGET else ""
        rows.append(["`listen`, one wake word, instructions per 10 ms", f"{listen['cortex-a53']:,}{met}", "", "", "", *("" for _ in x86), f"{LISTEN_TARGET:,}"])
    return table(["worst ratio to the best rival", *CORES, *(f"x86-64, {kernels}" for kernels in x86), "target, instructions / time"], rows)


def machine():
    def first(words):
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0].strip()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    requirements = [line.strip() for line in (HERE / "requirements.txt").read_text().splitlines() if "==" in line]
    return {
        "date": datetime.date.today().isoformat(),
        "commit": first(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]),
        "katydid": first([str(ROOT / ".build/release/katydid"), "version"]),
        "cpu": f"{cpu}, {os.cpu_count()} virtual CPUs",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release().split('-')[0]}",
        "compiler": first(["swift", "--version"]),
        "emulator": first(["qemu-aarch64", "--version"]),
        "rivals": requirements,
    }


def write_results(environment, found, skipped, frontend, listen, x86):
    zoo = [m for m in found if m.is_zoo]
    found = [m for m in found if not m.is_zoo]
    rival = next(engine for engine in frontend[CORES[0]] if engine != OURS)
    rows = []
    for core in CORES:
        counts = frontend[core]
        rows.append([f"{core}, instructions", f"{counts[OURS]:,}", f"{counts[rival]:,}", mark(counts[OURS] / counts[rival], FRONTEND_TARGET)])
    for kernels, machine in x86.items():
        times = machine["frontend"]
        rows.append([f"x86-64 with {kernels}, µs least / median"]
                    + [f"{microseconds(times[e]['least_us'])} / {microseconds(times[e]['median_us'])}" for e in (OURS, rival)]
                    + [f"{mark(times[rival]['ratio_of_minima'], FRONTEND_TARGET)}, paired {times[rival]['paired_ratio']:.2f}"])
    parts = [
        "# Katydid and its rivals",
        "Written by `make bench`. What the figures mean, and what they do not, stands in [README.md](README.md).",
        "\n".join(f"- {key}: {', '.join(value) if isinstance(value, list) else value}" for key, value in environment.items()),
        "One thread; ✓: the target is reached. A ratio is Katydid's figure to the best rival's of that row.",
        "## Targets", target_table(found, frontend, listen, x86),
        "## Networks that no kernel was tuned to", "Random weights, made by [zoo.py](zoo.py).", zoo_table(zoo, x86),
        *(part for kernels, machine in x86.items() for part in (
            f"## x86-64 with {kernels}, time", f"{machine['machine']['date']}, commit {machine['machine']['commit']}.", time_table(found, machine["models"]))),
        *(part for core in CORES for part in (f"## {core}, guest instructions per inference", instruction_table(found, core))),
        "## Sound, per 10 ms", table(["micro front-end", OURS, rival, "ratio"], rows),
        *([table(["`listen` with okay_nabu", *CORES], [["instructions per 10 ms", *(f"{listen[core]:,}" for core in CORES)]])] if listen else []),
        "## Memory of Katydid, bytes",
        table(["model", "arena", "plan", "packed weights", "the file"],
              [[m.name, *(f"{v:,}" for v in m.footprint.values()), f"{m.path.stat().st_size:,}"] for m in found]),
        "## Not measured",
        "\n".join(["- ONNX Runtime: reads ONNX files only, and these models come as .tflite; PyPI's converter, tf2onnx, wants TensorFlow itself.",
                   "- TFLM on AArch64: its PyPI package is for x86-64 only. A dash elsewhere: the engine refuses the model."]
                  + [f"- {reason}" for reason in skipped]),
    ]
    text = "\n\n".join(parts) + "\n"
    data = {"machine": environment, "frontend_instructions": frontend, "listen_instructions_per_10ms": listen,
            "models": {m.name: {"kind": m.kind, **m.footprint, "aarch64_instructions": m.instructions} for m in found + zoo}, "x86_64": x86}
    if QUICK:
        print(text)
    else:
        (HERE / "RESULTS.md").write_text(text)
        (HERE / "results.json").write_text(json.dumps(data, indent=1) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    # On one CPU for all: pairs do not differ by where they ran.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    environment = machine()
    roots = prepare_emulation()
    found, skipped = models()
    times = {}
    for model in found:
        print(f"bench: {model.name}", file=sys.stderr)
        engines = [OURS, XNNPACK, LITERT] if model.is_zoo else [OURS, XNNPACK, BUILTIN, LITERT, TFLM]
        times[model.name] = measure_times(model.path, engines, rounds=10 if model.is_zoo else 40)
        for core in CORES:
            model.instructions[core] = {
                engine: count_inference(roots[core], core, engine, model.path, model.batch) for engine in (OURS, XNNPACK, BUILTIN, LITERT)}
    print("bench: sound", file=sys.stderr)
    frontend = {core: {engine: count_inference(roots[core], core, engine, None, 200) for engine in (OURS, "pymicro-features")} for core in CORES}
    listen = {core: count_listen(roots[core], core) for core in CORES}
    x86 = json.loads((HERE / "results.json").read_text())["x86_64"]
    kernels = environment["katydid"].rpartition(": ")[2]
    x86[kernels] = {"machine": environment, "frontend": measure_times(None, [OURS, "pymicro-features"]), "models": times}
    write_results(environment, found, skipped, frontend, listen if None not in listen.values() else None, dict(sorted(x86.items())))


if __name__ == "__main__":
    main()
