"""Plots of views: pictures with their labels, scatter plots."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.drawing import axes, colours_of, legend, pyplot
from varia.errors import VariaError, optional_module
from varia.pictures import Picture
from varia.trials import Trials, Where, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from varia.results import Results


#: Names of columns of more letters in all stand upright.
LETTERS_ACROSS = 60


class PicturePlots:
    """The part of `Plots` that draws views."""

    data: pd.DataFrame
    _results: Results
    _trials: Trials

    def picture(self, view: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """The last picture that a trial has of a view, with its labels: names of rows and columns,
        axes and the colours of a plot.

        `data` has a line for each pixel, and for a plot of bands of colours where it is and the
        band's edges.
        """
        found = self._results.pictures(view, trial)
        if not found:
            raise VariaError(f"{self._results.path}: trial {trial} has no picture of '{view}'")
        picture = found[-1]
        height, width = picture.image.shape[:2]
        ax = axes(ax, figsize=(8, 8 * height / width + 0.5)) if ax is None else ax
        show(ax, picture)
        ax.set_title(f"{view}: {self._title(trial)}")
        self.data = values_of(picture)
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
        height = sum(picture.image.shape[0] / picture.image.shape[1] for _, picture in pictures)
        figure, below = pyplot().subplots(
            len(pictures), 1, squeeze=False, layout="constrained",
            figsize=(8, min(8 * height, 20) + 0.4 * len(pictures) + 0.4))
        tables = {}
        for ax, (row, picture) in zip(below[:, 0], pictures):
            show(ax, picture)
            ax.set_title(f"{by}={value_text(column.iloc[row])}")
            tables[column.iloc[row]] = values_of(picture)
        chosen = [f"{key}={value_text(value)}" for key, value in (where or {}).items()]
        figure.suptitle(", ".join([f"{self._results.name}: {view}", *chosen, f"replicate {replicate}"]))
        self.data = pd.concat(tables, names=[by]).reset_index(by)
        return figure

    def points(self, view: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """The last scatter plot of a trial, coloured by label."""
        points = self._results.points(view, trial)
        ax = axes(ax)
        labels = sorted(points["label"].unique())
        names = class_names(points.attrs["title"])
        colours = colours_of([str(label) for label in labels])
        for label in labels:
            group = points[points["label"] == label]
            ax.scatter(group["x"], group["y"], s=6, linewidths=0, color=colours[str(label)],
                       label=str(label), rasterized=len(points) > 5000)
        if labels != [-1]:  # there are labels
            legend(ax, {names.get(label, label): colour for label, colour in colours.items()},
                   line=False)
        ax.set_xlabel("x")
        ax.set_ylabel("y")
        ax.set_title(f"{view}: {self._title(trial)}")
        self.data = points
        return ax

    def _title(self, trial: str | int) -> str:
        row = self._trials.find(trial)
        every = self._trials.differing(range(len(self._trials.ids)))
        (name,) = self._trials.settings([row], every)
        replicate = f"replicate {self._trials.fields['replicate'].iloc[row]}"
        return ", ".join(part for part in (name, replicate) if part)


def class_names(title: str) -> dict[str, str]:
    """The names of classes in the title of a scatter plot.

    >>> class_names("0 cat, 12 dog")
    {'0': '0 cat', '12': '12 dog'}
    """
    return {name.split(" ")[0]: name for name in title.split(", ") if name}


def show(ax: Axes, picture: Picture) -> None:
    """Draws a picture with its labels, in pixels or on the axes of its plot."""
    labels = picture.labels
    height, width = picture.image.shape[:2]
    x, y = labels.get("x"), labels.get("y")
    across = (x["from"], x["to"]) if x else (0, width)
    up = (y["from"], y["to"]) if y else (height, 0)
    ax.imshow(picture.image, cmap="gray", vmin=0, vmax=255, interpolation="nearest",
              extent=(*across, *up), aspect="auto" if x or y else "equal")
    if x or y:
        square = abs((across[1] - across[0]) / (up[1] - up[0]))
        ax.set_aspect(square * height / width)
        ax.set_xlabel(x["name"] if x else "")
        ax.set_ylabel(y["name"] if y else "")
    else:
        _show_names(ax, labels.get("rows", []), labels.get("columns", []), height, width)
    if "colours" in labels:
        _show_colours(ax, **labels["colours"])


def _show_names(ax: Axes, rows: list[str], columns: list[str], height: int, width: int) -> None:
    ax.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    ax.set_yticks([(i + 0.5) / len(rows) * height for i in range(len(rows))], rows)
    ax.set_xticks([(i + 0.5) / len(columns) * width for i in range(len(columns))], columns)
    widest = max((len(name) for name in columns[1:]), default=0)
    if widest * len(columns) > LETTERS_ACROSS:
        for label in ax.get_xticklabels():
            label.set(rotation=90)
    elif columns and len(columns[0]) > widest:
        # Over the names of the rows, and not over the next column.
        ax.get_xticklabels()[0].set(horizontalalignment="right")
    for spine in ax.spines.values():
        spine.set_visible(False)


def _show_colours(ax: Axes, name: str, colours: list[str], edges: list[float]) -> None:
    """A bar of the colours of bands, all equally high."""
    optional_module("matplotlib.colors", "r.plot", "matplotlib")
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, NoNorm

    count = len(colours)
    bar = ax.figure.colorbar(ScalarMappable(NoNorm(0, count - 1), ListedColormap(colours)), ax=ax,
                             label=name, boundaries=np.arange(count + 1) - 0.5,
                             values=np.arange(count))
    step = -(-count // 10)
    bar.set_ticks(np.arange(0, count + 1, step) - 0.5,
                  labels=[f"{edge:.4g}" for edge in edges[::step]])
    bar.ax.minorticks_off()


def values_of(picture: Picture) -> pd.DataFrame:
    """What a picture shows as numbers, a line for each pixel."""
    if picture.labels.get("colours") and picture.labels.get("x") and picture.labels.get("y"):
        return _bands_of(picture)
    table = _pixels(picture.image)
    for axis, step, names in (("x", picture.tile_width + picture.padding, "columns"),
                              ("y", picture.tile_height + picture.padding, "rows")):
        texts = picture.labels.get(names)
        if texts:
            places = np.minimum(table[axis].to_numpy() // max(step, 1), len(texts) - 1)
            table.insert(0, names[:-1], np.array(texts)[places])
    return table


def _pixels(image: npt.NDArray[np.uint8]) -> pd.DataFrame:
    y, x = np.indices(image.shape[:2])
    if image.ndim == 2:
        channels: dict[str, Any] = {"value": image.ravel()}
    else:
        channels = dict(zip(("red", "green", "blue"), image.reshape(-1, 3).T))
    return pd.DataFrame({"y": y.ravel(), "x": x.ravel(), **channels})


def _bands_of(picture: Picture) -> pd.DataFrame:
    """The middle of each pixel and the edges of its band; none for lines and dots."""
    bar, height, width = picture.labels["colours"], *picture.image.shape[:2]
    image = picture.image.astype(int)
    codes = (image[..., 0] << 16 | image[..., 1] << 8 | image[..., 2]).ravel()
    bands = {int(colour[1:], 16): band for band, colour in enumerate(bar["colours"])}
    found = np.array([bands.get(code, -1) for code in codes])
    edges = np.array([*bar["edges"], np.nan])

    def middles(axis: dict[str, Any], count: int) -> npt.NDArray[np.float64]:
        places: npt.NDArray[np.float64] = (np.arange(count) + 0.5) / count
        return axis["from"] + (axis["to"] - axis["from"]) * places

    x = middles(picture.labels["x"], width)
    y = middles(picture.labels["y"], height)[::-1]
    return pd.DataFrame({"x": np.tile(x, height), "y": np.repeat(y, width),
                         "from": edges[np.where(found < 0, -1, found)],
                         "to": edges[np.where(found < 0, -1, found + 1)]})
