"""Results of Varia's experiments in Python.

>>> import varia
>>> r = varia.open("results/beta_sweep.h5")
>>> r.final().groupby("loss.beta")["test/elbo"].mean().to_dict()
{1: -105.0, 2: -115.0, 4: -135.5}
"""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from varia.comparison import Comparison
from varia.errors import VariaError, optional_module
from varia.pictures import Picture
from varia.results import Results
from varia.running import fit, run

if TYPE_CHECKING:
    from varia.models import Model

__version__ = "0.1.0"
__all__ = ["Comparison", "Picture", "Results", "VariaError", "fit", "load_model", "open", "run"]


def open(path: str | os.PathLike[str]) -> Results:
    """Opens a merged file, ``results/NAME.h5``.

    Raises
    ------
    VariaError
        There is no such file, it is another kind of file, it is damaged, or its layout is newer
        than this package.

    >>> varia.open("results/beta_sweep.h5")
    <varia.Results beta_sweep: 9 trials, results/beta_sweep.h5>
    """
    return Results(path)


def load_model(folder: str | os.PathLike[str]) -> Model:
    """Loads what ``varia export RESULTS.h5 --trial ID --model DIR`` has written, as a module of
    PyTorch. It needs the package torch.

    TorchScript is a program: load only models of people whose programs you would run.

    Raises
    ------
    VariaError
        There is no such model, or its format is newer than this package.
    """
    optional_module("torch", "load_model")
    from varia.models import Model

    return Model(folder)
