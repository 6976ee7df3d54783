"""What the plots share: axes, colours, legends."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.errors import optional_module
from varia.trials import value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

#: A legend of more entries would hide the plot.
LEGEND_ENTRIES = 12

#: Colours that are told apart whatever one's colour vision is (Okabe & Ito 2008), the palest last.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]


#: The same for nine or ten, such as digits: the muted scheme of Tol 2021.
MORE_COLOURS = ["#332288", "#CC6677", "#DDCC77", "#117733", "#88CCEE", "#882255", "#44AA99", "#999933",
                "#AA4499", "#BBBBBB"]

#: How far lines that share a place stand apart, and how far the cap of an error bar reaches, in
#: points.
APART = 5
CAP = 4
#: How much of the gap between two places the lines beside each other take at most.
SHARE_OF_GAP = 0.6
#: The width of a letter and the height of a line of text, as parts of the size of the font.
LETTER = 0.65
LINE = 1.2


class Scale:
    """Where the values of a key are along the x axis: numbers at their place, logarithmic if they
    spread widely; texts one after the other."""

    def __init__(self, ax: Axes, key: str, values: pd.Series) -> None:
        known = sorted(values.dropna().unique())
        self._is_number = all(isinstance(value, (int, float, np.number))
                              and not isinstance(value, (bool, np.bool_)) for value in known)
        self._places = {value: number for number, value in enumerate(known)}
        if self._is_number and len(known) > 2 and known[0] > 0 and known[-1] / known[0] >= 16:
            ax.set_xscale("log")
        name_ticks(ax.xaxis, self(known), [value_text(value) for value in known])
        ax.set_xticks([], minor=True)
        ax.set_xlabel(key)

    def __call__(self, values: Any) -> npt.NDArray[np.float64]:
        if self._is_number:
            return np.asarray(values, np.float64)
        return np.array([self._places.get(value, np.nan) for value in values], np.float64)


def pyplot() -> Any:
    return optional_module("matplotlib.pyplot", "r.plot", "matplotlib")


def axes(ax: Axes | None, **options: Any) -> Axes:
    """The axes that were given, or those of a new figure."""
    return pyplot().subplots(layout="constrained", **options)[1] if ax is None else ax


def whole_numbers(ax: Axes) -> None:
    ticker = optional_module("matplotlib.ticker", "r.plot", "matplotlib")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))


def colours_of(names: Sequence[str]) -> dict[str, Any]:
    """A colour for each of some names, in their order."""
    known = list(dict.fromkeys(names))
    for colours in (COLOURS, MORE_COLOURS):
        if len(known) <= len(colours):
            return dict(zip(known, colours))
    return dict(zip(known, pyplot().get_cmap("viridis")(np.linspace(0, 1, len(known)))))


def name_ticks(axis: Axis, places: Sequence[float] | npt.NDArray[np.float64],
               names: Sequence[str]) -> None:
    """Gives an axis ticks with names at some places, in rising order. Whenever it is drawn, the
    names stand upright if they would overlap, and those that still would are left out."""
    optional_module("matplotlib.ticker", "r.plot", "matplotlib")
    from matplotlib.ticker import FixedLocator, FuncFormatter

    every: npt.NDArray[np.float64] = np.asarray(places, np.float64)

    class ApartLocator(FixedLocator):
        """The places whose names have room in the axes' size."""

        def __call__(self) -> npt.NDArray[np.float64]:
            size = axis.get_major_ticks(1)[0].label1.get_fontsize()
            along = _points_along(axis, every)
            kept = _apart(along, np.full(len(names), LINE * size))
            if axis.axis_name == "x":
                letters = np.array([len(name) + 1 for name in names])
                in_a_row = _apart(along, LETTER * size * letters)
                is_upright = len(in_a_row) < len(names)
                axis.set_tick_params(labelrotation=90 if is_upright else 0)
                kept = kept if is_upright else in_a_row
            return every[kept]

    axis.set_major_locator(ApartLocator(every))
    axis.set_major_formatter(FuncFormatter(
        lambda place, _: names[int(np.argmin(np.abs(every - place)))]))


def _points_along(axis: Axis, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where places of an axis are, in points."""
    ax = axis.axes
    column = 0 if axis.axis_name == "x" else 1
    coordinates = np.zeros((len(places), 2))
    coordinates[:, column] = places
    transform = ax.get_xaxis_transform() if column == 0 else ax.get_yaxis_transform()
    found: npt.NDArray[np.float64] = transform.transform(coordinates)[:, column]
    return found / ax.figure.dpi * 72


def _apart(along: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64]) -> list[int]:
    """Which of some texts to keep so that none overlaps the one before; the first one is kept.

    >>> _apart(np.array([0, 4, 10, 30]), np.array([8, 8, 8, 8]))
    [0, 2, 3]
    """
    kept: list[int] = []
    for number, (place, length) in enumerate(zip(along, lengths)):
        if not kept or abs(place - along[kept[-1]]) >= (length + lengths[kept[-1]]) / 2:
            kept.append(number)
    return kept


def size_cell_texts(ax: Axes) -> None:
    """Makes the longest text in the cells of a picture or a map as wide as a cell: called again if the
    size of the figure changes."""
    columns = len({text.get_position()[0] for text in ax.texts})
    letters = max((len(text.get_text()) for text in ax.texts), default=0)
    if letters:
        cell = ax.bbox.width / ax.figure.dpi * 72 / columns
        for text in ax.texts:
            text.set_fontsize(min(cell / (LETTER * letters), 8))


def side_by_side(ax: Axes, lines: Sequence[npt.NDArray[np.float64]]) -> list[Any]:
    """The coordinates that each line is drawn in. Lines that share places stand beside each other,
    others are where their data are. The margin of the x axis grows to hold them.

    Parameters
    ----------
    lines
        The places along the x axis of each line's points.
    """
    optional_module("matplotlib.transforms", "r.plot", "matplotlib")
    from matplotlib.transforms import Affine2DBase

    places = np.unique(np.concatenate(lines))

    class Shift(Affine2DBase):
        """To the right by a part of what the lines beside each other take in the axes' size."""

        def __init__(self, part: float, count: int) -> None:
            super().__init__()
            self._part, self._count = part, count

        def get_matrix(self) -> npt.NDArray[np.float64]:
            along = np.sort(_points_along(ax.xaxis, places))
            left, right = np.sort(_points_along(ax.xaxis, np.array(ax.get_xlim())))
            room = 2 * (min(along[0] - left, right - along[-1]) - CAP)
            gap = np.diff(along).min(initial=np.inf)
            width = max(min(APART * (self._count - 1), SHARE_OF_GAP * gap, room), 0)
            matrix = np.eye(3)
            matrix[0, 2] = self._part * width * ax.figure.dpi / 72
            return matrix

    found = [ax.transData] * len(lines)
    together = sharing(lines)
    for numbers in together:
        for place, number in enumerate(numbers if len(numbers) > 1 else []):
            found[number] = ax.transData + Shift(place / (len(numbers) - 1) - 0.5, len(numbers))
    if len(places) > 1:
        # Room for what stands beside the first and the last place; 0.05 is matplotlib's own margin.
        along = ax.xaxis.get_transform().transform(places)
        gap = np.diff(along).min() / (along[-1] - along[0])
        most = max(len(numbers) for numbers in together)
        ax.margins(x=max(0.05, min(0.02 * most, SHARE_OF_GAP / 2 * gap)))
    return found


def sharing(lines: Sequence[npt.NDArray[np.float64]]) -> list[list[int]]:
    """The numbers of the lines that share places with each other, also by way of others.

    >>> sharing([np.array([1, 2]), np.array([5]), np.array([2, 3]), np.array([3])])
    [[1], [0, 2, 3]]
    """
    found: list[tuple[set[float], list[int]]] = []
    for number, line in enumerate(lines):
        places, numbers = set(line.tolist()), [number]
        others = []
        for group in found:
            if group[0].isdisjoint(places):
                others.append(group)
            else:
                places, numbers = places | group[0], [*group[1], *numbers]
        found = [*others, (places, numbers)]
    return [sorted(numbers) for _, numbers in found]


def legend(ax: Axes, colours: dict[str, Any], marker: str = "o", line: bool = True,
           beside: bool = False) -> None:
    """Names beside their colours; the first and the last ones if there are many. `beside` the axes they
    cover nothing."""
    if list(colours) == [""]:
        return
    names = list(colours)
    if len(names) > LEGEND_ENTRIES:
        half = LEGEND_ENTRIES // 2
        names = [*names[:half], *names[-half:]]
    lines = optional_module("matplotlib.lines", "r.plot", "matplotlib")
    entries = [lines.Line2D([], [], color=colours[name], marker=marker, label=name or "all trials",
                            linestyle="-" if line else "") for name in names]
    title = f"{len(names)} of {len(colours)} settings" if len(names) < len(colours) else None
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1, 0.5)} if beside else {}
    ax.legend(handles=entries, title=title, fontsize="small", title_fontsize="small", **place)
