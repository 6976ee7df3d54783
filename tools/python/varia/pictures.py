"""The pictures and scatter plots of views, without padding; pictures are cut into tiles."""
from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.errors import VariaError
from varia.layout import ResultsFile

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """One picture of a view.

    Attributes
    ----------
    view, trial
        Where it is from: the name of the view, the id of the trial.
    epoch, title
        What it shows.
    image
        [y, x] if it is grey, [y, x, 3] if it is coloured.
    rows, columns, tile_height, tile_width, padding
        How the picture is laid out: tiles, with `padding` pixels around each.
    labels
        What stands beside it: the names of the `rows` and `columns` of tiles, and on it those of
        single `tiles`, a list for each row; of a plot the axes
        `x` and `y`, each ``{"from", "to", "name"}``, and `colours`, the bands of a map from the lowest
        values on, ``{"name", "colours", "edges"}``. What it does not have is missing.
    """

    view: str
    trial: str
    epoch: int
    title: str
    image: Pixels = field(repr=False)
    rows: int = 1
    columns: int = 1
    tile_height: int = 0
    tile_width: int = 0
    padding: int = 0
    labels: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def tiles(self) -> Pixels:
        """[row, column, y, x] or [row, column, y, x, 3]: the images that the picture is made of.

        Raises
        ------
        VariaError
            The picture is not laid out in tiles.
        """
        step_y, step_x = self.tile_height + self.padding, self.tile_width + self.padding
        size = (self.rows * step_y + self.padding, self.columns * step_x + self.padding)
        if min(self.tile_height, self.tile_width) < 1 or self.image.shape[:2] != size:
            raise VariaError(f"view '{self.view}' of trial {self.trial}: is not laid out in tiles")
        cut = self.image[self.padding:, self.padding:]
        shape = (self.rows, step_y, self.columns, step_x, *self.image.shape[2:])
        cut = cut.reshape(shape)[:, :self.tile_height, :, :self.tile_width]
        return np.ascontiguousarray(np.swapaxes(cut, 1, 2))

    def _repr_png_(self) -> bytes:
        return png(self.image)


def png(image: Pixels) -> bytes:
    """An image [y, x] or [y, x, 3] as a PNG file."""
    height, width = image.shape[:2]
    lines = np.ascontiguousarray(image, np.uint8).reshape(height, -1)
    # Each line begins with its filter: none.
    body = np.concatenate([np.zeros((height, 1), np.uint8), lines], axis=1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0 if image.ndim == 2 else 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body))
            + chunk(b"IEND", b""))


def read_pictures(file: ResultsFile, view: str, row: int, trial: str) -> list[Picture]:
    """The pictures that a trial has of a view, in the order of the epochs."""
    heights = file.read(f"views/{view}_height", row)
    widths = file.read(f"views/{view}_width", row)
    epochs = file.read(f"views/{view}_frame_epoch", row)
    titles = file.read(f"views/{view}_title", row)
    labels: Any = [""] * len(titles)
    if file.has(f"views/{view}_labels"):
        labels = file.read(f"views/{view}_labels", row)
    layout = {name: _layout_value(file, view, name, row)
              for name in ("rows", "columns", "tile_height", "tile_width", "padding")}
    pictures = []
    for frame in np.flatnonzero(heights > 0):
        at = (row, frame, slice(int(heights[frame])), slice(int(widths[frame])))
        pictures.append(Picture(view=view, trial=trial, epoch=int(epochs[frame]),
                                title=str(titles[frame]),
                                image=file.read(f"views/{view}", at),
                                labels=_json_of(file, f"views/{view}_labels", labels[frame]), **layout))
    return pictures


def _json_of(file: ResultsFile, place: str, text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text)) if text else {}
    except (TypeError, ValueError) as error:
        raise VariaError(f"{file.path}: {place} is damaged ({error})") from error


def read_points(file: ResultsFile, view: str, row: int, trial: str) -> pd.DataFrame:
    """The last scatter plot that a trial has of a view: x, y, label; `attrs` has the names of its
    `classes` by their labels, and what goes across and up as `axes`."""
    counts = file.read(f"points/{view}_count", row)
    frames = np.flatnonzero(counts >= 0)
    if not frames.size:
        raise VariaError(f"{file.path}: trial {trial} has no scatter plot '{view}'")
    at = (row, frames[-1], slice(int(counts[frames[-1]])))
    table = pd.DataFrame(file.read(f"points/{view}", at), columns=["x", "y"])
    table["label"] = file.read(f"points/{view}_label", at)
    table.attrs["classes"] = {}
    if file.has(f"points/{view}_classes"):
        classes = _json_of(file, f"points/{view}_classes",
                           str(file.read(f"points/{view}_classes", (row, frames[-1]))))
        table.attrs["classes"] = {int(label): str(name) for label, name in classes.items()}
    table.attrs["axes"] = ["", ""]
    if file.has(f"points/{view}_axes"):
        table.attrs["axes"] = [str(name) for name in file.read(f"points/{view}_axes", (row, frames[-1]))]
    return table


def _layout_value(file: ResultsFile, view: str, name: str, row: int) -> int:
    """What differs between trials has a data set, what does not is an attribute."""
    if file.has(f"views/{view}_{name}"):
        return int(file.read(f"views/{view}_{name}", row))
    value: Any = file.attribute(name, f"views/{view}")
    return int(value) if value != "" else 0
