"""Metrics over epochs and steps as labelled arrays."""
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from varia.layout import ANY, REST, ResultsFile
from varia.trials import Trials, column_name


def read_curves(file: ResultsFile, trials: Trials, metric: str, path: str,
                rows: npt.NDArray[np.intp]) -> xr.DataArray:
    """[trial, epoch, own axes...] of some trials. What is swept, replicate and status are
    coordinates of the trials: NaN or "" where a trial does not have the key. A key that is called as an
    axis is has ``parameter NAME``.

    Parameters
    ----------
    metric, path
        What the array is of, and where its values are in the file.
    rows
        Of the trials.
    """
    coords: dict[str, Any] = {"trial": [trials.ids[row] for row in rows],
                              "epoch": file.epoch()}
    axes = own_axes(file, path)
    for key, column in trials.beside_settings("replicate", "status").items():
        coords[column_name(str(key), axes)] = ("trial", _coordinate(column.iloc[rows]))
    # Reading all and choosing then is faster than HDF5's reading of single rows.
    values = file.read(path, kind="number", shape=(file.epochs, REST))[rows]
    return xr.DataArray(values, dims=["trial", "epoch", *axes], name=_name(metric), coords=coords,
                        attrs=_attributes(file, metric, path))


def read_curve(file: ResultsFile, trials: Trials, metric: str, path: str, row: int) -> xr.DataArray:
    """[epoch, own axes...] of one trial, as long as the trial is."""
    done = int(trials.fields["epochs_done"].iloc[row])
    values = trim(file.read(path, row, kind="number", shape=(file.epochs, REST))[:done])
    return xr.DataArray(values, dims=["epoch", *own_axes(file, path)], name=_name(metric),
                        coords={"epoch": file.epoch()[:done], "trial": trials.ids[row]},
                        attrs=_attributes(file, metric, path))


def read_steps(file: ResultsFile, name: str, row: int) -> pd.Series:
    """A curve per step of one trial; the index has the steps."""
    steps = file.read(f"steps/{name}_step", row, kind="integer", shape=(ANY,))
    values = file.read(f"steps/{name}", row, kind="number", shape=steps.shape)
    recorded = steps >= 0
    return pd.Series(values[recorded], name=name,
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


def own_axes(file: ResultsFile, path: str) -> list[str]:
    """The names of the axes that follow those of trials and epochs. The file calls one <metric>_<axis>."""
    prefix = f"{path.rpartition('/')[2]}_"
    return [name.removeprefix(prefix) for name in file.axes(path)[2:]]


def _coordinate(column: pd.Series) -> npt.NDArray[Any]:
    """A column without the NA of pandas, which neither xarray nor netCDF knows."""
    if not column.isna().any():
        return column.to_numpy()
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan)
    return column.fillna("").to_numpy()


def _name(metric: str) -> str:
    """The name of an array; one of netCDF has no slash."""
    return metric.replace("/", "_")


def _attributes(file: ResultsFile, metric: str, path: str) -> dict[str, str]:
    return {"metric": metric, **{key: value for key in ("units", "bound", "better")
                                 if (value := str(file.attribute(key, path)))}}
