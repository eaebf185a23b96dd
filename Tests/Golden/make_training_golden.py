"""Makes Tests/Golden/training/layers.safetensors: what PyTorch computes, forwards and backwards, for every layer, loss and
optimiser of Training on small random tensors. `pip install torch safetensors`; run from anywhere.

Names are CASE.x, CASE.weight … for inputs, CASE.y for the output, CASE.d_x … for gradients of sum(y * CASE.dy).
Images are [n, c, h, w] in PyTorch and written as [n, h, w, c].
"""
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
tensors = {}


def image(t):
    return t.permute(0, 2, 3, 1) if t.dim() == 4 else t


def record(case, function, inputs, layouts={}):
    """Runs function(**inputs) and its gradients."""
    inputs = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    y = function(**inputs)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    for name, value in inputs.items():
        layout = layouts.get(name, image if name == "x" else (lambda t: t))
        tensors[f"{case}.{name}"] = layout(value.detach())
        tensors[f"{case}.d_{name}"] = layout(value.grad)
    tensors[f"{case}.y"] = image(y.detach())
    tensors[f"{case}.dy"] = image(dy)


def same(x, kernel, stride, dilation):
    """Pads [n, c, h, w] as TensorFlow's SAME does: the odd one after."""
    pads = []
    for axis in (1, 0):
        length, reach = x.shape[2 + axis], (kernel[axis] - 1) * dilation[axis] + 1
        total = max((-(-length // stride[axis]) - 1) * stride[axis] + reach - length, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


ohwi = {"weight": lambda t: t.permute(0, 2, 3, 1)}
hwc = {"weight": lambda t: t[:, 0].permute(1, 2, 0)}
for name, kernel, stride, dilation, padding in [
    ("same", (3, 5), (2, 1), (1, 1), True), ("valid", (3, 2), (1, 2), (1, 1), False), ("dilated", (3, 1), (1, 1), (2, 1), True),
]:
    pad = lambda x: same(x, kernel, stride, dilation) if padding else x
    record(f"convolution_{name}", lambda x, weight, bias: F.conv2d(pad(x), weight, bias, stride, 0, dilation),
           dict(x=torch.randn(3, 2, 9, 7), weight=torch.randn(4, 2, *kernel), bias=torch.randn(4)), ohwi)
    record(f"depthwise_{name}", lambda x, weight, bias: F.conv2d(pad(x), weight, bias, stride, 0, dilation, groups=35),
           dict(x=torch.randn(2, 35, 9, 7), weight=torch.randn(35, 1, *kernel), bias=torch.randn(35)), hwc)
record("linear", lambda x, weight, bias: F.linear(x, weight, bias),
       dict(x=torch.randn(5, 11), weight=torch.randn(3, 11), bias=torch.randn(3)))

for act in ["linear", "relu", "relu6"]:
    f = {"linear": lambda y: y, "relu": F.relu, "relu6": F.relu6}[act]
    mean, variance = torch.zeros(5), torch.ones(5)
    record(f"batch_norm_{act}", lambda x, weight, bias: f(F.batch_norm(x, mean, variance, weight, bias, True, 0.1, 1e-3)),
           dict(x=torch.randn(4, 5, 3, 6) * 3 + 1, weight=torch.randn(5) + 1, bias=torch.randn(5)))
    tensors[f"batch_norm_{act}.mean"], tensors[f"batch_norm_{act}.variance"] = mean, variance


def sub_spectral(x, weight, bias):
    """Chang et al. 2021: bands of the width as channels; [band, channel] parameters."""
    n, c, h, w = x.shape
    bands = x.reshape(n, c, h, 3, w // 3).permute(0, 3, 1, 2, 4).reshape(n, 3 * c, h, w // 3)
    y = F.batch_norm(bands, torch.zeros(3 * c), torch.ones(3 * c), weight, bias, True, 0.1, 1e-3)
    return y.reshape(n, 3, c, h, w // 3).permute(0, 2, 3, 1, 4).reshape(n, c, h, w)


record("sub_spectral", sub_spectral, dict(x=torch.randn(4, 2, 5, 6), weight=torch.randn(6), bias=torch.randn(6)))
record("layer_norm", lambda x, weight, bias: F.layer_norm(x, (7,), weight, bias, 1e-5),
       dict(x=torch.randn(6, 7), weight=torch.randn(7), bias=torch.randn(7)))
for name, f in dict(relu=F.relu, relu6=F.relu6, hardSwish=F.hardswish, gelu=F.gelu, sigmoid=torch.sigmoid, tanh=torch.tanh,
                    swish=F.silu).items():
    record(f"activation_{name}", lambda x: f(x), dict(x=torch.linspace(-7, 7, 57)))
record("average_pool", lambda x: F.avg_pool2d(x, (2, 3), (2, 2)), dict(x=torch.randn(2, 3, 6, 7)))
record("max_pool", lambda x: F.max_pool2d(x, (2, 3), (2, 2)), dict(x=torch.randn(2, 3, 6, 7)))


def attention(x):
    """[n, t, 3·d], two heads."""
    n, t, d = x.shape[0], x.shape[1], x.shape[2] // 3
    q, k, v = (part.reshape(n, t, 2, d // 2).transpose(1, 2) for part in x.split(d, dim=2))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)


record("attention", attention, dict(x=torch.randn(3, 5, 24)))

targets = torch.softmax(torch.randn(5, 4), 1)
tensors["cross_entropy.targets"] = targets
record("cross_entropy", lambda x: F.cross_entropy(x, targets).reshape(1), dict(x=torch.randn(5, 4)))
labels = torch.tensor([1, 3, 0, 2, 2])
tensors["smoothing.labels"] = labels.double()
record("smoothing", lambda x: F.cross_entropy(x, labels, label_smoothing=0.1).reshape(1), dict(x=torch.randn(5, 4)))
teacher = torch.randn(5, 4)
tensors["distillation.teacher"] = teacher
record("distillation", lambda x: (F.kl_div(F.log_softmax(x / 3, 1), F.log_softmax(teacher / 3, 1), reduction="batchmean",
                                           log_target=True) * 9).reshape(1), dict(x=torch.randn(5, 4)))

for name, make in dict(sgd=lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
                       adamw=lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.01)).items():
    w = torch.nn.Parameter(torch.randn(4, 3))
    tensors[f"{name}.start"] = w.detach().clone()
    optimiser, gradients = make([w]), torch.randn(5, 4, 3)
    for g in gradients:
        w.grad = g.clone()
        optimiser.step()
    tensors[f"{name}.gradients"], tensors[f"{name}.end"] = gradients, w.detach()

out = pathlib.Path(__file__).parent / "training" / "layers.safetensors"
out.parent.mkdir(exist_ok=True)
save_file({k: v.float().contiguous() for k, v in tensors.items()}, out)
print(out.name, out.stat().st_size, "bytes,", len(tensors), "tensors, torch", torch.__version__)
