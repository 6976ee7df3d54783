"""The pictures and scatter plots of views, without padding; pictures are cut into tiles."""
from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.errors import VariaError
from varia.layout import ANY, ResultsFile

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
        sizes = (self.rows, self.columns, self.tile_height, self.tile_width)
        if min(sizes) < 1 or self.padding < 0 or self.image.shape[:2] != size:
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
    shape = file.shape(f"views/{view}")
    if len(shape) not in (4, 5) or shape[4:] not in ((), (3,)):
        raise file.damaged(f"views/{view}", f"its shape {list(shape)} is no view's")

    def of_frames(name: str, kind: str) -> npt.NDArray[Any]:
        return file.read(f"views/{view}_{name}", row, kind=kind, shape=(shape[1],))

    heights, widths = of_frames("height", "integer"), of_frames("width", "integer")
    epochs, titles = of_frames("frame_epoch", "integer"), of_frames("title", "text")
    labels: Any = [""] * len(titles)
    if file.has(f"views/{view}_labels"):
        labels = of_frames("labels", "text")
    layout = {name: _layout_value(file, view, name, row)
              for name in ("rows", "columns", "tile_height", "tile_width", "padding")}
    pictures = []
    for frame in np.flatnonzero(heights > 0):
        if heights[frame] > shape[2] or not 0 < widths[frame] <= shape[3]:
            raise file.damaged(f"views/{view}", f"it has no {heights[frame]} x {widths[frame]} pixels")
        at = (row, frame, slice(int(heights[frame])), slice(int(widths[frame])))
        pictures.append(Picture(view=view, trial=trial, epoch=int(epochs[frame]),
                                title=str(titles[frame]),
                                image=file.read(f"views/{view}", at, kind="integer", shape=shape[1:]),
                                labels=file.json(f"views/{view}_labels", labels[frame]), **layout))
    return pictures


def read_points(file: ResultsFile, view: str, row: int, trial: str) -> pd.DataFrame:
    """The last scatter plot that a trial has of a view: x, y, label; `attrs` has the names of its
    `classes` by their labels, and what goes across and up as `axes`."""
    counts = file.read(f"points/{view}_count", row, kind="integer", shape=(ANY,))
    frames = np.flatnonzero(counts >= 0)
    if not frames.size:
        raise VariaError(f"{file.path}: trial {trial} has no scatter plot '{view}'")
    frame, count = frames[-1], int(counts[frames[-1]])
    shape = (counts.size, *file.shape(f"points/{view}")[2:3])
    if count > shape[-1]:
        raise file.damaged(f"points/{view}", f"it has no {count} points")
    at = (row, frame, slice(count))
    table = pd.DataFrame(file.read(f"points/{view}", at, kind="number", shape=(*shape, 2)),
                         columns=["x", "y"])
    table["label"] = file.read(f"points/{view}_label", at, kind="integer", shape=shape)
    table.attrs["classes"] = {}
    if file.has(f"points/{view}_classes"):
        path = f"points/{view}_classes"
        classes = file.json(path, str(file.read(path, (row, frame), kind="text", shape=counts.shape)))
        try:
            table.attrs["classes"] = {int(label): str(name) for label, name in classes.items()}
        except ValueError as error:
            raise file.damaged(path, error) from error
    table.attrs["axes"] = ["", ""]
    if file.has(f"points/{view}_axes"):
        names = file.read(f"points/{view}_axes", (row, frame), kind="text", shape=(counts.size, 2))
        table.attrs["axes"] = [str(name) for name in names]
    return table


def _layout_value(file: ResultsFile, view: str, name: str, row: int) -> int:
    """What differs between trials has a data set, what does not is an attribute."""
    if file.has(f"views/{view}_{name}"):
        return int(file.read(f"views/{view}_{name}", row, kind="integer"))
    value: Any = file.attribute(name, f"views/{view}") or 0
    if not isinstance(value, (int, np.integer)):
        raise file.damaged(f"views/{view}", f"{name}: expected a whole number, found {value!r}")
    return int(value)
