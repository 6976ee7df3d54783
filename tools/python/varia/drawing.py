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

#: A legend of more entries would hide the plot.
LEGEND_ENTRIES = 12

#: Colours that are told apart whatever one's colour vision is (Okabe & Ito 2008), the palest last.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]


#: The same for nine or ten, such as digits: the muted scheme of Tol 2021.
MORE_COLOURS = ["#332288", "#CC6677", "#DDCC77", "#117733", "#88CCEE", "#882255", "#44AA99", "#999933",
                "#AA4499", "#BBBBBB"]


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
        ax.set_xticks(self(known), [value_text(value) for value in known], minor=False)
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


def shifted(ax: Axes, points: float) -> Any:
    """Data coordinates some points to the right, so that error bars do not lie on each other."""
    transforms = optional_module("matplotlib.transforms", "r.plot", "matplotlib")
    return transforms.offset_copy(ax.transData, fig=ax.figure, x=points, units="points")


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
