"""The figures of a report, by matplotlib."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.errors import VariaError, optional_module, unknown_name
from varia.trials import Keys, Trials, Where, as_list, groups, setting_name, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from varia.results import Results

#: A legend of more entries would hide the plot.
LEGEND_ENTRIES = 12


class Plots:
    """Plots of a results file: ``r.plot``.

    Each takes `ax`, the axes to draw on, and returns them; without `ax` it makes a figure. None
    takes trials of several settings together, unless their keys are named.
    """

    def __init__(self, results: Results, trials: Trials) -> None:
        self._results = results
        self._trials = trials

    def curves(self, metric: str, *, where: Where | None = None, status: str | None = "done",
               ax: Axes | None = None) -> Axes:
        """A metric over the epochs: a line for each trial, a colour for each setting.

        Parameters
        ----------
        metric
            A single number, such as ``test/elbo``; also ``schedules/KEY``.
        where, status
            A choice of trials, as `Results.final`.
        """
        curves = self._results.curves(metric, where=where, status=status)
        if curves.ndim != 2:
            raise VariaError(f"{metric} is an array: take per_dimension('{metric}', trial)")
        ax = _axes(ax)
        rows = [self._trials.find(id) for id in curves.trial.values]
        names = self._trials.settings(rows)
        colours = _colours(names)
        for name, values in zip(names, curves.values):
            known = ~np.isnan(values)
            ax.plot(curves.epoch.values[known], values[known], color=colours[name], linewidth=1,
                    marker="." if known.sum() < 20 else "")
        _legend(ax, colours)
        ax.set_xlabel("epoch")
        _whole_numbers(ax)
        ax.set_ylabel(self._label(metric))
        ax.set_title(f"{self._results.name}: all seeds")
        return ax

    def means(self, metric: str, by: str, *, over: Keys = (), best: Keys = (),
              where: Where | None = None, seeds: bool = True, ax: Axes | None = None) -> Axes:
        """The mean of a metric by the values of one key, with 95% intervals, as ``varia compare``
        computes them. Other keys that are swept give a line each.

        Parameters
        ----------
        metric
            Such as ``test/nll``.
        by
            The key along the axis, such as ``loss.beta``.
        over, best
            Keys that are averaged over, or of which the best value is chosen, as `Results.compare`.
        where
            A choice of settings, by their keys.
        seeds
            Draw the values of the seeds, too.
        """
        comparison = self._results.compare(metric, over=over, best=best)
        if by not in comparison.keys:
            raise unknown_name("key of the settings", by, comparison.keys, self._results.path)
        table = _choose(comparison.table, where, comparison.keys)
        points = _choose(comparison.seeds, where, comparison.keys)
        ax = _axes(ax)
        place = _Scale(ax, by, table[by])
        others = [key for key in comparison.keys if key != by]
        if others:
            table = table.sort_values(others, kind="stable")
        lines = [(setting_name(others, values), line) for values, line in groups(table, others)]
        dots = {setting_name(others, values): group for values, group in groups(points, others)}
        colours = _colours([name for name, _ in lines])
        for number, (name, line) in enumerate(lines):
            line = line.iloc[np.argsort(place(line[by]), kind="stable")]
            value = line["value"].to_numpy()
            error = np.nan_to_num([value - line["low"], line["high"] - value])
            beside = _shifted(ax, 5 * (number - (len(lines) - 1) / 2))
            ax.errorbar(place(line[by]), value, error, color=colours[name], marker="o", capsize=4,
                        transform=beside)
            if seeds and not comparison.over and name in dots:
                ax.scatter(place(dots[name][by]), dots[name]["value"], s=12, alpha=0.6,
                           facecolors="none", edgecolors=colours[name], transform=beside)
        _legend(ax, colours)
        estimate = " or ".join(table["estimate"].unique())
        pooled = f" over {', '.join(comparison.over)}" if comparison.over else ""
        ax.set_ylabel(self._label(metric))
        ax.set_title(f"{self._results.name}: {estimate}{pooled}, 95% interval")
        return ax

    def heat_map(self, metric: str, x: str, y: str, *, over: Keys = (), best: Keys = (),
                 ax: Axes | None = None) -> Axes:
        """The mean of a metric by the values of two keys; a third one has to be in `over` or `best`.
        The parameters are those of `means`."""
        comparison = self._results.compare(metric, over=over, best=best)
        for key in (x, y):
            if key not in comparison.keys:
                raise unknown_name("key of the settings", key, comparison.keys, self._results.path)
        others = [key for key in comparison.keys if key not in (x, y)]
        if others:
            raise VariaError(f"{self._results.path}: the settings differ in {' and '.join(others)}, "
                             "which must be named: over=... averages, best=... chooses")
        table = comparison.table.pivot(index=y, columns=x, values="value")
        ax = _axes(ax)
        image = ax.imshow(table, origin="lower", aspect="auto")
        ax.set_xticks(range(table.shape[1]), [value_text(value) for value in table.columns])
        ax.set_yticks(range(table.shape[0]), [value_text(value) for value in table.index])
        for (row, column), value in np.ndenumerate(table.to_numpy()):
            red, green, blue, _ = image.to_rgba(value)
            is_light = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5
            ax.text(column, row, f"{value:.5g}", ha="center", va="center",
                    color="black" if is_light else "white")
        ax.figure.colorbar(image, ax=ax, label=self._label(metric))
        ax.set_xlabel(x)
        ax.set_ylabel(y)
        ax.set_title(f"{self._results.name}: means over seeds")
        return ax

    def scatter(self, x: str, y: str, *, where: Where | None = None,
                ax: Axes | None = None) -> Axes:
        """Two metrics at the last epoch: a point for each trial, a colour for each setting."""
        values = self._results.final(*dict.fromkeys((x, y)), where=where)
        names = self._trials.settings([self._trials.find(id) for id in values.index])
        ax = _axes(ax)
        colours = _colours(names)
        ax.scatter(values[x], values[y], color=[colours[name] for name in names])
        _legend(ax, colours)
        ax.set_xlabel(self._label(x))
        ax.set_ylabel(self._label(y))
        ax.set_title(f"{self._results.name}: all seeds")
        return ax

    def rate_distortion(self, split: str = "test", *, where: Where | None = None,
                        ax: Axes | None = None) -> Axes:
        """The KL divergence against the reconstruction error: a point for each trial."""
        ax = self.scatter(f"{split}/kl", f"{split}/reconstruction", where=where, ax=ax)
        ax.set_xlabel(f"rate: {ax.get_xlabel()}")
        ax.set_ylabel(f"distortion: {ax.get_ylabel()}")
        return ax

    def per_dimension(self, metric: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """A metric that has a value for each dimension, at the last epoch of one trial: bars.

        Parameters
        ----------
        metric
            Such as ``test/kl_per_dim_z``.
        trial
            Its id, the id's beginning, or its row.
        """
        values = self._results.curves(metric, trial)
        if values.ndim != 2:
            raise VariaError(f"{metric} has {values.ndim - 1} axes of its own; expected 1")
        ax = _axes(ax)
        ax.bar(np.arange(values.shape[1]), values.values[-1])
        _whole_numbers(ax)
        ax.set_xlabel(str(values.dims[1]))
        ax.set_ylabel(self._label(metric))
        ax.set_title(self._title(trial))
        return ax

    def picture(self, view: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """The last picture that a trial has of a view."""
        found = self._results.pictures(view, trial)
        if not found:
            raise VariaError(f"{self._results.path}: trial {trial} has no picture of '{view}'")
        image = found[-1].image
        if ax is None:
            size = (8, 8 * image.shape[0] / image.shape[1] + 0.5)
            ax = _pyplot().subplots(layout="constrained", figsize=size)[1]
        _show(ax, image)
        ax.set_title(f"{view}: {self._title(trial)}")
        return ax

    def pictures(self, view: str, by: str, *, where: Where | None = None,
                 replicate: int = 0) -> Figure:
        """The last picture of a view for each value of a key, below each other.

        Parameters
        ----------
        view
            Such as ``reconstructions``.
        by
            The key, such as ``loss.beta``.
        where
            The values of the other keys that are swept.
        replicate
            Of the trials.
        """
        rows = np.flatnonzero(self._trials.chosen({**(where or {}), "replicate": replicate}))
        column = self._trials.column(by)
        self._trials.refuse_pooling(rows, [by], "where={...} chooses one value")
        rows = rows[np.argsort(column.iloc[rows].to_numpy(), kind="stable")]
        pictures = [(row, found[-1]) for row in rows if (found := self._results.pictures(view, int(row)))]
        if not pictures:
            raise VariaError(f"{self._results.path}: no trial that is chosen has a picture of '{view}'")
        plt = _pyplot()
        height = sum(picture.image.shape[0] / picture.image.shape[1] for _, picture in pictures)
        figure, axes = plt.subplots(len(pictures), 1, squeeze=False, layout="constrained",
                                    figsize=(8, min(8 * height, 20) + 0.4 * len(pictures) + 0.4))
        for ax, (row, picture) in zip(axes[:, 0], pictures):
            _show(ax, picture.image)
            ax.set_title(f"{by}={value_text(column.iloc[row])}")
        chosen = [f"{key}={value_text(value)}" for key, value in (where or {}).items()]
        figure.suptitle(", ".join([f"{self._results.name}: {view}", *chosen, f"replicate {replicate}"]))
        return figure

    def points(self, view: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """The last scatter plot of a trial, coloured by label."""
        points = self._results.points(view, trial)
        ax = _axes(ax)
        labels = sorted(points["label"].unique())
        colours = _colours([str(label) for label in labels])
        for label in labels:
            group = points[points["label"] == label]
            ax.scatter(group["x"], group["y"], s=6, color=colours[str(label)], label=str(label))
        if labels != [-1]:  # there are labels
            _legend(ax, colours)
        if points.attrs["title"]:
            ax.set_xlabel(points.attrs["title"])
        ax.set_title(f"{view}: {self._title(trial)}")
        return ax

    def _label(self, metric: str) -> str:
        known = self._results.metrics
        units = str(known.loc[metric, "units"]) if metric in known.index else ""
        return f"{metric} [{units}]" if units else metric

    def _title(self, trial: str | int) -> str:
        row = self._trials.find(trial)
        every = self._trials.differing(range(len(self._trials.ids)))
        (name,) = self._trials.settings([row], every)
        replicate = f"replicate {self._trials.fields['replicate'].iloc[row]}"
        return ", ".join(part for part in (name, replicate) if part)


class _Scale:
    """Where the values of a key are along the x axis: numbers at their place, logarithmic if they
    spread widely; texts one after the other."""

    def __init__(self, ax: Axes, key: str, values: pd.Series) -> None:
        known = sorted(values.dropna().unique())
        self._is_number = all(isinstance(value, (int, float, np.number))
                              and not isinstance(value, (bool, np.bool_)) for value in known)
        self._places = {value: number for number, value in enumerate(known)}
        if self._is_number and len(known) > 2 and known[0] > 0 and known[-1] / known[0] >= 16:
            ax.set_xscale("log")
        ax.set_xticks(self(known), [value_text(value) for value in known], minor=False)
        ax.set_xticks([], minor=True)
        ax.set_xlabel(key)

    def __call__(self, values: Any) -> npt.NDArray[np.float64]:
        if self._is_number:
            return np.asarray(values, np.float64)
        return np.array([self._places.get(value, np.nan) for value in values], np.float64)


def _pyplot() -> Any:
    return optional_module("matplotlib.pyplot", "r.plot", "matplotlib")


def _axes(ax: Axes | None) -> Axes:
    return _pyplot().subplots(layout="constrained")[1] if ax is None else ax


def _whole_numbers(ax: Axes) -> None:
    ticker = optional_module("matplotlib.ticker", "r.plot", "matplotlib")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))


def _colours(names: Sequence[str]) -> dict[str, Any]:
    """A colour for each of some names, in their order."""
    known = list(dict.fromkeys(names))
    if len(known) <= 10:
        return {name: f"C{number}" for number, name in enumerate(known)}
    colours = _pyplot().get_cmap("viridis")(np.linspace(0, 1, len(known)))
    return dict(zip(known, colours))


def _shifted(ax: Axes, points: float) -> Any:
    """Data coordinates some points to the right, so that error bars do not lie on each other."""
    transforms = optional_module("matplotlib.transforms", "r.plot", "matplotlib")
    return transforms.offset_copy(ax.transData, fig=ax.figure, x=points, units="points")


def _legend(ax: Axes, colours: dict[str, Any]) -> None:
    """Names beside their colours; the first and the last ones if there are many."""
    if list(colours) == [""]:
        return
    names = list(colours)
    if len(names) > LEGEND_ENTRIES:
        half = LEGEND_ENTRIES // 2
        names = [*names[:half], *names[-half:]]
    lines = optional_module("matplotlib.lines", "r.plot", "matplotlib")
    entries = [lines.Line2D([], [], color=colours[name], marker="o", label=name or "all trials")
               for name in names]
    title = f"{len(names)} of {len(colours)} settings" if len(names) < len(colours) else None
    ax.legend(handles=entries, title=title, fontsize="small")


def _choose(table: pd.DataFrame, where: Where | None, keys: Sequence[str]) -> pd.DataFrame:
    for key, wanted in (where or {}).items():
        if key not in keys:
            raise unknown_name("key of the settings", key, keys)
        if key in table:
            table = table[table[key].isin(as_list(wanted))]
        if table.empty:
            raise VariaError(f"no setting has {key}={wanted}")
    return table


def _show(ax: Axes, image: npt.NDArray[np.uint8]) -> None:
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_axis_off()
