"""Scripts of exported models as ONNX files, checked by onnxruntime."""
from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from varia.errors import VariaError, one_line, optional_module, unknown_name

if TYPE_CHECKING:
    from varia.models import Model

#: The version of ONNX's operators; PyTorch 1.13 to 2.13 write it.
OPSET = 16
#: Numbers of samples that a file is tried with.
TRIED = (1, 3, 17)


def to_onnx(model: Model, folder: str | os.PathLike[str],
            scripts: Sequence[str] = ("encoder", "decoder")) -> list[Path]:
    """Writes scripts of the model as ONNX files, ``encoder.onnx`` and ``decoder.onnx``, for any number
    of samples, and ``model.json``, which names their inputs and outputs. It needs the packages
    onnxruntime and, with PyTorch 2, onnx.

    Each is run by onnxruntime on 1, 3 and 17 random samples and compared with the script before it is
    written.

    Parameters
    ----------
    folder
        It is made if it is not there. Files of the same names are replaced.
    scripts
        Any of ``model.about["scripts"]``, such as `posterior` or `log_weight`.

    Returns
    -------
    list
        The ONNX files.

    Raises
    ------
    VariaError
        The model has no such script, ONNX lacks an operator that it uses, or onnxruntime computes
        something else.
    """
    runtime = optional_module("onnxruntime", "to_onnx")
    for name in scripts:
        if name not in model.about["scripts"]:
            reason = model.about.get("absent", {}).get(name)
            if reason is None:
                raise unknown_name("script of the model", name, list(model.about["scripts"]))
            raise VariaError(f"the model has no {name}.pt: {reason}")
    contents = {name: _exported(model, name, runtime) for name in scripts}
    place = Path(folder)
    with one_line(place):
        place.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (place / f"{name}.onnx").write_bytes(content)
    about = {**model.about, "format": "varia-onnx",
             "scripts": {name: {**model.about["scripts"][name], "file": f"{name}.onnx"}
                         for name in scripts}}
    with one_line(place):
        (place / "model.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return [place / f"{name}.onnx" for name in scripts]


def _exported(model: Model, name: str, runtime: Any) -> bytes:
    """The ONNX file of a script, checked."""
    script = model.about["scripts"][name]
    module = copy.deepcopy(model.get_submodule(name)).cpu()
    inputs, outputs = ([one["name"] for one in script[kind]] for kind in ("inputs", "outputs"))
    axes = {one["name"]: {axis: "batch" for axis, size in enumerate(one["shape"]) if size == "batch"}
            for one in script["inputs"] + script["outputs"]}
    _add_operators()
    # PyTorch 2 has a second exporter, which takes no TorchScript.
    options = {} if torch.__version__ < "2" else {"dynamo": False}
    export: Any = torch.onnx.export  # whose declared types are not what it takes in every version
    content = io.BytesIO()
    try:
        # PyTorch 2 prints the graph of what fails.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            export(module, _random_inputs(script, 3), content, input_names=inputs,
                   output_names=outputs, dynamic_axes=axes, opset_version=OPSET, **options)
    except RuntimeError as error:
        raise VariaError(f"{name} cannot be written as ONNX: "
                         + str(error).partition("\n")[0].partition(". Please")[0]) from error
    session = runtime.InferenceSession(content.getvalue(), _quiet(runtime),
                                       providers=["CPUExecutionProvider"])
    # An input that decides nothing is left out.
    wanted = {one.name for one in session.get_inputs()}
    for count in TRIED:
        given = _random_inputs(script, count)
        with torch.no_grad():
            expected = module(*given)
        found = session.run(outputs, {key: value.numpy() for key, value in zip(inputs, given)
                                      if key in wanted})
        for output, one, other in zip(outputs, expected, found):
            difference = _difference(one, torch.from_numpy(other))
            if difference > 1:
                raise VariaError(f"{name} cannot be written as ONNX: onnxruntime computes another "
                                 f"{output} for {count} samples, by {difference:.3g} times the tolerance")
    return content.getvalue()


def _random_inputs(script: Mapping[str, Any], count: int) -> tuple[torch.Tensor, ...]:
    """Numbers in (0, 1), which data, codes and noise can be; labels 0; all observed."""
    generator = torch.Generator().manual_seed(count)
    given = []
    for wanted in script["inputs"]:
        shape = [count if size == "batch" else int(size) for size in wanted["shape"]]
        if wanted["type"] == "float32":
            given.append(torch.rand(shape, generator=generator).clamp_min(1e-6))
        else:
            type = getattr(torch, wanted["type"])
            given.append(torch.full(shape, type == torch.bool, dtype=type))
    return tuple(given)


def _difference(expected: torch.Tensor, found: torch.Tensor) -> float:
    """The largest difference, in units of what other orders of summation explain."""
    if expected.shape != found.shape:
        return float("inf")
    if not expected.numel():
        return 0.0
    expected, found = expected.detach().double(), found.double()
    tolerance = 1e-4 + 1e-3 * expected.abs()
    return float(((expected - found).abs() / tolerance).nan_to_num(float("inf")).max())


def _quiet(runtime: Any) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors alone
    return options


def _add_operators() -> None:
    """Operators of Varia's models for which PyTorch has no ONNX. It knows them for the process."""
    from torch.onnx import register_custom_op_symbolic

    for name, symbolic in (("aten::unflatten", _unflatten), ("aten::logaddexp", _logaddexp),
                           ("aten::searchsorted", _searchsorted)):
        register_custom_op_symbolic(name, symbolic, OPSET)


def _constant(g: Any, value: Sequence[int] | int) -> Any:
    return g.op("Constant", value_t=torch.tensor(value, dtype=torch.int64))


def _unflatten(g: Any, x: Any, dim: Any, sizes: Any, names: Any = None) -> Any:
    from torch.onnx import symbolic_helper

    axis = symbolic_helper._get_const(dim, "i", "dim")
    parts = symbolic_helper._get_const(sizes, "is", "sizes")
    shape = g.op("Shape", x)
    # Bounds from the end need no number of axes, which is not known everywhere.
    around = [g.op("Slice", shape, _constant(g, [0]), _constant(g, [axis])), _constant(g, parts)]
    if axis != -1:
        end = _constant(g, [torch.iinfo(torch.int64).max])
        around.append(g.op("Slice", shape, _constant(g, [axis + 1]), end))
    return g.op("Reshape", x, g.op("Concat", *around, axis_i=0))


def _logaddexp(g: Any, a: Any, b: Any) -> Any:
    apart = g.op("Abs", g.op("Sub", a, b))
    return g.op("Add", g.op("Max", a, b), g.op("Softplus", g.op("Neg", apart)))


def _searchsorted(g: Any, sorted: Any, values: Any, *_: Any) -> Any:
    """How many of the bounds, [K], are below each value."""
    below = g.op("Less", sorted, g.op("Unsqueeze", values, _constant(g, [-1])))
    counted = g.op("Cast", below, to_i=7)  # int64
    return g.op("ReduceSum", counted, _constant(g, [-1]), keepdims_i=0)
