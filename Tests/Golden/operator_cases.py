"""One small model per operator and variation. A case is a function of a Model and a random generator;
its name begins with the operator's."""

import numpy as np
from tflite_builder import Q

CASES = {}
SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3


def case(name, build, steps=2):
    assert name not in CASES, name
    CASES[name] = (build, steps)


def size(n, kernel, stride, dilation, padding):
    reach = (kernel - 1) * dilation + 1
    return -(-n // stride) if padding == SAME else (n - reach) // stride + 1


# Convolutions and fully connected layers.


def weights(m, rng, shape, kind, fan_in, axis, per_channel, scale=0.02, as_floats=False):
    if kind == "float32":
        return m.constant((rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32))
    data = rng.integers(-127, 128, shape, dtype=np.int8)
    scales = scale * rng.uniform(0.5, 1.5, shape[axis]) if per_channel else np.array([scale])
    if as_floats:
        scales = np.float32(scales).reshape([-1 if i == axis else 1 for i in range(len(shape))] if per_channel else [1])
        return m.constant(data.astype(np.float32) * scales)
    return m.constant(data, q=Q(scales, axis=axis if per_channel else 0))


def ends(m, rng, x_shape, y_shape, kind, fan_in, zero=(-3, 11), weight_scale=0.02):
    """Input and output tensors, and the input's scale; the output's scale lets results use its range."""
    if kind in ("float32", "hybrid"):
        return m.input(x_shape), m.tensor(y_shape), None
    sx = 0.03
    sy = np.sqrt(fan_in) * 74 * 73 * sx * weight_scale * 2.5 / 128
    return m.input(x_shape, "int8", Q(sx, zero[0])), m.tensor(y_shape, "int8", Q(sy, zero[1])), sx


def bias_of(m, rng, w, n, sx):
    """A bias in the accumulators' scale. `w`: the weights' tensor."""
    if sx is None:
        return m.constant(rng.standard_normal(n).astype(np.float32) * 0.3)
    scales = sx * m.t.tensors[w].quantization.scale
    return m.constant(rng.integers(-5000, 5000, n, dtype=np.int32), q=Q(scales))


def bias_or_none(m, rng, w, n, sx, bias):
    """LiteRT refuses convolutions without a bias, or crashes: it gets zeros, we get none."""
    if bias:
        return [bias_of(m, rng, w, n, sx)]
    if not m.model.is_oracle:
        return []
    if sx is None:
        return [m.constant(np.zeros(n, np.float32))]
    return [m.constant(np.zeros(n, np.int32), q=Q(sx * m.t.tensors[w].quantization.scale))]


def conv(x, filters, kernel, stride=(1, 1), dilation=(1, 1), padding=SAME, act=NONE, groups=1, kind="int8",
         per_channel=True, bias=True, zero=(-3, 11)):
    def build(model, rng):
        m = model.main
        channels = x[3] // groups
        fan_in = kernel[0] * kernel[1] * channels
        y = [x[0]] + [size(x[1 + i], kernel[i], stride[i], dilation[i], padding) for i in (0, 1)] + [filters]
        a, b, sx = ends(m, rng, x, y, kind, fan_in, zero)
        w = weights(m, rng, [filters, *kernel, channels], kind, fan_in, 0, per_channel)
        inputs = [a, w, *bias_or_none(m, rng, w, filters, sx, bias)]
        m.op("CONV_2D", inputs, [b], padding=padding, strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0],
             dilationWFactor=dilation[1], fusedActivationFunction=act, version=6 if groups > 1 else 5 if kind == "hybrid" else 3)
        m.output(b)

    return build


def depthwise(x, multiplier, kernel, stride=(1, 1), dilation=(1, 1), padding=SAME, act=NONE, kind="int8",
              per_channel=True, bias=True):
    def build(model, rng):
        m = model.main
        filters = x[3] * multiplier
        fan_in = kernel[0] * kernel[1]
        y = [x[0]] + [size(x[1 + i], kernel[i], stride[i], dilation[i], padding) for i in (0, 1)] + [filters]
        a, b, sx = ends(m, rng, x, y, kind, fan_in)
        # LiteRT has a hybrid kernel that quantises the input too; ours has the weights as floats.
        w = weights(m, rng, [1, *kernel, filters], kind, fan_in, 3, per_channel, as_floats=kind == "hybrid" and model.is_oracle)
        inputs = [a, w, *bias_or_none(m, rng, w, filters, sx, bias)]
        m.op("DEPTHWISE_CONV_2D", inputs, [b], padding=padding, strideH=stride[0], strideW=stride[1], depthMultiplier=multiplier,
             dilationHFactor=dilation[0], dilationWFactor=dilation[1], fusedActivationFunction=act, version=3)
        m.output(b)

    return build


def fully(x, units, y=None, act=NONE, kind="int8", per_channel=False, bias=True, keep=False):
    def build(model, rng):
        m = model.main
        k = x[-1]
        shape = y or [int(np.prod(x)) // k, units]
        a, b, sx = ends(m, rng, x, shape, kind, k)
        w = weights(m, rng, [units, k], kind, k, 0, per_channel)
        inputs = [a, w, bias_of(m, rng, w, units, sx) if bias else -1]
        m.op("FULLY_CONNECTED", inputs, [b], fusedActivationFunction=act, keepNumDims=keep, version=5)
        m.output(b)

    return build


for kind in ("int8", "float32"):
    case(f"conv_2d_{kind}_same", conv([1, 7, 6, 3], 5, (3, 3), kind=kind))
    case(f"conv_2d_{kind}_valid", conv([1, 7, 6, 3], 5, (3, 2), padding=VALID, kind=kind))
    case(f"conv_2d_{kind}_1x1", conv([2, 4, 5, 19], 11, (1, 1), kind=kind))
    case(f"conv_2d_{kind}_strided", conv([1, 11, 10, 4], 6, (5, 3), stride=(3, 2), kind=kind))
    case(f"conv_2d_{kind}_dilated_same", conv([1, 9, 9, 2], 4, (3, 3), dilation=(2, 3), kind=kind))
    case(f"conv_2d_{kind}_dilated_valid", conv([1, 9, 9, 2], 4, (3, 3), dilation=(3, 2), padding=VALID, kind=kind))
    case(f"conv_2d_{kind}_grouped", conv([1, 5, 5, 6], 9, (3, 3), groups=3, kind=kind))
    case(f"conv_2d_{kind}_grouped_strided", conv([1, 6, 6, 8], 4, (2, 3), stride=(2, 1), groups=2, padding=VALID, kind=kind))
    case(f"conv_2d_{kind}_relu", conv([1, 5, 5, 3], 4, (3, 3), act=RELU, kind=kind))
    case(f"conv_2d_{kind}_relu6", conv([1, 5, 5, 3], 4, (3, 3), act=RELU6, kind=kind))
    case(f"conv_2d_{kind}_relu_n1_to_1", conv([1, 5, 5, 3], 4, (3, 3), act=RELU_N1_TO_1, kind=kind))
    case(f"conv_2d_{kind}_no_bias", conv([1, 5, 5, 3], 4, (3, 3), bias=False, kind=kind))
    case(f"conv_2d_{kind}_1d", conv([1, 1, 33, 5], 7, (1, 9), stride=(1, 2), kind=kind))
    case(f"conv_2d_{kind}_batch", conv([3, 5, 4, 3], 8, (3, 3), stride=(2, 2), kind=kind))
    case(f"depthwise_conv_2d_{kind}_same", depthwise([1, 7, 6, 9], 1, (3, 3), kind=kind))
    case(f"depthwise_conv_2d_{kind}_valid", depthwise([1, 7, 6, 4], 1, (3, 2), padding=VALID, kind=kind))
    case(f"depthwise_conv_2d_{kind}_strided", depthwise([1, 9, 8, 5], 1, (3, 3), stride=(2, 2), kind=kind))
    case(f"depthwise_conv_2d_{kind}_multiplier", depthwise([1, 6, 5, 3], 4, (3, 3), kind=kind))
    case(f"depthwise_conv_2d_{kind}_multiplier_of_one", depthwise([1, 12, 8, 1], 8, (10, 8), stride=(2, 2), act=RELU, kind=kind))
    case(f"depthwise_conv_2d_{kind}_dilated", depthwise([1, 9, 9, 4], 1, (3, 3), dilation=(2, 2), kind=kind))
    case(f"depthwise_conv_2d_{kind}_relu", depthwise([1, 5, 5, 8], 1, (3, 3), act=RELU, kind=kind))
    case(f"depthwise_conv_2d_{kind}_relu6", depthwise([1, 5, 5, 8], 2, (3, 3), act=RELU6, kind=kind))
    case(f"depthwise_conv_2d_{kind}_relu_n1_to_1", depthwise([1, 5, 5, 3], 1, (3, 3), act=RELU_N1_TO_1, kind=kind))
    case(f"depthwise_conv_2d_{kind}_no_bias", depthwise([2, 5, 5, 3], 1, (5, 1), bias=False, kind=kind))
    case(f"fully_connected_{kind}", fully([1, 37], 10, kind=kind))
    case(f"fully_connected_{kind}_rows", fully([5, 16], 7, kind=kind))
    case(f"fully_connected_{kind}_of_4d", fully([2, 3, 2, 8], 5, kind=kind))
    case(f"fully_connected_{kind}_keep_num_dims", fully([2, 3, 11], 6, y=[2, 3, 6], keep=True, kind=kind))
    case(f"fully_connected_{kind}_no_bias", fully([1, 64], 3, bias=False, kind=kind))
    case(f"fully_connected_{kind}_relu", fully([1, 20], 9, act=RELU, kind=kind))
    case(f"fully_connected_{kind}_relu6", fully([2, 20], 9, act=RELU6, kind=kind))
    case(f"fully_connected_{kind}_one", fully([1, 48], 1, kind=kind))
case("conv_2d_int8_per_tensor", conv([1, 7, 6, 3], 5, (3, 3), per_channel=False))
case("conv_2d_int8_per_tensor_relu6", conv([1, 7, 6, 3], 5, (3, 3), per_channel=False, act=RELU6))
case("conv_2d_int8_extreme_zero_points", conv([1, 7, 6, 3], 5, (3, 3), zero=(-128, 127)))
case("conv_2d_int8_many_channels", conv([1, 3, 3, 40], 33, (3, 3)))
case("depthwise_conv_2d_int8_per_tensor", depthwise([1, 7, 6, 9], 1, (3, 3), per_channel=False))
case("fully_connected_int8_per_channel", fully([1, 37], 10, per_channel=True))
case("conv_2d_hybrid", conv([1, 7, 6, 3], 5, (3, 3), kind="hybrid"))
case("conv_2d_hybrid_batch", conv([2, 6, 6, 4], 5, (3, 3), stride=(2, 2), kind="hybrid", act=RELU))
case("depthwise_conv_2d_hybrid", depthwise([1, 7, 6, 5], 1, (3, 3), kind="hybrid"))
case("depthwise_conv_2d_hybrid_per_tensor", depthwise([1, 6, 6, 3], 2, (3, 2), stride=(2, 1), kind="hybrid", per_channel=False, act=RELU))
case("fully_connected_hybrid", fully([1, 37], 10, kind="hybrid"))
case("fully_connected_hybrid_rows", fully([4, 37], 10, kind="hybrid", act=RELU))
case("fully_connected_hybrid_per_channel", fully([2, 24], 7, kind="hybrid", per_channel=True))
case("fully_connected_hybrid_no_bias", fully([1, 24], 7, kind="hybrid", bias=False))


# Pooling and means.


def pool(name, x, kernel, stride=(1, 1), padding=VALID, act=NONE, kind="int8", q=Q(0.05, -7)):
    def build(model, rng):
        m = model.main
        y = [x[0]] + [size(x[1 + i], kernel[i], stride[i], 1, padding) for i in (0, 1)] + [x[3]]
        quantization = q if kind == "int8" else None
        a, b = m.input(x, kind, quantization), m.tensor(y, kind, quantization)
        m.op(name, [a], [b], padding=padding, strideH=stride[0], strideW=stride[1], filterHeight=kernel[0], filterWidth=kernel[1],
             fusedActivationFunction=act, version=2)
        m.output(b)

    return build


for kind in ("int8", "float32"):
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        name = f"{op.lower()}_{kind}"
        case(f"{name}_valid", pool(op, [1, 7, 6, 5], (3, 2), kind=kind))
        case(f"{name}_same", pool(op, [1, 7, 6, 5], (3, 3), padding=SAME, kind=kind))
        case(f"{name}_strided_same", pool(op, [2, 7, 8, 3], (3, 4), (2, 3), SAME, kind=kind))
        case(f"{name}_all", pool(op, [1, 8, 5, 16], (8, 5), (8, 5), kind=kind))
        case(f"{name}_relu", pool(op, [1, 6, 6, 4], (2, 2), (2, 2), act=RELU, kind=kind))
        case(f"{name}_relu6", pool(op, [1, 6, 6, 4], (2, 2), (2, 2), act=RELU6, kind=kind, q=Q(0.1, 3)))


def mean(x, axes, keep, kind, qx=Q(0.04, 5), qy=Q(0.03, -20), op="MEAN"):
    def build(model, rng):
        m = model.main
        y = np.mean(np.zeros(x), axis=tuple(axes), keepdims=keep).shape
        int8 = kind == "int8"
        a, b = m.input(x, kind, qx if int8 else None), m.tensor(y, kind, qy if int8 else None)
        m.op(op, [a, m.indices(axes)], [b], keepDims=keep, version=2)
        m.output(b)

    return build


for kind in ("int8", "float32"):
    case(f"mean_{kind}_hw", mean([1, 5, 7, 6], [1, 2], False, kind))
    case(f"mean_{kind}_hw_keep", mean([2, 5, 7, 3], [1, 2], True, kind))
    case(f"mean_{kind}_w", mean([1, 6, 9, 4], [2], False, kind))
    case(f"mean_{kind}_channels", mean([2, 3, 4, 13], [3], False, kind))
    case(f"mean_{kind}_negative_axis", mean([3, 4, 11], [-1], True, kind))
    case(f"mean_{kind}_outer_and_inner", mean([3, 4, 5], [0, 2], False, kind))
    case(f"mean_{kind}_all", mean([2, 3, 5], [0, 1, 2], False, kind))
for op in ("MEAN", "SUM"):
    name = f"{op.lower()}_float32"
    case(f"{name}_long_rows", mean([1, 19, 67], [2], True, "float32", op=op))
    case(f"{name}_rows_of_5d", mean([2, 3, 1, 5, 9], [4], False, "float32", op=op))
    case(f"{name}_outermost", mean([5, 3, 11], [0], False, "float32", op=op))
    case(f"{name}_inner_two", mean([3, 4, 5, 6], [2, 3], True, "float32", op=op))
    case(f"{name}_between", mean([2, 3, 4, 5, 2], [1, -2], False, "float32", op=op))
case("sum_float32_all", mean([2, 3, 5], [0, 1, 2], False, "float32", op="SUM"))
case("mean_int8_hw_same_quantisation", mean([1, 5, 7, 6], [1, 2], False, "int8", Q(0.04, 5), Q(0.04, 5)))


# Two operands.


def binary(op, a_shape, b_shape, kind="int8", act=None, qa=Q(0.04, 5), qb=Q(0.07, -20), qy=Q(0.09, 10), constant=None, self=False):
    def build(model, rng):
        m = model.main
        int8 = kind == "int8"
        y = np.broadcast_shapes(a_shape, b_shape)

        def operand(shape, q, is_constant):
            if not is_constant:
                return m.input(shape, kind, q if int8 else None)
            if kind == "float32":
                return m.constant(rng.standard_normal(shape).astype(np.float32))
            return m.constant(rng.integers(-128, 128, shape).astype(kind), q=q if int8 else None)

        a = operand(a_shape, qa, constant == 0)
        b = a if self else operand(b_shape, qb, constant == 1)
        c = m.tensor(y, kind, qy if int8 else None)
        m.op(op, [a, b], [c], version=2, **({} if act is None else {"fusedActivationFunction": act}))
        m.output(c)

    return build


ONE = Q(0.05, -4)
for op in ("ADD", "SUB", "MUL"):
    qy = Q(0.25, 3) if op == "MUL" else Q(0.09, 10)
    for kind in ("int8", "float32"):
        name = f"{op.lower()}_{kind}"
        case(name, binary(op, [1, 5, 6, 7], [1, 5, 6, 7], kind, NONE, qy=qy))
        case(f"{name}_broadcast_channels", binary(op, [1, 5, 6, 7], [7], kind, NONE, qy=qy))
        case(f"{name}_broadcast_both", binary(op, [2, 1, 6, 1], [1, 3, 1, 5], kind, NONE, qy=qy))
        case(f"{name}_broadcast_first", binary(op, [1, 1, 1, 4], [2, 3, 5, 4], kind, NONE, qy=qy))
        case(f"{name}_scalar", binary(op, [3, 50], [], kind, NONE, qy=qy, constant=1))
        case(f"{name}_constant", binary(op, [1, 50], [1, 50], kind, NONE, qy=qy, constant=1))
        case(f"{name}_constant_first", binary(op, [1, 50], [1, 50], kind, NONE, qy=qy, constant=0))
        case(f"{name}_relu", binary(op, [1, 99], [1, 99], kind, RELU, qy=qy))
        case(f"{name}_relu6", binary(op, [1, 99], [1, 99], kind, RELU6, qy=qy))
        case(f"{name}_relu_n1_to_1", binary(op, [1, 99], [1, 99], kind, RELU_N1_TO_1, qy=qy))
        case(f"{name}_itself", binary(op, [1, 99], [1, 99], kind, NONE, qy=qy, self=True))
    case(f"{op.lower()}_int8_far_scales", binary(op, [1, 200], [1, 200], "int8", NONE, Q(0.5, -128), Q(0.006, 127), qy))
    case(f"{op.lower()}_int8_one_quantisation", binary(op, [1, 200], [1, 200], "int8", NONE, ONE, ONE, ONE))
    case(f"{op.lower()}_int32", binary(op, [2, 3, 4], [3, 1], "int32", NONE))
for op in ("MINIMUM", "MAXIMUM"):
    for kind in ("int8", "float32", "int32"):
        name = f"{op.lower()}_{kind}"
        case(name, binary(op, [1, 5, 6, 3], [1, 5, 6, 3], kind, None, ONE, ONE, ONE))
        case(f"{name}_broadcast", binary(op, [2, 1, 5, 3], [4, 1, 3], kind, None, ONE, ONE, ONE))
        case(f"{name}_scalar", binary(op, [2, 15], [], kind, None, ONE, ONE, ONE, constant=1))


for op, kind in [(op, "float32") for op in ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM", "SQUARED_DIFFERENCE")]:
    name, act = f"{op.lower()}_{kind}", NONE if op in ("ADD", "SUB", "MUL") else None
    case(f"{name}_one_row_each", binary(op, [1, 9, 1], [13], kind, act))
    case(f"{name}_5d", binary(op, [2, 1, 3, 1, 11], [1, 4, 1, 2, 11], kind, act))
    case(f"{name}_inner_one", binary(op, [3, 7, 1], [3, 7, 19], kind, act))
    case(f"{name}_scalar_first", binary(op, [], [5, 21], kind, act, constant=0))
case("squared_difference_float32", binary("SQUARED_DIFFERENCE", [1, 5, 6, 7], [1, 5, 6, 7], "float32"))
case("squared_difference_float32_itself", binary("SQUARED_DIFFERENCE", [1, 99], [1, 99], "float32", self=True))


def positive(m, rng, shape):
    """Squares of inputs and a little more."""
    squares = m.op("SQUARE", [m.input(shape)], [m.tensor(shape)])
    return m.op("ADD", [squares, m.constant(np.float32(0.01))], [m.tensor(shape)])


def of_positive(op, a_shape, b_shape=None, b=None, **options):
    """`op` of positive numbers, and of an input of `b_shape` or the constant `b`: in front of them for DIV."""

    def build(model, rng):
        m = model.main
        inputs, y = [positive(m, rng, a_shape)], a_shape
        if b is not None:
            inputs.append(m.constant(np.asarray(b, np.float32)))
        elif b_shape is not None:
            inputs.append(m.input(b_shape))
            y = np.broadcast_shapes(a_shape, b_shape)
        m.output(m.op(op, inputs[::-1] if op == "DIV" else inputs, [m.tensor(y)], **options))

    return build


case("div_float32", of_positive("DIV", [2, 50], [2, 50], fusedActivationFunction=NONE))
case("div_float32_relu6", of_positive("DIV", [2, 50], [2, 50], fusedActivationFunction=RELU6))
case("div_float32_broadcast_both", of_positive("DIV", [2, 1, 7], [1, 11, 1], fusedActivationFunction=NONE))
case("div_float32_of_constant", of_positive("DIV", [3, 17], b=2.5, fusedActivationFunction=NONE))
case("pow_float32", of_positive("POW", [2, 50], [2, 50]))
case("pow_float32_broadcast", of_positive("POW", [3, 1, 5], [4, 1]))
for exponent in (2, 3, 0.5, -1, -0.75):
    case(f"pow_float32_constant_{exponent}".replace(".", "_").replace("-", "minus_"), of_positive("POW", [3, 17], b=exponent))
for op in ("LOG", "SQRT", "RSQRT"):
    case(f"{op.lower()}_float32", of_positive(op, [3, 67]))


def pow_of_negative(model, rng):
    m = model.main
    exponents = m.constant(np.array([0, 1, 2, 3, -1, -2, 5], np.float32))
    m.output(m.op("POW", [m.input([9, 7]), exponents], [m.tensor([9, 7])]))


case("pow_float32_of_negative", pow_of_negative)


# Products of matrices.


def batch_matmul(a, b, y, adj_x=False, adj_y=False, constant=None):
    def build(model, rng):
        m = model.main
        operands = [m.constant(rng.standard_normal(shape).astype(np.float32)) if constant == i else m.input(shape)
                    for i, shape in enumerate((a, b))]  # fmt: skip
        m.output(m.op("BATCH_MATMUL", operands, [m.tensor(y)], adjX=adj_x, adjY=adj_y))

    return build


case("batch_matmul", batch_matmul([7, 33], [33, 19], [7, 19]))
case("batch_matmul_adj_y", batch_matmul([7, 33], [19, 33], [7, 19], adj_y=True))
case("batch_matmul_adj_x", batch_matmul([33, 7], [33, 19], [7, 19], adj_x=True))
case("batch_matmul_adj_both", batch_matmul([2, 33, 7], [2, 19, 33], [2, 7, 19], adj_x=True, adj_y=True))
case("batch_matmul_heads", batch_matmul([2, 3, 13, 8], [2, 3, 8, 13], [2, 3, 13, 13]))
case("batch_matmul_broadcast_first", batch_matmul([5, 9], [4, 9, 6], [4, 5, 6]))
case("batch_matmul_broadcast_second", batch_matmul([4, 5, 9], [9, 6], [4, 5, 6]))
case("batch_matmul_broadcast_both", batch_matmul([2, 1, 5, 9], [1, 3, 9, 6], [2, 3, 5, 6]))
case("batch_matmul_constant", batch_matmul([3, 11, 10], [10, 21], [3, 11, 21], constant=1))
case("batch_matmul_constant_adj_y", batch_matmul([3, 11, 10], [3, 21, 10], [3, 11, 21], adj_y=True, constant=1))
case("batch_matmul_constant_first", batch_matmul([11, 10], [10, 17], [11, 17], constant=0))
case("batch_matmul_vector", batch_matmul([1, 40], [40, 1], [1, 1]))
case("batch_matmul_outer", batch_matmul([18, 1], [1, 35], [18, 35]))


def fully_of_inputs(x, units, y, bias=False, act=NONE, keep=False):
    """A fully connected layer whose weights are computed at run time."""

    def build(model, rng):
        m = model.main
        a, w = m.input(x), m.input([x[-1], units])
        turned = m.op("TRANSPOSE", [w, m.indices([1, 0])], [m.tensor([units, x[-1]])])
        inputs = [a, turned, m.constant(rng.standard_normal(units).astype(np.float32)) if bias else -1]
        m.output(m.op("FULLY_CONNECTED", inputs, [m.tensor(y)], fusedActivationFunction=act, keepNumDims=keep, version=5))

    return build


case("fully_connected_float32_of_inputs", fully_of_inputs([9, 20], 17, [9, 17]))
case("fully_connected_float32_of_inputs_bias", fully_of_inputs([9, 23], 33, [9, 33], bias=True, act=RELU))
case("fully_connected_float32_of_inputs_keep", fully_of_inputs([2, 3, 12], 5, [2, 3, 5], keep=True))
case("fully_connected_float32_of_inputs_row", fully_of_inputs([1, 31], 40, [1, 40]))


def attention(heads, n, d, tanh):
    """A block of a transformer: attention, GELU, normalised layers, as converters write them."""

    def build(model, rng):
        m = model.main
        width, depth = heads * d, 2 * heads * d
        t = lambda shape: m.tensor(shape)
        w = lambda *shape: m.constant((rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32))
        dense = lambda x, i, o, act=NONE: m.op("FULLY_CONNECTED", [x, w(o, i), w(o)], [t([1, n, o])], keepNumDims=True, version=5)

        def normal(x):
            mean = m.op("MEAN", [x, m.indices([2])], [t([1, n, 1])], keepDims=True)
            squares = m.op("SQUARED_DIFFERENCE", [x, mean], [t([1, n, width])])
            variance = m.op("MEAN", [squares, m.indices([-1])], [t([1, n, 1])], keepDims=True)
            more = m.op("ADD", [variance, m.constant(np.float32(1e-5))], [t([1, n, 1])])
            factor = m.op("MUL", [m.op("RSQRT", [more], [t([1, n, 1])]), w(width)], [t([1, n, width])])
            return m.op("ADD", [m.op("MUL", [m.op("SUB", [x, mean], [t([1, n, width])]), factor], [t([1, n, width])]), w(width)],
                        [t([1, n, width])])  # fmt: skip

        def split(x):
            parts = m.op("RESHAPE", [x, m.indices([1, n, heads, d])], [t([1, n, heads, d])])
            return m.op("TRANSPOSE", [parts, m.indices([0, 2, 1, 3])], [t([1, heads, n, d])])

        x = m.input([1, n, width])
        q, k, v = (split(dense(x, width, width)) for _ in range(3))
        scores = m.op("BATCH_MATMUL", [q, k], [t([1, heads, n, n])], adjY=True)
        scaled = m.op("MUL", [scores, m.constant(np.float32(d**-0.5))], [t([1, heads, n, n])])
        both = m.op("BATCH_MATMUL", [m.op("SOFTMAX", [scaled], [t([1, heads, n, n])], beta=1.0), v], [t([1, heads, n, d])])
        back = m.op("TRANSPOSE", [both, m.indices([0, 2, 1, 3])], [t([1, n, heads, d])])
        joined = m.op("RESHAPE", [back, m.indices([1, n, width])], [t([1, n, width])])
        x = normal(m.op("ADD", [dense(joined, width, width), x], [t([1, n, width])]))
        hidden = m.op("GELU", [dense(x, width, depth)], [t([1, n, depth])], approximate=tanh)
        m.output(normal(m.op("ADD", [dense(hidden, depth, width), x], [t([1, n, width])])))

    return build


case("attention_block", attention(3, 19, 8, False))
case("attention_block_tanh", attention(2, 33, 5, True))


# One operand.


def unary(op, x, kind="int8", qx=Q(0.06, 9), qy=Q(0.05, -11), **options):
    def build(model, rng):
        m = model.main
        quantised = kind in ("int8", "uint8")
        a, b = m.input(x, kind, qx if quantised else None), m.tensor(x, kind, qy if quantised else None)
        m.op(op, [a], [b], version=1 if op in ("HARD_SWISH", "SQUARE", "NEG") else 2, **options)
        m.output(b)

    return build


for kind in ("int8", "float32"):
    case(f"logistic_{kind}", unary("LOGISTIC", [1, 320], kind, qy=Q(1 / 256, -128)))
    case(f"tanh_{kind}", unary("TANH", [1, 320], kind, Q(0.025, 9), Q(1 / 128, 0)))
    case(f"relu_{kind}", unary("RELU", [1, 320], kind))
    case(f"relu6_{kind}", unary("RELU6", [1, 320], kind))
    case(f"leaky_relu_{kind}", unary("LEAKY_RELU", [1, 320], kind, alpha=0.3))
    case(f"hard_swish_{kind}", unary("HARD_SWISH", [1, 320], kind))
    case(f"softmax_{kind}", unary("SOFTMAX", [5, 12], kind, Q(0.06, 9), Q(1 / 256, -128), beta=1.0))
    case(f"softmax_{kind}_beta", unary("SOFTMAX", [2, 40], kind, Q(0.03, 9), Q(1 / 256, -128), beta=0.5))
    case(f"softmax_{kind}_4d", unary("SOFTMAX", [1, 2, 3, 10], kind, Q(0.1, -9), Q(1 / 256, -128), beta=1.0))
    case(f"softmax_{kind}_flat", unary("SOFTMAX", [1, 300], kind, Q(0.01, 0), Q(1 / 256, -128), beta=1.0))
for op in ("EXP", "SQUARE", "ABS", "NEG"):
    case(f"{op.lower()}_float32", unary(op, [3, 67], "float32"))
case("gelu_float32", unary("GELU", [3, 167], "float32", approximate=False))
case("gelu_float32_tanh", unary("GELU", [3, 167], "float32", approximate=True))
case("tanh_float32_small", unary("TANH", [2, 3, 5], "float32"))
case("softmax_float32_attention", unary("SOFTMAX", [1, 2, 19, 99], "float32", beta=1.0))
case("logistic_int8_wide", unary("LOGISTIC", [1, 320], "int8", Q(0.2, -3), Q(1 / 256, -128)))
case("tanh_int8_wide", unary("TANH", [1, 320], "int8", Q(0.2, -3), Q(1 / 128, 0)))
case("relu_int8_one_quantisation", unary("RELU", [1, 320], "int8", ONE, ONE))
case("relu6_int8_one_quantisation", unary("RELU6", [1, 320], "int8", ONE, ONE))
case("leaky_relu_int8_negative_alpha", unary("LEAKY_RELU", [1, 320], "int8", alpha=-0.2))
case("leaky_relu_int8_large_alpha", unary("LEAKY_RELU", [1, 320], "int8", alpha=1.5))
case("leaky_relu_int8_one_quantisation", unary("LEAKY_RELU", [1, 320], "int8", ONE, ONE, alpha=0.1))
case("hard_swish_int8_wide", unary("HARD_SWISH", [1, 320], "int8", Q(0.1, -20), Q(0.08, -100)))
case("hard_swish_int8_narrow", unary("HARD_SWISH", [1, 320], "int8", Q(0.02, 0), Q(0.015, -20)))
for kind in ("uint8",):
    case(f"logistic_{kind}", unary("LOGISTIC", [1, 320], kind, Q(0.06, 130), Q(1 / 256, 0)))
    case(f"tanh_{kind}", unary("TANH", [1, 320], kind, Q(0.025, 120), Q(1 / 128, 128)))
    case(f"relu_{kind}", unary("RELU", [1, 320], kind, Q(0.06, 120), Q(0.05, 100)))


def quantize(x, qx, y, qy, shape=(2, 150)):
    def build(model, rng):
        m = model.main
        a, b = m.input(shape, x, qx), m.tensor(shape, y, qy)
        m.op("DEQUANTIZE" if y == "float32" else "QUANTIZE", [a], [b], version=2)
        m.output(b)

    return build


case("quantize_float32_to_int8", quantize("float32", None, "int8", Q(0.02, 7)))
case("quantize_float32_to_uint8", quantize("float32", None, "uint8", Q(0.02, 130)))
case("quantize_float32_to_int16", quantize("float32", None, "int16", Q(0.0001, 0)))
case("quantize_int8_to_uint8", quantize("int8", Q(0.02, 7), "uint8", Q(0.02, 135)))
case("quantize_int8_to_uint8_scaled", quantize("int8", Q(0.02, 7), "uint8", Q(0.03, 100)))
case("quantize_uint8_to_int8", quantize("uint8", Q(0.02, 130), "int8", Q(0.02, 2)))
case("quantize_uint8_to_int8_scaled", quantize("uint8", Q(0.02, 130), "int8", Q(0.013, 2)))
case("quantize_uint8_to_uint8", quantize("uint8", Q(0.02, 130), "uint8", Q(0.017, 99)))
case("quantize_int8_to_int8", quantize("int8", Q(0.02, 7), "int8", Q(0.013, -30)))
case("quantize_int8_to_int8_finer", quantize("int8", Q(0.002, 7), "int8", Q(0.013, -30)))
case("quantize_int8_to_int8_half", quantize("int8", Q(0.05, 0), "int8", Q(0.1, 0)))
case("quantize_int8_to_int8_zero_point", quantize("int8", Q(0.02, 7), "int8", Q(0.02, -9)))
case("dequantize_int8", quantize("int8", Q(0.02, 7), "float32", None))
case("dequantize_uint8", quantize("uint8", Q(0.02, 130), "float32", None))
case("dequantize_int16", quantize("int16", Q(0.0001, 0), "float32", None))


def cast(x, y):
    def build(model, rng):
        m = model.main
        a, b = m.input([2, 40], x), m.tensor([2, 40], y)
        m.op("CAST", [a], [b], inDataType=m.t.tensors[a].type, outDataType=m.t.tensors[b].type)
        m.output(b)

    return build


for x, y in [("float32", "int32"), ("float32", "int64"), ("float32", "bool"), ("float32", "int16"), ("int32", "float32"),
             ("int64", "float32"), ("int64", "int32"), ("int32", "int64"), ("uint8", "float32"), ("int8", "float32"),
             ("bool", "float32"), ("bool", "int32"), ("int16", "float32"), ("int32", "uint8"), ("int32", "int8"), ("int32", "bool")]:  # fmt: skip
    case(f"cast_{x}_to_{y}", cast(x, y))


# Operators that only move elements.


def moving(op, x, y, kind="int8", constants=(), data_at=0, q=Q(0.05, -4), **options):
    """`constants`: operands as int32 tensors; `y`: shape, or list of shapes, of the output."""

    def build(model, rng):
        m = model.main
        quantization = q if kind in ("int8", "uint8") else None
        a = m.input(x, kind, quantization)
        inputs = [m.indices(c) for c in constants]
        inputs.insert(data_at, a)
        shapes = y if y and isinstance(y[0], list) else [y]
        outputs = [m.tensor(shape, kind, quantization) for shape in shapes]
        m.op(op, inputs, outputs, version=1, **options)
        m.output(*outputs)

    return build


for kind in ("int8", "float32"):
    case(f"pad_{kind}", moving("PAD", [1, 3, 4, 2], [1, 6, 5, 4], kind, [[[0, 0], [1, 2], [0, 1], [2, 0]]]))
    case(f"pad_{kind}_nothing", moving("PAD", [2, 5], [2, 5], kind, [[[0, 0], [0, 0]]]))
    case(f"reshape_{kind}", moving("RESHAPE", [2, 3, 4], [4, 6], kind, [[4, -1]]))
    case(f"squeeze_{kind}", moving("SQUEEZE", [1, 3, 1, 4], [3, 4], kind, squeezeDims=[0, 2]))
    case(f"squeeze_{kind}_all", moving("SQUEEZE", [1, 3, 1, 4], [3, 4], kind, squeezeDims=[]))
    case(f"expand_dims_{kind}", moving("EXPAND_DIMS", [3, 4], [3, 1, 4], kind, [1]))
    case(f"strided_slice_{kind}", moving("STRIDED_SLICE", [4, 5, 6], [2, 2, 3], kind, [[1, 0, 0], [3, 4, 6], [1, 2, 2]]))
    case(f"strided_slice_{kind}_negative", moving("STRIDED_SLICE", [4, 5, 6], [4, 2, 3], kind, [[3, 4, 5], [-9, 0, 0], [-1, -2, -2]]))
    case(f"strided_slice_{kind}_masks", moving("STRIDED_SLICE", [4, 5, 6], [4, 3, 4], kind, [[2, 2, 2], [1, 1, 6], [1, 1, 1]],
                                               beginMask=1, endMask=3))
    case(f"strided_slice_{kind}_shrink", moving("STRIDED_SLICE", [4, 5, 6], [5, 3], kind, [[-1, 0, 1], [0, 5, 4], [1, 1, 1]],
                                                shrinkAxisMask=1))
    case(f"strided_slice_{kind}_shrink_all", moving("STRIDED_SLICE", [4, 5], [], kind, [[2, 3], [3, 4], [1, 1]], shrinkAxisMask=3))
    case(f"strided_slice_{kind}_fewer_dimensions", moving("STRIDED_SLICE", [4, 5, 6], [2, 5, 6], kind, [[-2], [9], [1]]))
    case(f"strided_slice_{kind}_reverse_masks", moving("STRIDED_SLICE", [4, 5], [4, 5], kind, [[0, 0], [0, 0], [-1, -1]],
                                                      beginMask=3, endMask=3))
    case(f"strided_slice_{kind}_ellipsis", moving("STRIDED_SLICE", [4, 5, 6], [2, 5, 3], kind, [[1, 0, 0], [3, 0, 6], [1, 1, 2]],
                                                  ellipsisMask=2))
    case(f"strided_slice_{kind}_ellipsis_first", moving("STRIDED_SLICE", [4, 5, 6], [4, 5], kind, [[0, 4], [0, 5], [1, 1]],
                                                        ellipsisMask=1, shrinkAxisMask=2))
    case(f"strided_slice_{kind}_new_axis", moving("STRIDED_SLICE", [4, 5], [1, 2, 1, 5], kind,
                                                  [[0, 1, 0, 0], [0, 3, 0, 5], [1, 1, 1, 1]], newAxisMask=5))
    case(f"slice_{kind}", moving("SLICE", [4, 5, 6], [2, 5, 3], kind, [[1, 0, 2], [2, -1, 3]]))
    case(f"slice_{kind}_tail", moving("SLICE", [4, 30], [3, 30], kind, [[1, 0], [-1, 30]]))
    case(f"split_{kind}_first", moving("SPLIT", [6, 4], [[2, 4]] * 3, kind, [0], 1, numSplits=3))
    case(f"split_{kind}_last", moving("SPLIT", [2, 3, 8], [[2, 3, 4]] * 2, kind, [-1], 1, numSplits=2))
    case(f"split_v_{kind}", moving("SPLIT_V", [3, 10], [[3, 2], [3, 5], [3, 3]], kind, [[2, 5, -1], 1], numSplits=3))
    case(f"split_v_{kind}_first", moving("SPLIT_V", [7, 5], [[4, 5], [1, 5], [2, 5]], kind, [[4, 1, 2], 0], numSplits=3))
    case(f"transpose_{kind}", moving("TRANSPOSE", [2, 3, 4, 5], [5, 3, 2, 4], kind, [[3, 1, 0, 2]]))
    case(f"transpose_{kind}_2d", moving("TRANSPOSE", [7, 5], [5, 7], kind, [[1, 0]]))
    case(f"transpose_{kind}_of_ones", moving("TRANSPOSE", [1, 3, 1, 4], [3, 1, 1, 4], kind, [[1, 0, 2, 3]]))
    case(f"unpack_{kind}", moving("UNPACK", [3, 4, 2], [[3, 2]] * 4, kind, num=4, axis=1))
    case(f"unpack_{kind}_first", moving("UNPACK", [3, 5], [[5]] * 3, kind, num=3, axis=0))
    case(f"gather_{kind}", moving("GATHER", [5, 3, 4], [5, 2, 4], kind, [[2, 0]], axis=1))
    case(f"gather_{kind}_first_twice", moving("GATHER", [5, 3], [2, 2, 3], kind, [[[4, 0], [4, 1]]], axis=0))
    case(f"gather_{kind}_scalar", moving("GATHER", [5, 3], [3], kind, [3], axis=0))
    case(f"transpose_{kind}_long", moving("TRANSPOSE", [2, 19, 37], [2, 37, 19], kind, [[0, 2, 1]]))
    case(f"transpose_{kind}_heads", moving("TRANSPOSE", [1, 9, 3, 8], [1, 3, 9, 8], kind, [[0, 2, 1, 3]]))
    case(f"transpose_{kind}_keys", moving("TRANSPOSE", [1, 9, 3, 11], [1, 3, 11, 9], kind, [[0, 2, 3, 1]]))
    case(f"gather_{kind}_batch", moving("GATHER", [2, 4, 3], [2, 2, 3], kind, [[[3, 0], [1, 1]]], axis=1, batchDims=1))
case("pad_uint8", moving("PAD", [2, 5], [4, 6], "uint8", [[[1, 1], [0, 1]]], q=Q(0.05, 120)))
for kind in ("int32", "uint8", "int64"):
    case(f"strided_slice_{kind}", moving("STRIDED_SLICE", [4, 5], [2, 2], kind, [[1, 0], [3, 4], [1, 2]], q=Q(0.05, 120)))
    case(f"transpose_{kind}", moving("TRANSPOSE", [3, 5], [5, 3], kind, [[1, 0]], q=Q(0.05, 120)))
case("reshape_int32", moving("RESHAPE", [2, 6], [3, 4], "int32", [[3, 4]]))


def gather_at_run_time(model, rng):
    m = model.main
    a = m.input([6, 3], "int8", ONE)
    i = m.op("CAST", [m.input([4], "bool")], [m.tensor([4], "int32")])
    b = m.tensor([4, 3], "int8", ONE)
    m.op("GATHER", [a, i], [b], axis=0)
    m.output(b)


case("gather_int8_at_run_time", gather_at_run_time)


def joining(op, shapes, y, kind="int8", qs=None, qy=ONE, constant=None, twice=False, **options):
    def build(model, rng):
        m = model.main
        inputs = []
        for i, shape in enumerate(shapes):
            q = (qs[i] if qs else ONE) if kind in ("int8", "uint8") else None
            if constant == i:
                inputs.append(m.constant(rng.integers(-100, 100, shape).astype(kind), q=q))
            else:
                inputs.append(m.input(shape, kind, q))
        if twice:
            inputs.append(inputs[0])
        if qs and kind == "int8" and model.is_oracle:
            # LiteRT joins int8 of one quantisation only.
            inputs = [m.op("QUANTIZE", [x], [m.tensor(shape, kind, qy)], version=2) for x, shape in zip(inputs, shapes)]
        b = m.tensor(y, kind, qy if kind in ("int8", "uint8") else None)
        m.op(op, inputs, [b], **options)
        m.output(b)

    return build


for kind in ("int8", "float32"):
    case(f"concatenation_{kind}_first", joining("CONCATENATION", [[2, 3], [1, 3], [4, 3]], [7, 3], kind, axis=0))
    case(f"concatenation_{kind}_middle", joining("CONCATENATION", [[1, 2, 3], [1, 4, 3]], [1, 6, 3], kind, axis=1))
    case(f"concatenation_{kind}_last", joining("CONCATENATION", [[2, 2, 3], [2, 2, 1]], [2, 2, 4], kind, axis=-1))
    case(f"concatenation_{kind}_constant", joining("CONCATENATION", [[2, 3], [1, 3]], [3, 3], kind, axis=0, constant=1))
    case(f"concatenation_{kind}_twice", joining("CONCATENATION", [[2, 3], [1, 3]], [5, 3], kind, axis=0, twice=True))
    case(f"pack_{kind}_first", joining("PACK", [[2, 3]] * 3, [3, 2, 3], kind, valuesCount=3, axis=0))
    case(f"pack_{kind}_last", joining("PACK", [[2, 3]] * 2, [2, 3, 2], kind, valuesCount=2, axis=-1))
    case(f"pack_{kind}_twice", joining("PACK", [[4]], [2, 4], kind, valuesCount=2, axis=0, twice=True))
case("concatenation_int32", joining("CONCATENATION", [[2, 3], [2, 3]], [2, 6], "int32", axis=1))
case("concatenation_int8_requantised", joining("CONCATENATION", [[2, 40], [3, 40]], [5, 40], qs=[Q(0.02, 7), ONE], axis=0))
case("concatenation_int8_requantised_last", joining("CONCATENATION", [[2, 40], [2, 7]], [2, 47], qs=[ONE, Q(0.08, -90)], axis=1))
case("concatenation_uint8", joining("CONCATENATION", [[2, 4], [2, 7]], [2, 11], "uint8", [Q(0.1, 90)] * 2, Q(0.1, 90), axis=1))


def sliced_channels(kind, is_shared):
    """Channel slices that depthwise convolutions read, one of them through a cut in time, as mixed
    convolutions do; `is_shared`: another operator reads a slice, too."""

    def build(model, rng):
        m = model.main
        q = None if kind == "float32" else ONE
        new = lambda shape: m.tensor(shape, kind, q)
        x = m.input([1, 8, 2, 21], kind, q)
        narrow, wide = new([1, 8, 2, 5]), new([1, 8, 2, 16])
        m.op("SPLIT_V", [x, m.indices([5, 16]), m.constant(np.int32(3))], [narrow, wide], numSplits=2)
        late = new([1, 5, 2, 5])
        operands = [m.indices([0, 3, 0, 0]), m.indices([0, 8, 0, 0]), m.indices([1, 1, 1, 1])]
        m.op("STRIDED_SLICE", [narrow, *operands], [late], beginMask=13, endMask=13)
        for part, height, channels in ((late, 5, 5), (wide, 8, 16)):
            w = weights(m, rng, [1, 3, 2, channels], kind, 6, 3, True)
            y = m.tensor([1, height, 2, channels], kind, None if q is None else Q(0.2, 5))
            b = bias_of(m, rng, w, channels, None if q is None else ONE.scales[0])
            m.op("DEPTHWISE_CONV_2D", [part, w, b], [y], padding=SAME, strideH=1, strideW=1, depthMultiplier=1,
                 dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=NONE, version=3)
            m.output(y)
        if is_shared:
            m.output(m.op("RELU", [wide], [new([1, 8, 2, 16])]))

    return build


for kind in ("int8", "float32"):
    case(f"sliced_channels_{kind}", sliced_channels(kind, False))
    case(f"sliced_channels_{kind}_shared", sliced_channels(kind, True))


# Resource variables, as streaming models use them.


def streaming(build, names, steps=60):
    """`names`: name, shape, type, quantisation and start value of each variable."""

    def whole(model, rng):
        m = model.main
        number, first = model.graph()
        for name, shape, type, q, value in names:
            data = np.full(shape, value, type)
            first.op("ASSIGN_VARIABLE", [first.variable(name), first.constant(data, q=q)], [])
        m.op("CALL_ONCE", [], [], initSubgraphIndex=number)
        build(m, rng)

    return whole, steps


def read(m, handle, shape, type="int8", q=ONE):
    return m.op("READ_VARIABLE", [handle], [m.tensor(shape, type, q)])


def assign(m, handle, value):
    m.op("ASSIGN_VARIABLE", [handle, value], [])


def concat(m, inputs, shape, type="int8", q=ONE, axis=0):
    return m.op("CONCATENATION", inputs, [m.tensor(shape, type, q)], axis=axis)


def tail(m, x, shape, begin, type="int8", q=ONE):
    """Everything from `begin` along dimension 0."""
    rank = len(shape)
    operands = [m.indices([begin] + [0] * (rank - 1)), m.indices([0] * rank), m.indices([1] * rank)]
    return m.op("STRIDED_SLICE", [x, *operands], [m.tensor(shape, type, q)], beginMask=2**rank - 2, endMask=2**rank - 1)


def ring(m, rng):
    """read → concat → slice → assign: the last five rows."""
    x = m.input([1, 8], "int8", ONE)
    h = m.variable("history")
    both = concat(m, [read(m, h, [4, 8]), x], [5, 8])
    assign(m, h, tail(m, both, [4, 8], 1))
    w = weights(m, rng, [3, 40], "int8", 40, 0, False)
    flat = m.op("RESHAPE", [both, m.indices([1, 40])], [m.tensor([1, 40], "int8", ONE)])
    y = m.op("FULLY_CONNECTED", [flat, w, -1], [m.tensor([1, 3], "int8", Q(1.2, 4))], version=4)
    m.output(y)


def ring_that_is_output(m, rng):
    x = m.input([1, 6], "int8", ONE)
    h = m.variable("history")
    both = concat(m, [read(m, h, [3, 6]), x], [4, 6])
    kept = tail(m, both, [3, 6], 1)
    assign(m, h, kept)
    m.output(both, kept)


def ring_of_several_rows(m, rng):
    """Three new rows a step push out three of seven."""
    x = m.input([3, 6], "int8", ONE)
    h = m.variable("history")
    both = concat(m, [read(m, h, [7, 6]), x], [10, 6])
    assign(m, h, tail(m, both, [7, 6], 3))
    y = m.op("RELU", [both], [m.tensor([10, 6], "int8", ONE)])
    m.output(y)


def read_twice(m, rng):
    x = m.input([2, 5], "int8", ONE)
    h = m.variable("state")
    a = read(m, h, [2, 5])
    s = m.op("ADD", [a, x], [m.tensor([2, 5], "int8", ONE)], version=2)
    assign(m, h, s)
    b = read(m, h, [2, 5])
    m.output(m.op("SUB", [b, a], [m.tensor([2, 5], "int8", Q(0.1, 0))], version=2), a)


def assign_before_read(m, rng):
    x = m.input([2, 5], "int8", ONE)
    h = m.variable("state")
    assign(m, h, x)
    a = read(m, h, [2, 5])
    m.output(m.op("RELU", [a], [m.tensor([2, 5], "int8", ONE)]))


def assign_twice(m, rng):
    x = m.input([2, 5], "int8", ONE)
    h = m.variable("state")
    a = read(m, h, [2, 5])
    assign(m, h, x)
    assign(m, h, m.op("MAXIMUM", [a, x], [m.tensor([2, 5], "int8", ONE)]))
    m.output(a)


def two_variables(m, rng):
    """A long and a short history of the same frames."""
    x = m.input([1, 6], "int8", ONE)
    short, long = m.variable("short"), m.variable("long")
    a = concat(m, [read(m, short, [2, 6]), x], [3, 6])
    assign(m, short, tail(m, a, [2, 6], 1))
    b = concat(m, [read(m, long, [5, 6]), a], [8, 6])
    assign(m, long, tail(m, b, [5, 6], 3))
    m.output(m.op("RELU", [b], [m.tensor([8, 6], "int8", ONE)]))


def swapped_variables(m, rng):
    """Each is assigned what the other was."""
    x = m.input([1, 6], "int8", ONE)
    first, second = m.variable("first"), m.variable("second")
    a, b = read(m, first, [1, 6]), read(m, second, [1, 6])
    assign(m, first, b)
    assign(m, second, m.op("MAXIMUM", [a, x], [m.tensor([1, 6], "int8", ONE)]))
    m.output(concat(m, [a, b], [2, 6]))


def copied_variable(m, rng):
    """One delays the other by a step."""
    x = m.input([1, 6], "int8", ONE)
    first, second = m.variable("first"), m.variable("second")
    a = read(m, first, [1, 6])
    assign(m, second, a)
    assign(m, first, x)
    m.output(concat(m, [read(m, second, [1, 6]), x], [2, 6]))


def read_after_update(m, rng):
    """The old value is looked at after the new one was assigned."""
    x = m.input([2, 4], "int8", ONE)
    h = m.variable("state")
    a = read(m, h, [2, 4])
    flat = m.op("RESHAPE", [a, m.indices([8])], [m.tensor([8], "int8", ONE)])
    s = m.op("MAXIMUM", [x, a], [m.tensor([2, 4], "int8", ONE)])
    assign(m, h, s)
    late = m.op("RELU", [flat], [m.tensor([8], "int8", ONE)])
    m.output(late, s)


def variable_that_is_output(m, rng):
    x = m.input([2, 4], "int8", ONE)
    h = m.variable("state")
    a = read(m, h, [2, 4])
    assign(m, h, x)
    m.output(a)


def never_assigned(m, rng):
    x = m.input([2, 4], "int8", ONE)
    a = read(m, m.variable("state"), [2, 4])
    m.output(m.op("MAXIMUM", [x, a], [m.tensor([2, 4], "int8", ONE)]))


def sum_in_place(m, rng):
    """An accumulator that an element-wise operator could write over."""
    x = m.input([1, 9], "float32")
    h = m.variable("sum")
    half = m.op("MUL", [read(m, h, [1, 9], "float32", None), m.constant(np.float32(0.5))], [m.tensor([1, 9])])
    s = m.op("ADD", [half, x], [m.tensor([1, 9])])
    assign(m, h, s)
    m.output(s)


def quantised_around(m, rng):
    """Float variables in an int8 model."""
    x = m.input([1, 6], "int8", ONE)
    h = m.variable("history")
    real = m.op("DEQUANTIZE", [x], [m.tensor([1, 6])], version=2)
    both = concat(m, [read(m, h, [3, 6], "float32", None), real], [4, 6], "float32", None)
    assign(m, h, tail(m, both, [3, 6], 1, "float32", None))
    y = m.op("QUANTIZE", [both], [m.tensor([4, 6], "int8", Q(0.06, 3))])
    m.output(y)


def int8_around(m, rng):
    """An int8 variable in a float model."""
    x = m.input([1, 6])
    h = m.variable("history")
    small = m.op("QUANTIZE", [x], [m.tensor([1, 6], "int8", Q(0.02, 3))])
    both = concat(m, [read(m, h, [3, 6], q=Q(0.02, 3)), small], [4, 6], q=Q(0.02, 3))
    assign(m, h, tail(m, both, [3, 6], 1, q=Q(0.02, 3)))
    m.output(m.op("DEQUANTIZE", [both], [m.tensor([4, 6])], version=2))


def written_over(m, rng):
    """The new value could be written over by the last operator that looks at the old one."""
    x = m.input([2, 4], "int8", ONE)
    h = m.variable("state")
    a = read(m, h, [2, 4])
    assign(m, h, m.op("RESHAPE", [x, m.indices([2, 4])], [m.tensor([2, 4], "int8", ONE)]))
    m.output(m.op("MINIMUM", [x, a], [m.tensor([2, 4], "int8", ONE)]))


def ring_by_split(m, rng):
    """What stays is a part of a split."""
    x = m.input([1, 6], "int8", ONE)
    h = m.variable("history")
    both = concat(m, [read(m, h, [3, 6]), x], [4, 6])
    parts = [m.tensor([1, 6], "int8", ONE), m.tensor([3, 6], "int8", ONE)]
    m.op("SPLIT_V", [both, m.indices([1, 3]), m.indices(0)], parts, numSplits=2)
    assign(m, h, parts[1])
    m.output(m.op("MAXIMUM", [parts[0], x], [m.tensor([1, 6], "int8", ONE)]))


def ring_newest_first(m, rng):
    x = m.input([1, 6], "int8", ONE)
    h = m.variable("history")
    both = concat(m, [x, read(m, h, [3, 6])], [4, 6])
    assign(m, h, m.op("SLICE", [both, m.indices([0, 0]), m.indices([3, 6])], [m.tensor([3, 6], "int8", ONE)]))
    m.output(m.op("RELU", [both], [m.tensor([4, 6], "int8", ONE)]))


HISTORY = lambda rows, columns, type="int8", q=ONE, value=-4: ("history", [rows, columns], type, q, value)
STATE = lambda *shape: ("state", list(shape), "int8", ONE, -7)
for name, (build, steps) in {
    "ring": streaming(ring, [HISTORY(4, 8)], 500),
    "initialised_and_never_used": streaming(ring, [HISTORY(4, 8), ("forgotten", [5, 3], "int8", ONE, 9)], 20),
    "ring_that_is_output": streaming(ring_that_is_output, [HISTORY(3, 6)]),
    "ring_of_several_rows": streaming(ring_of_several_rows, [HISTORY(7, 6)], 40),
    "ring_by_split": streaming(ring_by_split, [HISTORY(3, 6)]),
    "ring_newest_first": streaming(ring_newest_first, [HISTORY(3, 6)]),
    "read_twice": streaming(read_twice, [STATE(2, 5)]),
    "assign_before_read": streaming(assign_before_read, [STATE(2, 5)]),
    "assign_twice": streaming(assign_twice, [STATE(2, 5)]),
    "two_variables": streaming(two_variables, [("short", [2, 6], "int8", ONE, 1), ("long", [5, 6], "int8", ONE, 2)]),
    "swapped_variables": streaming(swapped_variables, [("first", [1, 6], "int8", ONE, 1), ("second", [1, 6], "int8", ONE, 2)]),
    "copied_variable": streaming(copied_variable, [("first", [1, 6], "int8", ONE, 1), ("second", [1, 6], "int8", ONE, 2)]),
    "read_after_update": streaming(read_after_update, [STATE(2, 4)]),
    "variable_that_is_output": streaming(variable_that_is_output, [STATE(2, 4)]),
    "written_over": streaming(written_over, [STATE(2, 4)], 20),
    "never_assigned": streaming(never_assigned, [STATE(2, 4)], 20),
    "sum_in_place": streaming(sum_in_place, [("sum", [1, 9], "float32", None, 0.25)]),
    "quantised_around": streaming(quantised_around, [HISTORY(3, 6, "float32", None, 0.5)]),
    "int8_around": streaming(int8_around, [HISTORY(3, 6, "int8", Q(0.02, 3), 3)]),
}.items():
    case(f"variable_{name}", build, steps)
