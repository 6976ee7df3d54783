"""The figures of a report, by matplotlib."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.drawing import (CAP, COLOURS, Scale, axes, colours_of, legend, name_ticks, side_by_side,
                           size_cell_texts, whole_numbers)
from varia.errors import VariaError, unknown_name
from varia.picture_plots import PicturePlots
from varia.trials import Keys, Trials, Where, groups, matching, setting_name, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from varia.results import Results

#: What is measured per sample, in nats; the recorded KL divergences of blocks, too.
PER_SAMPLE = ("loss", "elbo", "reconstruction", "kl", "nll")


class Plots(PicturePlots):
    """Plots of a results file: ``r.plot``.

    Each takes `ax`, the axes to draw on, and returns them; without `ax` it makes a figure. None
    takes trials of several settings together, unless their keys are named.

    Attributes
    ----------
    data
        The numbers of what was drawn last.
    """

    def __init__(self, results: Results, trials: Trials) -> None:
        self._results = results
        self._trials = trials
        self.data = pd.DataFrame()

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
        self._require_trials(curves.trial.values)
        ax = axes(ax)
        rows = [self._trials.find(id) for id in curves.trial.values]
        names = self._trials.settings(rows)
        colours = colours_of(names)
        for name, values in zip(names, curves.values):
            known = ~np.isnan(values)
            ax.plot(curves.epoch.values[known], values[known], color=colours[name], linewidth=1,
                    marker="." if known.sum() < 20 else "")
        legend(ax, colours, marker="")
        ax.set_xlabel("epoch")
        whole_numbers(ax)
        ax.set_ylabel(self._label(metric))
        ax.set_title(f"{self._results.name}: all seeds")
        self.data = self._beside_settings(pd.concat(
            [pd.DataFrame({"epoch": curves.epoch.values, metric: values}, index=[id] * curves.epoch.size)
             for id, values in zip(curves.trial.values, curves.values)]).dropna())
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
            The key along the axis, such as ``loss.beta``. Settings without it are left out, as the axis
            then says.
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
        chosen = _choose(comparison.table, where, comparison.keys)
        table = _having(chosen, [by])
        points = comparison.seeds[comparison.seeds[by].isin(table[by])]
        ax = axes(ax)
        place = Scale(ax, by, table[by])
        ax.set_xlabel(_axis_text(chosen, by))
        others = [key for key in comparison.keys if key != by]
        if others:
            table = table.sort_values(others, kind="stable")
        lines = [(setting_name(others, values), line) for values, line in groups(table, others)]
        dots = {setting_name(others, values): group for values, group in groups(points, others)}
        colours = colours_of([name for name, _ in lines])
        beside = side_by_side(ax, [place(line[by]) for _, line in lines])
        for coordinates, (name, line) in zip(beside, lines):
            line = line.iloc[np.argsort(place(line[by]), kind="stable")]
            # One seed has no interval: NaN, of which no bar is drawn.
            error = None
            if line["low"].notna().any():
                error = _reach(line)
            drawn = ax.errorbar(place(line[by]), line["value"], error, color=colours[name],
                                marker="o", capsize=CAP)
            # Later than drawn, so that the limits of the axes are those of the data.
            for artist in drawn.get_children():
                artist.set_transform(coordinates)
            if seeds and not comparison.over and name in dots:
                circles = ax.scatter(place(dots[name][by]), dots[name]["value"], s=12, alpha=0.6,
                                     facecolors="none", edgecolors=colours[name])
                circles.set_offset_transform(coordinates)
        ax.autoscale_view()
        legend(ax, colours)
        estimate = " or ".join(table["estimate"].unique())
        pooled = f" over {', '.join(comparison.over)}" if comparison.over else ""
        ax.set_ylabel(self._label(metric))
        ax.set_title(f"{self._results.name}: {estimate}{pooled}, 95% interval")
        self.data = table
        return ax

    def bars(self, metric: str, *, over: Keys = (), best: Keys = (), where: Where | None = None,
             ax: Axes | None = None) -> Axes:
        """The mean of a metric for each setting with its 95% interval, the best one above. The
        parameters are those of `means`."""
        comparison = self._results.compare(metric, over=over, best=best)
        table = _choose(comparison.table, where, comparison.keys)
        names = [setting_name(comparison.keys, [row[key] for key in comparison.keys]) or "all trials"
                 for _, row in table.iterrows()]
        places = np.arange(len(names))
        ax = axes(ax, figsize=(6.4, 1.2 + 0.4 * len(names)))
        ax.barh(places, table["value"], color=COLOURS[5])
        # One seed has no interval.
        several = table["low"].notna().to_numpy()
        known = table[several]
        ax.errorbar(known["value"], places[several], fmt="none", ecolor="black", capsize=3,
                    xerr=_reach(known))
        ax.set_yticks(places, names)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlabel(self._label(metric))
        ax.set_title(f"{self._results.name}: {' or '.join(table['estimate'].unique())}, 95% interval")
        self.data = table
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
                             "which must be named: `over` averages, `best` chooses")
        kept = _having(comparison.table, [x, y])
        table = kept.pivot(index=y, columns=x, values="value")
        ax = axes(ax)
        image = ax.imshow(table, origin="lower", aspect="auto")
        for axis, values in ((ax.xaxis, table.columns), (ax.yaxis, table.index)):
            name_ticks(axis, range(len(values)), [value_text(value) for value in values])
        for (row, column), value in np.ndenumerate(table.to_numpy(np.float64)):
            if not np.isfinite(value):
                continue
            red, green, blue, _ = image.to_rgba(value)
            is_light = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5
            ax.text(column, row, f"{value:.5g}", ha="center", va="center",
                    color="black" if is_light else "white")
        size_cell_texts(ax)
        ax.figure.colorbar(image, ax=ax, label=self._label(metric))
        ax.set_xlabel(_axis_text(comparison.table, x))
        ax.set_ylabel(_axis_text(comparison.table, y))
        ax.set_title(f"{self._results.name}: means over seeds")
        self.data = kept
        return ax

    def scatter(self, x: str, y: str, *, where: Where | None = None,
                ax: Axes | None = None) -> Axes:
        """Two metrics at the last epoch: a point for each trial, a colour for each setting."""
        values = self._results.final(*dict.fromkeys((x, y)), where=where)
        self._require_trials(values.index)
        names = self._trials.settings([self._trials.find(id) for id in values.index])
        ax = axes(ax)
        colours = colours_of(names)
        ax.scatter(values[x], values[y], color=[colours[name] for name in names])
        legend(ax, colours, line=False)
        ax.set_xlabel(self._label(x))
        ax.set_ylabel(self._label(y))
        ax.set_title(f"{self._results.name}: all seeds")
        self.data = values.rename_axis("trial").reset_index()
        return ax

    def rate_distortion(self, split: str | None = None, *, where: Where | None = None,
                        ax: Axes | None = None) -> Axes:
        """The KL divergence against the reconstruction error: a point for each trial.

        Parameters
        ----------
        split
            By default the test split, or the validation split, or the training split if there is no
            other.
        where
            A choice of trials, as `Results.final`.
        """
        if split is None:
            there = [one for one in ("test", "validation", "train")
                     if f"{one}/kl" in self._results.metrics.index]
            split = there[0] if there else "test"
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
        if np.isnan(values.values).all():
            raise VariaError(f"{self._results.path}: trial {values.trial.item()} has no values of {metric}")
        ax = axes(ax)
        ax.bar(np.arange(values.shape[1]), values.values[-1], color=COLOURS[0])
        whole_numbers(ax)
        ax.set_xlabel(str(values.dims[1]))
        ax.set_ylabel(self._label(metric))
        ax.set_title(self._title(trial))
        self.data = pd.DataFrame({"trial": str(values.trial.values), values.dims[1]:
                                  np.arange(values.shape[1]), metric: values.values[-1]})
        return ax

    def _require_trials(self, trials: Sequence[Any]) -> None:
        if len(trials) == 0:
            raise VariaError(f"{self._results.path}: no trial that is chosen is done")

    def _label(self, metric: str) -> str:
        known = self._results.metrics
        units = str(known.loc[metric, "units"]) if metric in known.index else ""
        name = metric.rpartition("/")[2]
        if units == "nats" and (name in PER_SAMPLE or name.startswith("kl_")):
            units = "nats per sample"
        return f"{metric} [{units}]" if units else metric

    def _beside_settings(self, values: pd.DataFrame) -> pd.DataFrame:
        """Values whose index has ids of trials, beside what is swept and the replicate."""
        settings = self._trials.beside_settings("replicate")
        return settings.join(values, how="right").rename_axis("trial").reset_index()


def _choose(table: pd.DataFrame, where: Where | None, keys: Sequence[str]) -> pd.DataFrame:
    where = where or {}
    chosen = np.ones(len(table), bool)
    for key, wanted in where.items():
        if key not in keys:
            raise unknown_name("key of the settings", key, keys)
        if key in table and len(table):
            chosen &= matching(table[key], wanted, "no setting")
    if where and not chosen.any():
        raise VariaError("no setting has " + ", ".join(f"{key}={one!r}" for key, one in where.items()))
    return table[chosen]


def _reach(table: pd.DataFrame) -> list[pd.Series]:
    """How far intervals reach below and above their values. Where all seeds agree, an end may lie on the
    other side by a rounding error, which matplotlib refuses."""
    return [(table["value"] - table["low"]).clip(lower=0), (table["high"] - table["value"]).clip(lower=0)]


def _having(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The settings that have some keys."""
    kept = table.dropna(subset=list(keys)).infer_objects()
    if kept.empty:
        raise VariaError(f"no setting that is chosen has {' and '.join(keys)}")
    return kept


def _axis_text(table: pd.DataFrame, key: str) -> str:
    """The name of a key, and how many settings have no place on its axis."""
    without = int(table[key].isna().sum())
    noun = "setting" if without == 1 else "settings"
    return f"{key} (left out: {without} {noun} without it)" if without else key
