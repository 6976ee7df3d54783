"""Plots of views: pictures with their labels, scatter plots."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.drawing import axes, colours_of, legend, pyplot, size_cell_texts
from varia.errors import VariaError, optional_module
from varia.pictures import Picture
from varia.trials import Trials, Where, column_name, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from varia.results import Results


#: Names of columns of more letters in all stand upright.
LETTERS_ACROSS = 60
#: Names on tiles are cut to so many letters.
LETTERS_ON_TILE = 24


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
        self._trials.refuse_pooling(rows, [by], "`where` chooses one value")
        order = column.iloc[rows].reset_index(drop=True).sort_values(kind="stable", na_position="last")
        rows = rows[order.index]
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
            value = column.iloc[row]
            ax.set_title(f"without {by}" if pd.isna(value) else f"{by}={value_text(value)}")
            tables[value] = values_of(picture)
        chosen = [f"{key}={value_text(value)}" for key, value in (where or {}).items()]
        figure.suptitle(", ".join([f"{self._results.name}: {view}", *chosen, f"replicate {replicate}"]))
        name = column_name(by, next(iter(tables.values())))
        self.data = pd.concat(tables, names=[name]).reset_index(name)
        return figure

    def points(self, view: str, trial: str | int, *, ax: Axes | None = None) -> Axes:
        """The last scatter plot of a trial, coloured by label."""
        points = self._results.points(view, trial)
        ax = axes(ax)
        labels = sorted(points["label"].unique())
        names = {str(label): f"{label} {name}" for label, name in points.attrs["classes"].items()}
        colours = colours_of([str(label) for label in labels])
        for label in labels:
            group = points[points["label"] == label]
            ax.scatter(group["x"], group["y"], s=6, linewidths=0, color=colours[str(label)],
                       label=str(label), rasterized=len(points) > 5000)
        if labels != [-1]:  # there are labels
            legend(ax, {names.get(label, label): colour for label, colour in colours.items()},
                   line=False, beside=True)
        across, up = points.attrs["axes"]
        ax.set_xlabel(across or "x")
        ax.set_ylabel(up or "y")
        ax.set_title(f"{view}: {self._title(trial)}")
        self.data = points
        return ax

    def _title(self, trial: str | int) -> str:
        row = self._trials.find(trial)
        every = self._trials.differing(range(len(self._trials.ids)))
        (name,) = self._trials.settings([row], every)
        replicate = f"replicate {self._trials.fields['replicate'].iloc[row]}"
        return ", ".join(part for part in (name, replicate) if part)


def show(ax: Axes, picture: Picture) -> None:
    """Draws a picture with its labels, in pixels or on the axes of its plot."""
    labels = picture.labels
    height, width = picture.image.shape[:2]
    x, y = labels.get("x"), labels.get("y")
    across = (x["from"], x["to"]) if x else (0, width)
    up = (y["from"], y["to"]) if y else (height, 0)
    area = _heights(picture.image) if x and y and "colours" not in labels else None
    if x and y and "colours" in labels:
        _show_bands(ax, picture)
    elif area is not None:
        heights, colour = area
        ax.fill_between(_middles(picture)[0], up[0], up[0] + (up[1] - up[0]) / height * heights,
                        color=colour, linewidth=0)
        ax.set(xlim=across, ylim=up)
    else:
        ax.imshow(picture.image, cmap="gray", vmin=0, vmax=255, interpolation="nearest",
                  extent=(*across, *up), aspect="auto" if x or y else "equal")
    if x or y:
        square = abs((across[1] - across[0]) / (up[1] - up[0]))
        ax.set_aspect(square * height / width)
        ax.set_xlabel(x["name"] if x else "")
        ax.set_ylabel(y["name"] if y else "")
    else:
        _show_names(ax, labels.get("rows", []), labels.get("columns", []), height, width)
    _show_tile_names(ax, labels.get("tiles", []), height, width)
    if "colours" in labels:
        _show_colours(ax, **labels["colours"])


def _heights(image: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float64], Any] | None:
    """Of a picture of the area below a curve: how many pixels of each column it covers, and its colour.
    None if the picture is another: of several colours, or with white below something."""
    if image.ndim != 3:
        return None
    colour = image.reshape(-1, 3).min(axis=0).astype(float)
    if (colour == 255).any():
        return None
    covered = (255 - image) / (255 - colour)
    is_area = np.ptp(covered, axis=2).max() < 0.02 and np.diff(covered.mean(axis=2), axis=0).min() > -0.02
    return (covered.mean(axis=2).sum(axis=0), colour / 255) if is_area else None


def _show_bands(ax: Axes, picture: Picture) -> None:
    """A map of bands as areas with lines between them, and its black dots as dots: all of it stays sharp
    in any size."""
    bands, dots = _band_numbers(picture)
    count = len(picture.labels["colours"]["colours"])
    x, y = _middles(picture)
    # The areas reach the edges of the picture, beyond the middles of its outermost pixels.
    x[[0, -1]], y[[0, -1]] = [[axis["from"], axis["to"]]
                              for axis in (picture.labels["x"], picture.labels["y"])]
    field = _smooth(_filled(bands))[::-1]
    levels = np.arange(count + 1) - 0.5
    levels[[0, -1]] = -1, count
    ax.contourf(x, y, field, levels, colors=picture.labels["colours"]["colours"])
    ax.contour(x, y, field, levels[1:-1], colors="white", linewidths=0.4, linestyles="solid")
    rows, columns = np.nonzero(dots[::-1])
    ax.scatter(x[columns], y[rows], s=0.6, color="black", linewidths=0)


def _filled(bands: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Bands with each -1, a pixel of a line or of a dot, replaced by the mean of those beside it: a line
    lies half way between its bands."""
    field = np.where(bands < 0, np.nan, bands)
    while np.isnan(field).any():
        wide = np.pad(field, 1, constant_values=np.nan)
        beside = np.stack([wide[1:-1, 2:], wide[2:, 1:-1], wide[1:-1, :-2], wide[:-2, 1:-1]])
        known = (~np.isnan(beside)).sum(axis=0)
        mean = np.nansum(beside, axis=0) / np.maximum(known, 1)
        found = np.isnan(field) & (known > 0)
        if not found.any():
            return np.zeros_like(field)
        field[found] = mean[found]
    return field


def _smooth(field: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The mean of each place and those about it, by the weights 1 4 6 4 1 both ways: where steps of one
    are half way up stays, and no longer follows the pixels."""
    weights = np.array([1, 4, 6, 4, 1]) / 16
    for _ in range(2):
        wide = np.pad(field, ((0, 0), (2, 2)), mode="edge")
        width = field.shape[1]
        field = np.sum([weight * wide[:, i:i + width] for i, weight in enumerate(weights)], axis=0).T
    return field


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


def _show_tile_names(ax: Axes, tiles: list[list[str]], height: int, width: int) -> None:
    """A name in the upper left corner of each tile."""
    for row, names in enumerate(tiles):
        for column, name in enumerate(names):
            text = name if len(name) <= LETTERS_ON_TILE else name[:LETTERS_ON_TILE - 1] + "…"
            ax.text((column + 0.05) / len(names) * width, (row + 0.03) / len(tiles) * height, text,
                    horizontalalignment="left", verticalalignment="top")
    size_cell_texts(ax)


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
    bar.set_ticks([place - 0.5 for place in range(0, count + 1, step)],
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
    tiles = picture.labels.get("tiles")
    if tiles:
        row = np.minimum(table["y"] // max(picture.tile_height + picture.padding, 1), len(tiles) - 1)
        column = np.minimum(table["x"] // max(picture.tile_width + picture.padding, 1), len(tiles[0]) - 1)
        table.insert(0, "tile", np.array(tiles)[row, column])
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
    found = _band_numbers(picture)[0].ravel()
    edges = np.array([*picture.labels["colours"]["edges"], np.nan])
    x, y = _middles(picture)
    return pd.DataFrame({"x": np.tile(x, y.size), "y": np.repeat(y[::-1], x.size),
                         "from": edges[np.where(found < 0, -1, found)],
                         "to": edges[np.where(found < 0, -1, found + 1)]})


def _band_numbers(picture: Picture) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The band of each pixel, -1 for lines and dots; and which pixels are dots, which are black."""
    image = picture.image.astype(np.int64)
    codes = image[..., 0] << 16 | image[..., 1] << 8 | image[..., 2]
    bands = np.full(codes.shape, -1, np.int64)
    for band, colour in enumerate(picture.labels["colours"]["colours"]):
        bands[codes == int(colour[1:], 16)] = band
    return bands, (codes == 0) & (bands < 0)


def _middles(picture: Picture) -> list[npt.NDArray[np.float64]]:
    """Where the middles of columns are from the left on, and those of rows from below."""
    height, width = picture.image.shape[:2]
    return [axis["from"] + (axis["to"] - axis["from"]) * (np.arange(count) + 0.5) / count
            for axis, count in ((picture.labels["x"], width), (picture.labels["y"], height))]
