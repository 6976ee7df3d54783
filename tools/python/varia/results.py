"""A results file in Python."""
from __future__ import annotations

import os
import tempfile
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from varia.comparison import compare, correlation
from varia.curves import own_axes, read_curve, read_curves, read_steps
from varia.display import results_html
from varia.errors import VariaError, optional_module, unknown_name
from varia.layout import ResultsFile
from varia.pictures import Picture, read_pictures, read_points
from varia.plots import Plots
from varia.program import ask
from varia.trackers import to_tensorboard, to_wandb
from varia.trials import Keys, Trials, Where, flat

if TYPE_CHECKING:
    from varia.models import Model


class Results:
    """All trials of an experiment. `varia.open` makes one.

    The file stays open until `close`, or to the end of a ``with`` block. If a run replaces it by a
    newer one, these results stay those that were opened; open it again to see the new ones.

    Metrics are named ``SPLIT/NAME``, such as ``test/elbo``; trials by their id, the id's beginning,
    or their row. Functions that take trials together never pool the values of a swept key, unless
    the key is named.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = ResultsFile(path)
        try:
            self._trials = Trials(self._file)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __repr__(self) -> str:
        return f"<varia.Results {self.name}: {len(self._trials.ids)} trials, {self.path}>"

    # What the file has

    @property
    def path(self) -> str:
        """The path of the file, as it was given."""
        return str(self._file.path)

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return str(self._file.attribute("name"))

    @property
    def experiment(self) -> str:
        """The YAML text of the experiment."""
        return str(self._file.attribute("experiment"))

    @property
    def created(self) -> str:
        """When the file was made, as ISO 8601 has it."""
        return str(self._file.attribute("created"))

    @property
    def swept(self) -> list[str]:
        """The keys that the experiment sweeps.

        >>> varia.open("results/beta_sweep.h5").swept
        ['loss.beta']
        """
        return list(self._trials.swept)

    @property
    def trials(self) -> pd.DataFrame:
        """The trials: what is swept, replicate, seed, status, and how far they are.

        Numbers are those of the experiment file: whole ones are integers.

        >>> r = varia.open("results/beta_sweep.h5")
        >>> r.trials[["loss.beta", "replicate", "status"]].tail(2)
                          loss.beta  replicate  status
        id
        0000000000000107          4          1    done
        0000000000000108          4          2  failed
        """
        return self._trials.table

    @property
    def parameters(self) -> pd.DataFrame:
        """Every resolved parameter of each trial by its dotted key.

        >>> varia.open("results/beta_sweep.h5").parameters.head(1)
                          loss.beta  model.latent data.use
        id
        0000000000000100          1             2    mnist
        """
        return self._trials.parameters.copy()

    @property
    def provenance(self) -> pd.DataFrame:
        """What trained each trial: host, processor, versions, digests of the plugins."""
        return self._trials.provenance

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The recorded metrics: units, what they bound, which way they are better, own axes.

        >>> varia.open("results/beta_sweep.h5").metrics
                           units     bound  better    axes
        metric
        test/elbo           nats  log p(x)  higher
        test/kl_per_dim_z   nats                    latent
        train/loss
        """
        rows = {}
        for split in self._file.groups("metrics"):
            for name in self._file.names(f"metrics/{split}"):
                path = f"metrics/{split}/{name}"
                rows[f"{split}/{name}"] = {key: str(self._file.attribute(key, path))
                                           for key in ("units", "bound", "better", "axes")}
        return pd.DataFrame.from_dict(rows, orient="index",
                                      columns=["units", "bound", "better", "axes"]
                                      ).rename_axis("metric")

    @property
    def views(self) -> list[str]:
        """The views that have pictures or scatter plots.

        >>> varia.open("results/beta_sweep.h5").views
        ['colour', 'samples', 'plane']
        """
        return list(dict.fromkeys(self.picture_views + self.point_views))

    @property
    def picture_views(self) -> list[str]:
        """The views that have pictures, for `pictures`.

        >>> varia.open("results/beta_sweep.h5").picture_views
        ['colour', 'samples']
        """
        return [name for name in self._file.names("views")
                if self._file.has(f"views/{name}_height")]

    @property
    def point_views(self) -> list[str]:
        """The views that have scatter plots, for `points`.

        >>> varia.open("results/beta_sweep.h5").point_views
        ['plane']
        """
        return [name for name in self._file.names("points")
                if self._file.has(f"points/{name}_count")]

    def config(self, trial: str | int) -> str:
        """The YAML text of one trial alone, everything spelled out."""
        return str(self._file.read("trials/config", self._trials.find(trial), kind="text"))

    # Values

    def final(self, *metrics: Keys, where: Where | None = None,
              status: Keys | None = "done") -> pd.DataFrame:
        """Values at the trials' last epochs, beside what is swept.

        Parameters
        ----------
        metrics
            What is wanted, also as a list; by default every metric that is a single number.
        where
            A choice of trials: ``{"loss.beta": 4, "model.latent": [2, 10]}``. None stands for trials
            that do not have the key. Lists are values, too: ``{"model.hidden": [400, 200]}``.
        status
            Of the trials: `done` unless said otherwise, `failed`, `partial`, several; None: any.

        >>> varia.open("results/beta_sweep.h5").final("test/elbo", where={"loss.beta": 1})
                          loss.beta  replicate status  test/elbo
        id
        0000000000000100          1          0   done     -106.0
        0000000000000101          1          1   done     -105.0
        0000000000000102          1          2   done     -104.0
        """
        names = flat(metrics) or [name for name in self.metrics.index if self._is_single(name)]
        columns = {name: self._final_values(name) for name in names}
        table = self._trials.beside_settings("replicate", "status")
        values = pd.DataFrame(columns, index=table.index)
        return pd.concat([table, values], axis=1)[self._trials.chosen(where, status)]

    def curves(self, metric: str, trial: str | int | None = None, *, where: Where | None = None,
               status: Keys | None = "done") -> xr.DataArray:
        """A metric over the epochs.

        Parameters
        ----------
        metric
            Such as ``test/elbo``; also a scheduled parameter (``schedules/loss.beta``) and
            ``timing/seconds``.
        trial
            Of this trial alone, without the axis of the trials, and as long as the trial is.
        where, status
            As `final`.

        Returns
        -------
        xarray.DataArray
            [trial, epoch, own axes...]. What is swept, replicate and status are coordinates of the
            trials: NaN or "" where a trial does not have a key. NaN: no value. Its name has _ for /, as
            netCDF wants it; ``attrs["metric"]`` is that of the metric.

        >>> r = varia.open("results/beta_sweep.h5")
        >>> r.curves("test/elbo").shape
        (8, 4)
        >>> r.curves("test/elbo").groupby("loss.beta").mean()[:, -1].values
        array([-105. , -115. , -135.5])
        >>> r.curves("test/kl_per_dim_z", 0)[-1].values
        array([4. , 4.5])
        """
        path = self._curve_path(metric)
        if trial is not None:
            return read_curve(self._file, self._trials, metric, path, self._trials.find(trial))
        rows = np.flatnonzero(self._trials.chosen(where, status))
        return read_curves(self._file, self._trials, metric, path, rows)

    def steps(self, name: str, trial: str | int) -> pd.Series:
        """A curve that one trial has recorded per optimizer step (``train.record_every``).

        >>> varia.open("results/beta_sweep.h5").steps("train_loss", 0).head(2)
        step
        10    139.0
        20    138.0
        Name: train_loss, dtype: float64
        """
        known = [key for key in self._file.names("steps") if self._file.has(f"steps/{key}_step")]
        if name not in known:
            raise unknown_name("curve per step", name, known, self.path)
        return read_steps(self._file, name, self._trials.find(trial))

    def best(self, metric: str, *, where: Where | None = None, order: str = "") -> str:
        """The id of the trial with the best value of a metric, of all that are done.

        It is the best of one seed: `compare` says which setting is best, and how certain that is.

        Parameters
        ----------
        metric
            Such as ``validation/elbo``.
        where
            A choice of trials.
        order
            ``higher`` or ``lower``; by default as the metric declares.

        >>> varia.open("results/beta_sweep.h5").best("test/elbo")
        '0000000000000102'
        """
        values = self.final(metric, where=where)[metric].dropna()
        if values.empty:
            raise VariaError(f"{self.path}: no trial that is done has a value of {metric}")
        if metric.endswith("/loss"):
            rows = [self._trials.find(str(id)) for id in values.index]
            weighed = [key for key in self._trials.differing(rows) if key.startswith("loss")]
            if weighed:
                raise VariaError(f"{self.path}: {metric} is another quantity if "
                                 f"{' or '.join(weighed)} differs: give where={{...}}, or take the "
                                 "ELBO")
        return str(values.idxmax() if self._order(metric, order) == "higher" else values.idxmin())

    # Settings

    compare = compare
    correlation = correlation

    @property
    def plot(self) -> Plots:
        """Plots by matplotlib: ``r.plot.curves("test/elbo")`` and others."""
        return Plots(self, self._trials)

    def _repr_html_(self) -> str:
        return results_html(self)

    # Pictures

    def pictures(self, view: str, trial: str | int) -> list[Picture]:
        """The pictures that a trial has of a view, in the order of the epochs.

        Each has its `image` without padding, [y, x] or [y, x, 3], and its `tiles`,
        [row, column, y, x] or [row, column, y, x, 3].

        >>> r = varia.open("results/beta_sweep.h5")
        >>> picture = r.pictures("samples", 0)[-1]
        >>> picture
        Picture(view='samples', trial='0000000000000100', epoch=4, title='samples', rows=2, columns=2, tile_height=10, tile_width=10, padding=1)
        >>> picture.image.shape
        (20, 24)
        """
        if view not in self.picture_views:
            raise unknown_name("view with pictures", view, self.picture_views, self.path)
        row = self._trials.find(trial)
        return read_pictures(self._file, view, row, self._trials.ids[row])

    def points(self, view: str, trial: str | int) -> pd.DataFrame:
        """A scatter plot of a trial: its last one.

        Returns
        -------
        pandas.DataFrame
            x, y, label; ``attrs["classes"]`` has the names of the labels, ``attrs["axes"]`` what goes across
            and up, "" if that has no name.

        >>> varia.open("results/beta_sweep.h5").points("plane", 0).tail(1)
             x    y  label
        5  5.0 -5.0      5
        """
        if view not in self.point_views:
            raise unknown_name("scatter plot", view, self.point_views, self.path)
        row = self._trials.find(trial)
        return read_points(self._file, view, row, self._trials.ids[row])

    # Elsewhere

    def model(self, trial: str | int, *, parameters: str | os.PathLike[str] | None = None,
              other_plugins: bool = False) -> Model:
        """The trained model of a trial as a module of PyTorch: `encode`, `decode`, `sample`,
        `log_prob`.

        It calls the program (``varia export --model``), and needs the package torch.

        Parameters
        ----------
        trial
            Its id, the id's beginning, or its row.
        parameters
            Where the parameters are; by default beside the results.
        other_plugins
            Whether the plugins may be other builds than those that trained it.
        """
        arguments = ["export", os.path.abspath(self.path),
                     "--trial", self._trials.ids[self._trials.find(trial)]]
        if parameters is not None:
            arguments += ["--parameters", os.fspath(parameters)]
        if other_plugins:
            arguments.append("--other-plugins")
        optional_module("torch", "model")
        from varia.models import Model

        with tempfile.TemporaryDirectory(prefix="varia_") as folder:
            ask(*arguments, "--model", os.path.join(folder, "model"))
            return Model(os.path.join(folder, "model"))

    to_tensorboard = to_tensorboard
    to_wandb = to_wandb

    # Names

    def _is_single(self, metric: str) -> bool:
        return self._file.has(f"final/{metric}")

    def _require_metric(self, metric: str) -> None:
        if not isinstance(metric, str) or metric not in self.metrics.index:
            raise unknown_name("metric", metric, self.metrics.index, self.path)

    def _final_values(self, metric: str) -> npt.NDArray[np.float64]:
        self._require_metric(metric)
        if not self._is_single(metric):
            axes = ", ".join(["trial", "epoch", *own_axes(self._file, f"metrics/{metric}")])
            raise VariaError(f"{self.path}: {metric} is an array [{axes}]: take curves('{metric}')")
        return self._file.read(f"final/{metric}", kind="number")

    def _curve_path(self, metric: str) -> str:
        if str(metric).startswith(("schedules/", "timing/")):
            group, _, name = metric.partition("/")
            if name not in self._file.names(group):
                raise unknown_name(group, name, self._file.names(group), self.path)
            return metric
        self._require_metric(metric)
        return f"metrics/{metric}"

    def _order(self, metric: str, order: str) -> str:
        if order not in ("", "higher", "lower"):
            raise VariaError(f"order: expected 'higher' or 'lower', found '{order}'")
        found = order or str(self.metrics.loc[metric, "better"])
        if not found:
            raise VariaError(f"{self.path}: {metric} does not say which of its values are better: "
                             "give order='higher' or order='lower'")
        return found
