"""Results of Varia's experiments in Python.

>>> import varia
>>> r = varia.open("results/beta_sweep.h5")
>>> r.final().groupby("loss.beta")["test/elbo"].mean().to_dict()
{1: -105.0, 2: -115.0, 4: -135.5}
"""
import os

from varia.comparison import Comparison
from varia.errors import VariaError
from varia.pictures import Picture
from varia.results import Results
from varia.running import fit, run

__version__ = "0.1.0"
__all__ = ["Comparison", "Picture", "Results", "VariaError", "fit", "open", "run"]


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
