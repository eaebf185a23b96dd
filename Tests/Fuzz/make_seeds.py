"""Writes the seed corpora of the fuzz targets: small files, each with one thing that the others lack.

Ordinary operators are not here: run.sh takes those of Tests/Golden/operators too. Needs ai-edge-litert for
the schema, flatbuffers and numpy. What is written does not depend on the time or on luck.
"""

import io
import json
import pathlib
import struct

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

HERE = pathlib.Path(__file__).parent / "corpus"
TYPE = schema.TensorType
OP = schema.BuiltinOperator


def save(target, name, data):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


class Model:
    def __init__(self):
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes, self.model.subgraphs = [], []

    def graph(self):
        g = schema.SubGraphT()
        g.tensors, g.operators, g.inputs, g.outputs = [], [], [], []
        self.model.subgraphs.append(g)
        return g

    def tensor(self, g, shape, type=TYPE.FLOAT32, data=None, scale=None, zero=0, axis=0):
        t = schema.TensorT()
        t.shape, t.type, t.name = list(shape), type, "t%d" % len(g.tensors)
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.asarray(data).tobytes(), np.uint8)
            t.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        if scale is not None:
            q = schema.QuantizationParametersT()
            q.scale = np.atleast_1d(np.asarray(scale, np.float32))
            q.zeroPoint = np.zeros(len(q.scale), np.int64) + zero
            q.quantizedDimension = axis
            t.quantization = q
        g.tensors.append(t)
        return len(g.tensors) - 1

    def op(self, g, name, inputs, outputs, options=None, **fields):
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(OP, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        o = schema.OperatorT()
        o.opcodeIndex = len(self.model.operatorCodes)
        self.model.operatorCodes.append(code)
        o.inputs, o.outputs = list(inputs), list(outputs)
        if options:
            o.builtinOptions = getattr(schema, options + "T")()
            o.builtinOptionsType = getattr(schema.BuiltinOptions, options)
            for key, value in fields.items():
                setattr(o.builtinOptions, key, value)
        g.operators.append(o)

    def bytes(self):
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def variables(name, in_place):
    """A streaming layer: history read, appended to, shifted; a second graph initialises it."""
    m = Model()
    g = m.graph()
    x = m.tensor(g, [1, 1, 4], TYPE.INT8, scale=0.1)
    h = m.tensor(g, [], TYPE.RESOURCE)
    old = m.tensor(g, [1, 3, 4], TYPE.INT8, scale=0.1)
    both = m.tensor(g, [1, 4, 4], TYPE.INT8, scale=0.1)
    begin, end, step = (m.tensor(g, [3], TYPE.INT32, np.array(v, np.int32)) for v in ([0, 1, 0], [1, 4, 4], [1, 1, 1]))
    new = m.tensor(g, [1, 3, 4], TYPE.INT8, scale=0.1)
    y = m.tensor(g, [1, 4, 4], TYPE.INT8, scale=0.1)
    g.inputs, g.outputs = [x], [y] if in_place else [y, old]
    m.op(g, "CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=1)
    m.op(g, "VAR_HANDLE", [], [h], "VarHandleOptions", container="", sharedName="v")
    m.op(g, "READ_VARIABLE", [h], [old])
    m.op(g, "CONCATENATION", [old, x], [both], "ConcatenationOptions", axis=1)
    m.op(g, "STRIDED_SLICE", [both, begin, end, step], [new], "StridedSliceOptions")
    m.op(g, "ASSIGN_VARIABLE", [h, new], [])
    m.op(g, "RELU", [both], [y])
    i = m.graph()
    ih = m.tensor(i, [], TYPE.RESOURCE)
    zero = m.tensor(i, [1, 3, 4], TYPE.INT8, np.full(12, 5, np.int8), scale=0.1)
    m.op(i, "VAR_HANDLE", [], [ih], "VarHandleOptions", container="", sharedName="v")
    m.op(i, "ASSIGN_VARIABLE", [ih, zero], [])
    save("model", name, m.bytes())


def folded():
    """Weights as float16, and an output that is known beforehand."""
    m = Model()
    g = m.graph()
    x = m.tensor(g, [2, 3])
    half = m.tensor(g, [4, 3], TYPE.FLOAT16, np.arange(12).astype(np.float16))
    w = m.tensor(g, [4, 3])
    y = m.tensor(g, [2, 4])
    g.inputs, g.outputs = [x], [y, w]
    m.op(g, "DEQUANTIZE", [half], [w])
    m.op(g, "FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions")
    save("model", "folded.tflite", m.bytes())


def views():
    """Reshapes, splits, a concatenation and a part subtracted from the whole: all that may share memory."""
    m = Model()
    g = m.graph()
    x, flat = m.tensor(g, [2, 6]), m.tensor(g, [12])
    axis = m.tensor(g, [], TYPE.INT32, np.array(0, np.int32))
    parts = [m.tensor(g, [4]) for _ in range(3)]
    joined, first, y = m.tensor(g, [12]), m.tensor(g, [1]), m.tensor(g, [12])
    begin, size = m.tensor(g, [1], TYPE.INT32, np.array([3], np.int32)), m.tensor(g, [1], TYPE.INT32, np.array([1], np.int32))
    half = [m.tensor(g, [6]) for _ in range(2)]
    z = m.tensor(g, [2, 6])
    g.inputs, g.outputs = [x], [y, z]
    m.op(g, "RESHAPE", [x], [flat])
    m.op(g, "SPLIT", [axis, flat], parts, "SplitOptions", numSplits=3)
    m.op(g, "CONCATENATION", parts[::-1], [joined], "ConcatenationOptions", axis=0)
    m.op(g, "SLICE", [joined, begin, size], [first], "SliceOptions")
    m.op(g, "SUB", [joined, first], [y], "SubOptions")
    m.op(g, "UNPACK", [x], half, "UnpackOptions", num=2, axis=0)
    m.op(g, "PACK", half[::-1], [z], "PackOptions", valuesCount=2, axis=0)
    save("model", "views.tflite", m.bytes())


def layers():
    """int8: every kind of layer once, in one small network."""
    m = Model()
    g = m.graph()
    q = dict(type=TYPE.INT8, scale=0.05, zero=3)
    x, c, d, p, mean, f, s = (
        m.tensor(g, shape, **q) for shape in ([1, 5, 4, 2], [1, 5, 4, 3], [1, 3, 2, 6], [1, 2, 1, 6], [1, 6], [1, 3], [1, 3])
    )
    rng = np.random.default_rng(1)

    def weights(shape, axis):
        scale = np.full(shape[axis], 0.02) + 0.001 * np.arange(shape[axis])
        w = m.tensor(g, shape, TYPE.INT8, rng.integers(-127, 127, shape).astype(np.int8), scale=scale, axis=axis)
        return w, m.tensor(g, [shape[axis]], TYPE.INT32, rng.integers(-99, 99, shape[axis]).astype(np.int32))

    axes = m.tensor(g, [2], TYPE.INT32, np.array([1, 2], np.int32))
    g.inputs, g.outputs = [x], [s]
    m.op(g, "CONV_2D", [x, *weights([3, 2, 3, 2], 0)], [c], "Conv2DOptions", strideW=1, strideH=1, fusedActivationFunction=1)
    m.op(g, "DEPTHWISE_CONV_2D", [c, *weights([1, 3, 3, 6], 3)], [d], "DepthwiseConv2DOptions", strideW=2, strideH=2,
         depthMultiplier=2)
    m.op(g, "AVERAGE_POOL_2D", [d], [p], "Pool2DOptions", padding=1, strideW=1, strideH=1, filterWidth=2, filterHeight=2)
    m.op(g, "MEAN", [p, axes], [mean], "ReducerOptions")
    m.op(g, "FULLY_CONNECTED", [mean, *weights([3, 6], 0)], [f], "FullyConnectedOptions")
    m.op(g, "SOFTMAX", [f], [s], "SoftmaxOptions", beta=1.0)
    save("model", "layers.tflite", m.bytes())


def moving():
    """Operators that only move or convert elements, on several types."""
    m = Model()
    g = m.graph()
    i32 = lambda values: m.tensor(g, np.shape(values), TYPE.INT32, np.array(values, np.int32))
    x = m.tensor(g, [1, 3, 4])
    padded, turned, picked, cast, q8, back = (
        m.tensor(g, [1, 5, 4]), m.tensor(g, [4, 1, 5]), m.tensor(g, [4, 1, 2]), m.tensor(g, [4, 1, 2], TYPE.INT64),
        m.tensor(g, [1, 3, 4], TYPE.UINT8, scale=0.1, zero=7), m.tensor(g, [1, 3, 4]),
    )  # fmt: skip
    g.inputs, g.outputs = [x], [cast, back]
    m.op(g, "PAD", [x, i32([[0, 0], [1, 1], [0, 0]])], [padded])
    m.op(g, "TRANSPOSE", [padded, i32([2, 0, 1])], [turned])
    m.op(g, "GATHER", [turned, i32([4, 0])], [picked], "GatherOptions", axis=2)
    m.op(g, "CAST", [picked], [cast], "CastOptions")
    m.op(g, "QUANTIZE", [x], [q8])
    m.op(g, "DEQUANTIZE", [q8], [back])
    save("model", "moving.tflite", m.bytes())


def wake():
    """A wake word that is heard always: weights of 0, and a bias beyond the largest score."""
    m = Model()
    g = m.graph()
    x, flat = m.tensor(g, [1, 3, 40], TYPE.INT8, scale=0.1, zero=-128), m.tensor(g, [1, 120], TYPE.INT8, scale=0.1, zero=-128)
    w = m.tensor(g, [1, 120], TYPE.INT8, np.zeros((1, 120), np.int8), scale=0.02)
    b = m.tensor(g, [1], TYPE.INT32, np.array([10000], np.int32))
    score, y = m.tensor(g, [1, 1], TYPE.INT8, scale=1 / 256, zero=-128), m.tensor(g, [1, 1], TYPE.UINT8, scale=1 / 256)
    g.inputs, g.outputs = [x], [y]
    m.op(g, "RESHAPE", [x], [flat])
    m.op(g, "FULLY_CONNECTED", [flat, w, b], [score], "FullyConnectedOptions")
    m.op(g, "QUANTIZE", [score], [y])
    save("model", "wake.tflite", m.bytes())


def commands():
    """Two words and what is neither: "on" is energy in low channels in the newer half of the window, "off" in high ones. What is
    in the older half changes scores a little, so that its order matters."""
    m = Model()
    g = m.graph()
    features = dict(type=TYPE.INT8, scale=0.1015625, zero=-128)
    x, flat = m.tensor(g, [1, 49, 40, 1], **features), m.tensor(g, [1, 1960], **features)
    weights = np.zeros((4, 49, 40), np.int8)
    weights[1:, :25] = np.random.default_rng(2).integers(-1, 2, (3, 25, 40))
    weights[2, 25:, :8] = weights[3, 25:, 28:36] = 12
    weights[3, 25:, :8] = weights[2, 25:, 28:36] = -12
    w = m.tensor(g, [4, 1960], TYPE.INT8, weights.reshape(4, 1960), scale=0.001)
    b = m.tensor(g, [4], TYPE.INT32, np.array([30000, 0, 0, 0], np.int32))
    logits, y = m.tensor(g, [1, 4], TYPE.INT8, scale=0.125), m.tensor(g, [1, 4], TYPE.INT8, scale=1 / 256, zero=-128)
    g.inputs, g.outputs = [x], [y]
    m.op(g, "RESHAPE", [x], [flat])
    m.op(g, "FULLY_CONNECTED", [flat, w, b], [logits], "FullyConnectedOptions")
    m.op(g, "SOFTMAX", [logits], [y], "SoftmaxOptions", beta=1.0)
    save("model", "commands.tflite", m.bytes())


def refused():
    """What no exporter writes: each is to be refused."""

    def model(name, build):
        m = Model()
        g = m.graph()
        x, y = m.tensor(g, [4]), m.tensor(g, [4])
        g.inputs, g.outputs = [x], [y]
        build(m, g, x, y)
        save("model", f"refused_{name}.tflite", m.bytes())

    def calls(index):
        def build(m, g, x, y):
            m.op(g, "CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=index)
            m.op(g, "RELU", [x], [y])
            other = m.graph()
            m.op(other, "CALL_ONCE", [], [], "CallOnceOptions", initSubgraphIndex=1)

        return build

    def chain(*steps):
        return lambda m, g, x, y: [m.op(g, name, i(m, g, x, y), o(m, g, x, y)) for name, i, o in steps]

    def shape(dimensions):
        def build(m, g, x, y):
            g.tensors[x].shape = g.tensors[y].shape = dimensions
            m.op(g, "RELU", [x], [y])

        return build

    def constant_input(m, g, x, y):
        g.inputs = [m.tensor(g, [4], data=np.zeros(4, np.float32))]
        m.op(g, "RELU", [g.inputs[0]], [y])

    def arena(m, g, x, y):
        """Four gigabytes alive at once."""
        big = [m.tensor(g, [1 << 28]) for _ in range(4)]
        g.inputs, g.outputs = big[:1], big
        for y in big[1:]:
            m.op(g, "RELU", big[:1], [y])

    def variable_of_resources(m, g, x, y):
        h = m.tensor(g, [], TYPE.RESOURCE)
        m.op(g, "VAR_HANDLE", [], [h], "VarHandleOptions", sharedName="v")
        m.op(g, "ASSIGN_VARIABLE", [h, h], [])
        m.op(g, "RELU", [x], [y])

    model("calls_main", calls(0))
    model("calls_itself", calls(1))
    model("calls_nobody", calls(7))
    relu = lambda inputs, outputs: ("RELU", lambda m, g, x, y: inputs(x, y), lambda m, g, x, y: outputs(x, y))
    model("twice", chain(relu(lambda x, y: [x], lambda x, y: [y]), relu(lambda x, y: [x], lambda x, y: [y])))
    model("itself", chain(relu(lambda x, y: [y], lambda x, y: [y])))
    model("its_input", chain(relu(lambda x, y: [x], lambda x, y: [x])))
    model("two_outputs", chain(relu(lambda x, y: [x], lambda x, y: [y, y])))
    model("no_input", chain(relu(lambda x, y: [], lambda x, y: [y])))
    model("nothing_computes", chain())
    model("negative", shape([-4]))
    model("huge", shape([1 << 30, 1 << 30]))
    model("huge_but_empty", shape([0, 1 << 30, 1 << 30]))
    model("constant_input", constant_input)
    model("arena", arena)
    model("variable_of_resources", variable_of_resources)


def sounds():
    def wav(name, tag, bits, channels, data, extra=b"", promised=None):
        frame = channels * bits // 8
        body = struct.pack("<4sIHHIIHH", b"fmt ", 16 + len(extra), tag, channels, 16000, 16000 * frame, frame, bits) + extra
        body += struct.pack("<4sI", b"LIST", 4) + b"INFO"
        body += struct.pack("<4sI", b"data", len(data) if promised is None else promised) + data
        save("wav", name, struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body)

    ramp = bytes(range(0, 240, 5))
    for bits in (8, 16, 24, 32):
        wav(f"pcm{bits}.wav", 1, bits, 2, ramp)
    wav("float32.wav", 3, 32, 1, np.linspace(-2, 2, 12).astype(np.float32).tobytes())
    guid = struct.pack("<HHIH", 22, 16, 3, 1) + bytes.fromhex("000000001000800000aa00389b71")
    wav("extensible.wav", 0xFFFE, 16, 2, ramp, guid)
    wav("lying.wav", 1, 16, 1, ramp, promised=0xFFFFFFFF)


def manifests():
    micro = {"probability_cutoff": 0.97, "sliding_window_size": 5, "feature_step_size": 10, "tensor_arena_size": 22860,
             "minimum_esphome_version": "2024.7.0"}
    v2 = {"type": "micro", "wake_word": "Okay Nabu", "author": "a", "website": "", "model": "okay_nabu.tflite",
          "trained_languages": ["en"], "version": 2, "micro": micro}
    save("manifest", "v2.json", json.dumps(v2).encode())
    v1 = {"type": "micro", "wake_word": "h\u00e9", "model": "/a/b.c/d", "version": 1,
          "micro": {"probability_cutoff": 1, "sliding_window_average_size": 10}}
    save("manifest", "v1.json", json.dumps(v1).encode())
    save("manifest", "v3.json", json.dumps({**v2, "version": 3e300}).encode())
    commands = {"type": "commands", "version": 1, "name": "commands", "model": "commands.tflite",
                "classes": ["_silence_", "_unknown_", "on", "off"], "feature_step_size": 20, "hop": 4, "sliding_window_size": 4,
                "probability_cutoff": 0.8, "cutoffs": {"off": 0.9}}
    save("manifest", "commands.json", json.dumps(commands).encode())
    save("manifest", "deep.json", b"[" * 40 + b"]" * 40)


def arrays():
    for type in ("f4", "f2", "i1", "u1", "?", "i2", "i4", "i8"):
        out = io.BytesIO()
        np.save(out, np.arange(6).astype(type).reshape(2, 3))
        save("npy", type.replace("?", "bool") + ".npy", out.getvalue())
    out = io.BytesIO()
    np.lib.format.write_array(out, np.zeros((2, 0, 3), np.float32), version=(2, 0))
    save("npy", "version2_empty.npy", out.getvalue())
    out = io.BytesIO()
    np.save(out, np.asfortranarray(np.zeros((2, 3), np.float32)))
    save("npy", "columns.npy", out.getvalue())


def events():
    """As PyPI's wyoming 1.10.2 writes them, behind a byte that says in what parts they come."""

    def event(type, data=None, payload=b""):
        text = json.dumps(data, ensure_ascii=False).encode() if data else b""
        header = {"type": type, "version": "1.10.2"}
        if text:
            header["data_length"] = len(text)
        if payload:
            header["payload_length"] = len(payload)
        return json.dumps(header).encode() + b"\n" + text + payload

    sound = {"rate": 16000, "width": 2, "channels": 1, "timestamp": 0}
    stream = event("detect", {"names": ["okay_nabu"]}) + event("audio-start", sound) + event("audio-chunk", sound, bytes(40)) + event("audio-stop")
    save("wyoming", "stream", bytes([6]) + stream)
    save("wyoming", "questions", bytes([255]) + event("describe") + event("ping", {"text": "okay_nabu é"}))
    inline = {"type": "ping", "data": {"text": "okay_nabu \u00e9", "names": [1, [2, {"a": None}]]}, "data_length": None}
    save("wyoming", "inline", bytes([0]) + json.dumps(inline).encode() + b"\n")


variables("variables.tflite", True)
variables("variables_copied.tflite", False)
folded()
views()
layers()
moving()
wake()
commands()
refused()
sounds()
manifests()
arrays()
events()
