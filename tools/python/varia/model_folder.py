"""The folder that ``varia export --model`` writes, read and checked."""
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from varia.errors import VariaError, one_line

#: The newest version of the folder's format that this package reads.
MODEL_VERSION = 1
#: What of ``model.json`` is read: keys with the types of their values.
ABOUT = {"trial": str, "model": dict, "event": list, "classes": int, "units": dict, "latents": list,
         "scripts": dict}
UNITS: dict[str, type] = {"scale": object, "offset": object}
LATENT = {"name": str, "family": str, "observed": bool}
SCRIPT = {"file": str, "inputs": list, "outputs": list}
TENSOR = {"name": str, "type": str, "shape": list}


def read_about(folder: Path) -> dict[str, Any]:
    """The content of ``model.json``, with all that is read of it.

    Raises
    ------
    VariaError
    """
    path = folder / "model.json"
    try:
        with one_line(path):
            if folder.exists() and not folder.is_dir():
                raise VariaError(f"{folder}: is a file; expected the folder that varia export "
                                 "RESULTS.h5 --trial ID --model DIR has written")
            if not path.exists():
                raise VariaError(f"{path}: there is no such file. Write it by varia export RESULTS.h5 "
                                 "--trial ID --model DIR")
            about = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise VariaError(f"{path}: is not JSON ({error})") from error
    if isinstance(about, dict) and about.get("format") == "varia-onnx":
        raise VariaError(f"{path}: describes ONNX files. Load them by onnxruntime, or give the folder "
                         "that varia export --model has written")
    if not isinstance(about, dict) or about.get("format") != "varia-model":
        raise VariaError(f"{path}: is not a model of Varia")
    if not isinstance(about.get("version", 0), int):
        raise VariaError(f"{path}: version: expected a whole number, found {about['version']!r}")
    if about.get("version", 0) > MODEL_VERSION:
        raise VariaError(f"{path}: has version {about['version']} of the format, and this package "
                         f"reads versions up to {MODEL_VERSION}. Install the Python package of the "
                         "Varia that wrote it")
    try:
        _check(about)
    except ValueError as error:
        raise VariaError(f"{path}: is damaged: {error}") from error
    return about


def _check(about: dict[str, Any]) -> None:
    """Refuses what lacks something that is read later.

    Raises
    ------
    ValueError
    """
    _check_keys("", about, ABOUT)
    _check_keys("units: ", about["units"], UNITS)
    for place, latent in enumerate(about["latents"]):
        _check_keys(f"latents[{place}]: ", latent, LATENT)
    for name, script in about["scripts"].items():
        _check_keys(f"scripts: {name}: ", script, SCRIPT)
        if Path(script["file"]).name != script["file"]:
            raise ValueError(f"scripts: {name}: file: expected a file of the folder, found "
                             f"{script['file']!r}")
        for tensor in script["inputs"] + script["outputs"]:
            _check_keys(f"scripts: {name}: ", tensor, TENSOR)


def _check_keys(where: str, found: Any, expected: Mapping[str, type]) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"{where}expected a map, found {found!r}")
    for key, kind in expected.items():
        if key not in found:
            raise ValueError(f"{where}{key} is missing")
        if not isinstance(found[key], kind):
            raise ValueError(f"{where}{key}: expected {kind.__name__}, found {found[key]!r}")


def read_script(path: Path) -> torch.nn.Module:
    """A script, on the CPU.

    Raises
    ------
    VariaError
    """
    with one_line(path), path.open("rb") as file:
        file.read(1)
    try:
        return torch.jit.load(str(path), "cpu")
    except (RuntimeError, ValueError) as error:
        raise VariaError(f"{path}: is no TorchScript file, is damaged, or was written by a newer "
                         "PyTorch") from error
