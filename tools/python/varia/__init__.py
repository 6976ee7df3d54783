"""Results of Varia's experiments in Python.

>>> import varia
>>> r = varia.open("results/beta_sweep.h5")
>>> r.final().groupby("loss.beta")["test/elbo"].mean().to_dict()
{1: -105.0, 2: -115.0, 4: -135.5}
"""
from varia.comparison import Comparison
from varia.errors import VariaError
from varia.pictures import Picture
from varia.results import Results
from varia.results import open_results as open  # as gzip.open and h5py.File are called
from varia.running import fit, run

__version__ = "0.1.0"
__all__ = ["Comparison", "Picture", "Results", "VariaError", "fit", "open", "run"]
