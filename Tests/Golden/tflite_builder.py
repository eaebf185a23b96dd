"""Builds small .tflite models with the schema that LiteRT brings."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

Op = schema.BuiltinOperator
TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "bool": schema.TensorType.BOOL,
    "resource": schema.TensorType.RESOURCE,
}


class Q:
    """Scale and zero point of a tensor; with several scales, one per index of dimension `axis`."""

    def __init__(self, scale, zero=0, axis=0):
        self.scales = np.atleast_1d(np.asarray(scale, np.float32))
        self.zeros = np.broadcast_to(np.asarray(zero, np.int64), self.scales.shape)
        self.axis = axis


class Graph:
    """One subgraph. Tensors are numbers; operators run in the order in which they are added."""

    def __init__(self, model):
        self.model = model
        self.t = schema.SubGraphT()
        self.t.tensors, self.t.operators, self.t.inputs, self.t.outputs = [], [], [], []
        self.t.name = "main"

    def tensor(self, shape, type="float32", q=None, data=None):
        t = schema.TensorT()
        t.shape = [int(n) for n in shape]
        t.type = TYPES[type]
        t.name = f"t{len(self.t.tensors)}"
        t.buffer = self.model.buffer(data)
        t.quantization = schema.QuantizationParametersT()
        if q is not None:
            t.quantization.scale = q.scales
            t.quantization.zeroPoint = q.zeros
            t.quantization.quantizedDimension = q.axis
        self.t.tensors.append(t)
        return len(self.t.tensors) - 1

    def constant(self, array, type=None, q=None):
        array = np.asarray(array)
        return self.tensor(array.shape, type or str(array.dtype), q, array)

    def indices(self, values):
        return self.constant(np.asarray(values, np.int32))

    def input(self, shape, type="float32", q=None):
        t = self.tensor(shape, type, q)
        self.t.inputs.append(t)
        return t

    def output(self, *tensors):
        self.t.outputs += tensors

    def op(self, name, inputs, outputs, **options):
        """Adds operator `name`; `options` are the fields of its options table, `version` the operator's."""
        o = schema.OperatorT()
        o.opcodeIndex = self.model.opcode(getattr(Op, name), options.pop("version", 1))
        o.inputs, o.outputs = list(inputs), list(outputs)
        camel = "".join(part.capitalize() for part in name.split("_"))
        camel = {
            "Conv2d": "Conv2D", "DepthwiseConv2d": "DepthwiseConv2D", "AveragePool2d": "Pool2D",
            "MaxPool2d": "Pool2D", "Minimum": "MaximumMinimum", "Maximum": "MaximumMinimum", "Mean": "Reducer",
            "Relu": None, "Relu6": None, "Logistic": None, "Tanh": None, "Log": None, "Sqrt": None, "Rsqrt": None,
            "Sum": "Reducer", "BatchMatmul": "BatchMatMul",
        }.get(camel, camel)  # fmt: skip
        if camel:
            o.builtinOptionsType = getattr(schema.BuiltinOptions, camel + "Options")
            o.builtinOptions = getattr(schema, camel + "OptionsT")()
            for key, value in options.items():
                assert hasattr(o.builtinOptions, key), (name, key)
                setattr(o.builtinOptions, key, value)
        self.t.operators.append(o)
        return outputs[0] if len(outputs) == 1 else outputs

    def variable(self, name):
        """A handle of the variable `name`."""
        return self.op("VAR_HANDLE", [], [self.tensor([], "resource")], container="", sharedName=name)


class Model:
    """`is_oracle`: it is for LiteRT, which cannot run every file that we can."""

    def __init__(self, is_oracle=False):
        self.is_oracle = is_oracle
        self.t = schema.ModelT()
        self.t.version = 3
        self.t.description = "Katydid test"
        self.t.buffers = [schema.BufferT()]
        self.t.operatorCodes = []
        self.codes = {}
        self.main = Graph(self)
        self.graphs = [self.main]

    def graph(self):
        self.graphs.append(Graph(self))
        return len(self.graphs) - 1, self.graphs[-1]

    def buffer(self, data):
        if data is None:
            return 0
        b = schema.BufferT()
        b.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        self.t.buffers.append(b)
        return len(self.t.buffers) - 1

    def opcode(self, code, version):
        key = code, version
        if key not in self.codes:
            c = schema.OperatorCodeT()
            c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), version
            self.codes[key] = len(self.t.operatorCodes)
            self.t.operatorCodes.append(c)
        return self.codes[key]

    def bytes(self):
        self.t.subgraphs = [g.t for g in self.graphs]
        builder = flatbuffers.Builder(1 << 12)
        builder.Finish(self.t.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())
