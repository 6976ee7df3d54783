"""Metrics over epochs and steps as labelled arrays."""
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from varia.layout import ResultsFile
from varia.trials import Trials


def read_curves(file: ResultsFile, trials: Trials, metric: str, path: str,
                rows: npt.NDArray[np.intp]) -> xr.DataArray:
    """[trial, epoch, own axes...] of some trials. What is swept, replicate and status are
    coordinates of the trials.

    Parameters
    ----------
    metric, path
        What the array is called, and where its values are in the file.
    rows
        Of the trials.
    """
    coords: dict[str, Any] = {"trial": [trials.ids[row] for row in rows],
                              "epoch": file.read("epoch")}
    for key in [*trials.swept, "replicate", "status"]:
        coords[key] = ("trial", trials.column(key).iloc[rows].to_numpy())
    # Reading all and choosing then is faster than HDF5's reading of single rows.
    return xr.DataArray(file.read(path)[rows], dims=_axes(file, metric, path), name=metric,
                        coords=coords, attrs=_attributes(file, path))


def read_curve(file: ResultsFile, trials: Trials, metric: str, path: str, row: int) -> xr.DataArray:
    """[epoch, own axes...] of one trial, as long as the trial is."""
    done = int(trials.fields["epochs_done"].iloc[row])
    values = trim(file.read(path, row)[:done])
    return xr.DataArray(values, dims=_axes(file, metric, path)[1:], name=metric,
                        coords={"epoch": file.read("epoch")[:done], "trial": trials.ids[row]},
                        attrs=_attributes(file, path))


def read_steps(file: ResultsFile, name: str, row: int) -> pd.Series:
    """A curve per step of one trial; the index has the steps."""
    steps = file.read(f"steps/{name}_step", row)
    recorded = steps >= 0
    return pd.Series(file.read(f"steps/{name}", row)[recorded], name=name,
                     index=pd.Index(steps[recorded], name="step"))


def trim(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values [epoch, own axes...] of a trial without the NaN by which own axes are padded.

    >>> trim(np.array([[1, 2, np.nan], [3, np.nan, np.nan]]))
    array([[ 1.,  2.],
           [ 3., nan]])
    """
    known = ~np.isnan(values)
    for axis in range(1, values.ndim):
        others = tuple(other for other in range(values.ndim) if other != axis)
        present = np.flatnonzero(known.any(axis=others))
        if present.size:
            values = np.take(values, range(present[-1] + 1), axis=axis)
    return values


def _axes(file: ResultsFile, metric: str, path: str) -> list[str]:
    """The file calls an own axis <metric>_<axis>."""
    prefix = f"{metric.rpartition('/')[2]}_"
    return ["trial", "epoch", *(name.removeprefix(prefix) for name in file.axes(path)[2:])]


def _attributes(file: ResultsFile, path: str) -> dict[str, str]:
    return {key: value for key in ("units", "bound", "better")
            if (value := str(file.attribute(key, path)))}
