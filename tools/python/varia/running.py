"""Experiments from Python: the program trains, its results come back."""
from __future__ import annotations

import errno
import filecmp
import hashlib
import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from varia.arrays import numbers
from varia.errors import VariaError, one_line
from varia.program import SOME_FAILED, WRONG, work
from varia.results import Results


def run(experiment: str | os.PathLike[str], *, name: str | None = None,
        results: str | os.PathLike[str] = "results", jobs: int | None = None,
        progress: bool = False, **overrides: Any) -> Results:
    """Trains what is missing of an experiment, as ``varia run`` does, and opens its results.

    A run that was interrupted or killed resumes when it is called again.

    Parameters
    ----------
    experiment
        The experiment file.
    name
        Another name for the experiment, and so for its results.
    results
        The folder of the results.
    jobs
        Trials at the same time; by default one per core.
    progress
        Show each epoch on standard error.
    **overrides
        Values of the experiment: ``replicates=3``, ``train={"epochs": 5}``,
        ``**{"loss.beta": 4}``.

    Raises
    ------
    VariaError
        The experiment is wrong, in the program's words.

    Warns
    -----
    RuntimeWarning
        Some trials failed; the others are in the results. Also what the program notes.
    """
    arguments = ["run", os.fspath(experiment), "--results", os.fspath(results), "--json"]
    if name is not None:
        arguments += ["--name", name]
    if jobs is not None:
        arguments += ["--jobs", str(jobs)]
    if not progress:
        arguments.append("--quiet")
    arguments += [f"{key}={_yaml(value)}" for key, value in _dotted(overrides).items()]
    code, text, lines = work(arguments, ".", progress)
    if code == SOME_FAILED or (lines and not progress):
        some_failed = ["some trials failed"] if code == SOME_FAILED else []
        warnings.warn("\n".join([*some_failed, *([] if progress else lines)]), RuntimeWarning,
                      stacklevel=2)
    try:
        found = json.loads(text)["experiment"]
    except (ValueError, LookupError) as error:
        raise VariaError("the program has printed no results: " + " ".join(lines[-1:]), code) from error
    return Results(Path(results) / f"{found}.h5")


def fit(array: npt.ArrayLike, /, *, model: str | Mapping[str, Any] = "mlp_vae",
        loss: str | Mapping[str, Any] = "elbo", epochs: int = 10,
        labels: npt.ArrayLike | None = None, test: float = 0.2, name: str | None = None,
        folder: str | os.PathLike[str] = ".", jobs: int | None = None, progress: bool = False,
        **settings: Any) -> Results:
    """Trains a model on an array, and opens the results.

    The array and the experiment are written to `folder` as ``NAME.npy`` and ``NAME.yaml``, so that
    the program finds them again: `varia sample` and the like need them. A call that is refused leaves
    the files as they were.

    Parameters
    ----------
    array
        Rows [N, D] or images [N, H, W], [N, H, W, C], [N, C, H, W] of any numbers. With
        ``data={"missing": "nan"}`` NaN is a number that is missing, and so is what a mask hides.
    model, loss
        The name of a component, or its section of an experiment file.
    epochs
        Passes over the training data.
    labels
        [N] whole numbers.
    test
        The part of the samples that is set aside as the test split.
    name
        Of the experiment. By default it follows from data and settings, so that the same call finds
        its results again.
    folder
        Where the files and the folder ``results`` are.
    jobs, progress
        As `run`.
    **settings
        Other sections or keys of an experiment file: ``replicates=3``, ``views=["samples"]``,
        ``data={"batch": 64}``, ``sweep={"loss.beta": [1, 4]}``, ``**{"optimizer.lr": 1e-3}``.
    """
    experiment: dict[str, Any] = {
        "data": {"use": "numpy", "test": test},
        "model": _section(model), "loss": _section(loss), "train": {"epochs": epochs}}
    for key, value in settings.items():
        _put(experiment, key, value)
    masked = ("" if str(experiment["data"].get("missing")) == "nan" else
              'give data={"missing": "nan"} if they are missing')
    arrays = {"file": numbers(array, "fit: array", masked=masked)}
    if labels is not None:
        arrays["labels"] = numbers(labels, "fit: labels", masked="expected a label of each sample")
    if name is None:
        digest = hashlib.sha256(json.dumps(experiment, sort_keys=True, default=_plain_value).encode())
        for one in arrays.values():
            digest.update(f"{one.shape} {one.dtype.str}".encode() + one.tobytes())
        name = f"fit_{digest.hexdigest()[:8]}"
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise VariaError(f"fit: name: expected the name of an experiment, found '{name}'")
    place = Path(folder)
    paths = {key: place / (f"{name}.npy" if key == "file" else f"{name}_{key}.npy")
             for key in arrays}
    experiment["data"].update({key: path.name for key, path in paths.items()})
    path = place / f"{name}.yaml"
    text = _yaml({"name": name, **experiment}) + "\n"
    results = place / "results"
    with one_line(place):
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=place) as beside:
            files = _Files(Path(beside))
            plan = _modified(results / name / "plan.tsv")
            try:
                for key, one in arrays.items():
                    np.save(files.new(paths[key]), one)
                files.new(path).write_text(text, encoding="utf-8")
                files.put()
                return run(path, results=results, jobs=jobs, progress=progress)
            except (VariaError, OSError) as error:
                is_refused = getattr(error, "code", None) in (None, WRONG)
                if is_refused and plan == _modified(results / name / "plan.tsv"):  # nothing was trained
                    files.take_back()
                raise


class _Files:
    """Files that take the places of others, as a whole: trials under way may have mapped those."""

    def __init__(self, beside: Path) -> None:
        self._beside = beside
        self._new: list[Path] = []
        self._put: list[Path] = []

    def new(self, file: Path) -> Path:
        """Where the new content of a file is written."""
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
        self._new.append(file)
        return self._beside / file.name

    def put(self) -> None:
        """Puts the new files in place, but for those that are there already."""
        for file in self._new:
            content = self._beside / file.name
            if file.is_file() and filecmp.cmp(content, file, shallow=False):
                continue
            self._put.append(file)
            if file.exists():
                os.replace(file, self._former(file))
            os.replace(content, file)

    def take_back(self) -> None:
        """Leaves the files as they were."""
        for file in self._put:
            if self._former(file).exists():
                os.replace(self._former(file), file)
            else:
                file.unlink(missing_ok=True)

    def _former(self, file: Path) -> Path:
        return self._beside / f"{file.name}.former"


def _modified(file: Path) -> int | None:
    """When a file was written; None if it is not there."""
    return file.stat().st_mtime_ns if file.exists() else None


def _section(section: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"use": section} if isinstance(section, str) else dict(section)


def _put(experiment: dict[str, Any], key: str, value: Any) -> None:
    """Sets a section, or a value by its dotted key; a map is laid over what is there."""
    section, _, inner = key.partition(".")
    if inner:
        outer = experiment.setdefault(section, {})
        if not isinstance(outer, dict):
            raise VariaError(f"fit: '{section}' is {outer!r}, which has no key '{inner}'")
        _put(outer, inner, value)
    elif isinstance(value, Mapping) and isinstance(experiment.get(key), dict):
        experiment[key].update(value)
    else:
        experiment[key] = value


def _dotted(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides by dotted keys: a section given as a map is one for each of its keys.

    >>> _dotted({"replicates": 3, "loss": {"use": "elbo", "beta": 4}})
    {'replicates': 3, 'loss.use': 'elbo', 'loss.beta': 4}
    """
    found: dict[str, Any] = {}
    for key, value in overrides.items():
        if isinstance(value, Mapping) and "." not in key:
            found.update({f"{key}.{inner}": one for inner, one in value.items()})
        else:
            found[key] = value
    return found


def _yaml(value: Any) -> str:
    """A value in the flow style of YAML, which JSON is a part of.

    >>> _yaml({"hidden": [400], "name": "elbo"}), _yaml(np.float32(0.5)), _yaml("elbo")
    ('{"hidden": [400], "name": "elbo"}', '0.5', '"elbo"')
    """
    return json.dumps(value, default=_plain_value, ensure_ascii=False)


def _plain_value(value: Any) -> Any:
    """What json does not know: NumPy's numbers and arrays, paths."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise VariaError(f"{value!r} cannot be written to an experiment file")
