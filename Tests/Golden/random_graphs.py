"""Random small graphs of operators that share memory: views, joins, splits, element-wise operators that
may write over their input. One quantisation everywhere, so every value is exact."""

import numpy as np
from tflite_builder import Q

QUANTIZATION = Q(0.0625, 3)
CASES = {}


class Growing:
    """A graph that is being grown: `live` are tensors that an operator may take, with their shapes."""

    def __init__(self, m, rng):
        self.m, self.rng, self.live, self.used = m, rng, [], set()

    def new(self, shape):
        return self.m.tensor(shape, "int8", QUANTIZATION)

    def add(self, tensor, shape):
        self.live.append((tensor, list(shape)))

    def pick(self, fits=lambda shape: True):
        choices = [entry for entry in self.live if fits(entry[1])]
        if not choices:
            return None
        # Mostly recent ones: chains share more memory than fans.
        i = len(choices) - 1 - min(int(self.rng.exponential(2)), len(choices) - 1)
        self.used.add(choices[i][0])
        return choices[i]

    def op(self, name, inputs, shapes, **options):
        outputs = [self.new(shape) for shape in shapes]
        self.m.op(name, inputs, outputs, **options)
        for t, shape in zip(outputs, shapes):
            self.add(t, shape)

    def reshape(self):
        t, shape = self.pick()
        n = int(np.prod(shape))
        rows = self.rng.choice([d for d in range(1, n + 1) if n % d == 0])
        to = [int(rows), n // int(rows)]
        self.op("RESHAPE", [t, self.m.indices(to)], [to])

    def split(self):
        found = self.pick(lambda shape: shape[0] > 1)
        if not found:
            return
        t, shape = found
        cut = int(self.rng.integers(1, shape[0]))
        parts = [[cut, *shape[1:]], [shape[0] - cut, *shape[1:]]]
        self.op("SPLIT_V", [t, self.m.indices([cut, shape[0] - cut]), self.m.indices(0)], parts, numSplits=2)

    def slice(self):
        found = self.pick(lambda shape: shape[0] > 1)
        if not found:
            return
        t, shape = found
        begin = int(self.rng.integers(0, shape[0] - 1))
        count = int(self.rng.integers(1, shape[0] - begin + 1))
        to = [count, *shape[1:]]
        self.op("SLICE", [t, self.m.indices([begin] + [0] * (len(shape) - 1)), self.m.indices(to)], [to])

    def concatenation(self):
        t, shape = self.pick()
        other = self.pick(lambda s: len(s) == len(shape) and s[1:] == shape[1:])
        u, second = other
        if int(np.prod(shape)) + int(np.prod(second)) > 600:
            return
        self.op("CONCATENATION", [t, u], [[shape[0] + second[0], *shape[1:]]], axis=0)

    def columns(self):
        t, shape = self.pick(lambda s: len(s) == 2)
        u, second = self.pick(lambda s: len(s) == 2 and s[0] == shape[0])
        if int(np.prod(shape)) + int(np.prod(second)) > 600:
            return
        self.op("CONCATENATION", [t, u], [[shape[0], shape[1] + second[1]]], axis=1)

    def relu(self):
        t, shape = self.pick()
        self.op("RELU", [t], [shape])

    def maximum(self):
        t, shape = self.pick()
        u, _ = self.pick(lambda s: s == shape)
        self.op(str(self.rng.choice(["MAXIMUM", "MINIMUM"])), [t, u], [shape])

    def add_one(self):
        """ADD of a constant moves values, so that a stale one shows."""
        t, shape = self.pick()
        one = self.m.constant(np.array([19], np.int8), q=QUANTIZATION)
        self.op("ADD", [t, one], [shape], version=2)

    def transpose(self):
        t, shape = self.pick(lambda s: len(s) == 2)
        self.op("TRANSPOSE", [t, self.m.indices([1, 0])], [shape[::-1]])

    def pack(self):
        t, shape = self.pick()
        u, _ = self.pick(lambda s: s == shape)
        if 2 * int(np.prod(shape)) > 600:
            return
        merged = [2, int(np.prod(shape))]
        packed = self.new([2, *shape])
        self.m.op("PACK", [t, u], [packed], valuesCount=2, axis=0)
        self.op("RESHAPE", [packed, self.m.indices(merged)], [merged])


MOVES = [Growing.reshape, Growing.split, Growing.slice, Growing.concatenation, Growing.columns, Growing.relu, Growing.maximum,
         Growing.add_one, Growing.transpose, Growing.pack]  # fmt: skip


def grow(model, rng, variables):
    g = Growing(model.main, rng)
    m = model.main
    handles = []
    if variables:
        number, first = model.graph()
        for i in range(variables):
            shape = [int(rng.integers(1, 4)), 4]
            data = rng.integers(-128, 128, shape, dtype=np.int8)
            first.op("ASSIGN_VARIABLE", [first.variable(f"v{i}"), first.constant(data, q=QUANTIZATION)], [])
            handles.append((f"v{i}", shape))
        m.op("CALL_ONCE", [], [], initSubgraphIndex=number)
    for _ in range(int(rng.integers(1, 3))):
        shape = [int(rng.integers(1, 6)), 4]
        g.add(m.input(shape, "int8", QUANTIZATION), shape)
    tensors = {}
    for name, shape in handles:
        tensors[name] = m.variable(name)
        value = g.new(shape)
        m.op("READ_VARIABLE", [tensors[name]], [value])
        g.add(value, shape)
    moves = int(rng.integers(5, 16))
    written = []
    for i in range(moves):
        MOVES[rng.integers(len(MOVES))](g)
        # Somewhere on the way, each variable is assigned something of its size.
        for name, shape in handles:
            n = int(np.prod(shape))
            found = [entry for entry in g.live if int(np.prod(entry[1])) >= n]
            if name in written or rng.random() > 0.3 or not found:
                continue
            t, from_shape = found[-1 - min(int(rng.exponential(2)), len(found) - 1)]
            flat = g.new([int(np.prod(from_shape))])
            m.op("RESHAPE", [t, m.indices([int(np.prod(from_shape))])], [flat])
            cut = g.new([n])
            begin = int(rng.integers(0, int(np.prod(from_shape)) - n + 1))
            m.op("SLICE", [flat, m.indices([begin]), m.indices([n])], [cut])
            whole = g.new(shape)
            m.op("RESHAPE", [cut, m.indices(shape)], [whole])
            m.op("ASSIGN_VARIABLE", [tensors[name], whole], [])
            written.append(name)
            g.used.add(t)
    inputs = set(m.t.inputs)
    ends = [t for t, _ in g.live if t not in g.used and t not in inputs]
    # Something in the middle is an output too.
    middle = [t for t, _ in g.live if t in g.used and t not in inputs]
    m.output(*(ends[-3:] or [g.live[-1][0]]))
    if middle and rng.random() < 0.5:
        t = middle[int(rng.integers(len(middle)))]
        if t not in m.t.outputs:
            m.output(t)


for number in range(24):
    CASES[f"graph_{number:02}"] = (lambda model, rng: grow(model, rng, 0), 2)
for number in range(24):
    CASES[f"graph_streaming_{number:02}"] = (lambda model, rng: grow(model, rng, int(rng.integers(1, 4))), 8)
