#!/usr/bin/env python3
"""zoo.py FOLDER [LAYER…] : networks of the kinds that boards run, with random weights, for bench.py to measure.

Nobody tuned a kernel to them: they say whether a shape that is in no file of models.txt is slow. A LAYER is one layer
alone: conv:9x16x33/7:3x3s2 (height x width x channels / filters : window, stride), dw:25x5x64:5x5, fc:640/128,
max:12x12x12:2x2s2, avg:…, mean:25x5x64, add:25x5x64; an f before its name makes it float32.
"""

import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Golden"))
from tflite_builder import Model, Q, schema  # noqa: E402

RELU, RELU6 = schema.ActivationFunctionType.RELU, schema.ActivationFunctionType.RELU6
SAME = schema.Padding.SAME


class Network:
    """A network that grows by one layer a call; `at` is the last layer's output, `shape` its shape."""

    def __init__(self, shape, is_float=False):
        self.model, self.rng, self.is_float = Model(), np.random.default_rng(1), is_float
        self.graph = self.model.main
        self.shape = (1, *shape)
        self.at = self.tensor(self.shape)
        self.graph.t.inputs.append(self.at)
        # Values of about this size are met: outputs fill int8, and neither clip nor vanish.
        self.range = 4.0

    def q(self, low=-4.0, high=4.0):
        return None if self.is_float else Q((high - low) / 255, round(-128 - low * 255 / (high - low)))

    def tensor(self, shape, q=None):
        return self.graph.tensor(shape, "float32" if self.is_float else "int8", q or self.q())

    def weights(self, shape, taps, axis):
        """Weights, a bias, and the input scale's tensors of them, so that the sum over `taps` is as wide as the input."""
        real = self.rng.normal(0, 1 / np.sqrt(taps), shape).astype(np.float32)
        bias = self.rng.normal(0, 0.5, shape[axis]).astype(np.float32)
        if self.is_float:
            return self.graph.constant(real), self.graph.constant(bias)
        others = tuple(i for i in range(len(shape)) if i != axis)
        scales = np.abs(real).max(others) / 127
        broadcast = [1] * len(shape)
        broadcast[axis] = -1
        bits = np.round(real / scales.reshape(broadcast)).astype(np.int8)
        input_scale = self.graph.t.tensors[self.at].quantization.scale[0]
        return (self.graph.constant(bits, "int8", Q(scales, 0, axis)),
                self.graph.constant(np.round(bias / (scales * input_scale)).astype(np.int32), "int32", Q(scales * input_scale)))

    def add_op(self, name, inputs, shape, activation=0, **options):
        low = 0.0 if activation in (RELU, RELU6) else -4.0
        output = self.tensor(shape, self.q(low, 6.0 if activation == RELU6 else 4.0))
        if activation is not None:
            options["fusedActivationFunction"] = activation
        self.at, self.shape = self.graph.op(name, inputs, [output], **options), tuple(shape)
        return self

    def windowed(self, window, stride):
        n, h, w, c = self.shape
        return n, -(-h // stride[0]), -(-w // stride[1]), c

    def conv(self, filters, window=(1, 1), stride=(1, 1), activation=RELU):
        w, b = self.weights((filters, *window, self.shape[3]), window[0] * window[1] * self.shape[3], 0)
        return self.add_op("CONV_2D", [self.at, w, b], (*self.windowed(window, stride)[:3], filters), activation, padding=SAME,
                           strideH=stride[0], strideW=stride[1], dilationHFactor=1, dilationWFactor=1, version=1 if self.is_float else 3)

    def depthwise(self, window, stride=(1, 1), activation=RELU):
        w, b = self.weights((1, *window, self.shape[3]), window[0] * window[1], 3)
        return self.add_op("DEPTHWISE_CONV_2D", [self.at, w, b], self.windowed(window, stride), activation, padding=SAME, depthMultiplier=1,
                           strideH=stride[0], strideW=stride[1], dilationHFactor=1, dilationWFactor=1, version=1 if self.is_float else 3)

    def dense(self, count, activation=0):
        inputs = int(np.prod(self.shape[1:]))
        w, b = self.weights((count, inputs), inputs, 0)
        return self.add_op("FULLY_CONNECTED", [self.at, w, b], (1, count), activation, version=1 if self.is_float else 4)

    def pool(self, name, window, stride):
        q = self.graph.t.tensors[self.at].quantization
        shape = self.windowed(window, stride)
        self.graph.op(name, [self.at], [out := self.tensor(shape, None if self.is_float else Q(q.scale, q.zeroPoint))], padding=SAME,
                      filterHeight=window[0], filterWidth=window[1], strideH=stride[0], strideW=stride[1], version=1 if self.is_float else 2)
        self.at, self.shape = out, shape
        return self

    def mean(self):
        return self.add_op("MEAN", [self.at, self.graph.indices([1, 2])], (1, self.shape[3]), None, keepDims=False, version=1 if self.is_float else 2)

    def add(self, other, activation=RELU):
        return self.add_op("ADD", [self.at, other], self.shape, activation, version=1 if self.is_float else 2)

    def separable(self, filters, window=(3, 3), stride=(1, 1), activation=RELU):
        return self.depthwise(window, stride, activation).conv(filters, activation=activation)

    def residual(self, filters, window=(3, 3), stride=(1, 1), shortcut=(1, 1)):
        start, shape = self.at, self.shape
        self.conv(filters, window, stride).conv(filters, window, activation=0)
        end, end_shape = self.at, self.shape
        if end_shape != shape:
            self.at, self.shape = start, shape
            self.conv(filters, shortcut, stride, activation=0)
            start = self.at
        self.at, self.shape = end, end_shape
        return self.add(start)

    def inverted(self, filters, stride, expansion):
        start, shape = self.at, self.shape
        if expansion > 1:
            self.conv(shape[3] * expansion, activation=RELU6)
        self.depthwise((3, 3), (stride, stride), RELU6).conv(filters, activation=0)
        return self.add(start, 0) if self.shape == shape else self

    def bytes(self):
        self.graph.output(self.at)
        return self.model.bytes()


def ds_cnn(width, depth, is_float=False):
    n = Network((49, 10, 1), is_float).conv(width, (10, 4), (2, 2))
    for _ in range(depth):
        n.separable(width)
    return n.mean().dense(12)


def mobilenet_v1(width, is_float=False):
    n = Network((96, 96, 3), is_float).conv(width, (3, 3), (2, 2))
    for stride, factor in [(1, 2), (2, 4), (1, 4), (2, 8), (1, 8), (2, 16)] + 5 * [(1, 16)] + [(2, 32), (1, 32)]:
        n.separable(width * factor, (3, 3), (stride, stride), RELU6)
    return n.mean().dense(2)


def mobilenet_v2(is_float=False):
    n = Network((96, 96, 3), is_float).conv(16, (3, 3), (2, 2), RELU6)
    for expansion, filters, repeat, stride in [(1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)]:
        for i in range(repeat):
            n.inverted(filters, stride if i == 0 else 1, expansion)
    return n.conv(224, activation=RELU6).mean().dense(10)


def resnet(size, widths, blocks, is_float=False):
    n = Network((size, size, 3), is_float).conv(widths[0], (3, 3))
    for i, width in enumerate(widths):
        for block in range(blocks):
            n.residual(width, stride=(2, 2) if i > 0 and block == 0 else (1, 1))
    return n.mean().dense(10)


def tc_resnet(is_float=False):
    n = Network((98, 1, 40), is_float).conv(16, (3, 1))
    for width in (24, 32, 48):
        n.residual(width, (9, 1), (2, 1))
    return n.mean().dense(12)


def matchboxnet(is_float=False):
    n = Network((128, 1, 64), is_float).separable(128, (11, 1), (2, 1))
    for taps in (13, 15, 17):
        start, shape = n.at, n.shape
        n.separable(64, (taps, 1)).separable(64, (taps, 1), activation=0)
        end, end_shape = n.at, n.shape
        n.at, n.shape = start, shape
        n.conv(64, activation=0)
        start, n.at, n.shape = n.at, end, end_shape
        n.add(start)
    return n.separable(128, (29, 1)).conv(128).mean().dense(30)


def separable_1d(width, taps, depth):
    n = Network((50, 1, 40)).conv(width, (3, 1))
    for _ in range(depth):
        n.separable(width, (taps, 1))
    return n.mean().dense(12)


NETWORKS = {
    "ds_cnn_m": lambda: ds_cnn(172, 4),
    "ds_cnn_l": lambda: ds_cnn(276, 5),
    "mobilenet_v1_96": lambda: mobilenet_v1(8),
    "mobilenet_v2_96": mobilenet_v2,
    "resnet20": lambda: resnet(32, (16, 32, 64), 3),
    "resnet_narrow_64": lambda: resnet(64, (8, 16, 32, 64), 2),
    "tc_resnet": tc_resnet,
    "matchboxnet": matchboxnet,
    "separable_1d_40": lambda: separable_1d(40, 15, 4),
    "separable_1d_64": lambda: separable_1d(64, 9, 5),
    "ds_cnn_s_float": lambda: ds_cnn(64, 4, True),
    "mobilenet_v1_96_float": lambda: mobilenet_v1(8, True),
    "resnet20_float": lambda: resnet(32, (16, 32, 64), 3, True),
    "tc_resnet_float": lambda: tc_resnet(True),
    "matchboxnet_float": lambda: matchboxnet(True),
}


def layer(text):
    """One layer alone, from its words; see the top."""
    words = re.fullmatch(r"(f?)(conv|dw|fc|max|avg|mean|add):(\d+x\d+x)?(\d+)(?:/(\d+))?(?::(\d+)x(\d+)(?:s(\d+)(?:x(\d+))?)?)?", text)
    if not words or (words[2] in ("conv", "fc")) != bool(words[5]) or (words[2] == "fc") == bool(words[3]):
        raise SystemExit(f"zoo.py: {text}: no such layer; write one as conv:9x16x33/7:3x3s2, dw:25x5x64:5x5, fc:640/128 or max:12x12x12:2x2s2")
    is_float, kind, size, channels, filters, h, w, sh, sw = words.groups()
    n = Network([int(i) for i in (size or "").split("x") if i] + [int(channels)], bool(is_float))
    window, stride = (int(h or 1), int(w or 1)), (int(sh or 1), int(sw or sh or 1))
    make = {
        "conv": lambda: n.conv(int(filters), window, stride), "dw": lambda: n.depthwise(window, stride), "fc": lambda: n.dense(int(filters)),
        "max": lambda: n.pool("MAX_POOL_2D", window, stride), "avg": lambda: n.pool("AVERAGE_POOL_2D", window, stride),
        "mean": n.mean, "add": lambda: n.add(n.at)}  # fmt: skip
    return make[kind]()


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for text in sys.argv[2:]:
        (folder / (re.sub(r"[:/]", "_", text) + ".tflite")).write_bytes(layer(text).bytes())
    if not sys.argv[2:]:
        for name, make in NETWORKS.items():
            (folder / f"{name}.tflite").write_bytes(make().bytes())


main()
