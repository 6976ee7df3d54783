"""The merged file: opened, checked, read. `results/README.md` of Varia is the reference."""
from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from varia.checksum import is_intact
from varia.errors import VariaError, one_line, unknown_name

#: The newest version of the layout that this package reads.
LAYOUT_VERSION = 1

#: Bytes that one byte of a compressed data set unpacks to, at most: a little above what Deflate
#: reaches (1,032).
MOST_PACKED = 1100
#: What a trial does not have is not stored. Of values that take more bytes than these, most are stored.
MOST_ABSENT = 256 << 20

#: What a data set may have to hold: the kinds of values that are right, and what they are called.
KINDS = {"text": (("text",), "texts"), "integer": (("integer",), "whole numbers"),
         "number": (("integer", "number"), "numbers"),
         "value": (("text", "integer", "number"), "texts or numbers")}

#: What stands for the length of an axis that may have any, and at the end for any number of axes.
ANY, REST = -1, -2


class ResultsFile:
    """A merged file that is open for reading.

    A merge replaces the file by a new one. An open file stays the one that was opened.

    Parameters
    ----------
    path
        ``results/NAME.h5``.

    Raises
    ------
    VariaError
        There is no such file, it is another kind of file, it is damaged, or its layout is newer
        than this package.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        with one_line(self.path):
            if not self.path.is_file():
                what = "is a folder" if self.path.is_dir() else "there is no such file"
                raise VariaError(f"{self.path}: {what}; expected results/NAME.h5")
            intact = is_intact(self.path)
        if intact is False:
            raise VariaError(f"{self.path}: is damaged: its checksum is not that of its content. "
                             "varia merge makes it anew from the trial files")
        try:
            self._file = h5py.File(self.path, "r")
        except OSError as error:
            raise VariaError(f"{self.path}: is not a results file, or is damaged ({error})") from error
        try:
            self._check_version()
            #: How many trials and epochs the file has.
            self.trials = len(self._read("trials/id", (), "text", (ANY,)))
            self.epochs = len(self._read("epoch", (), "integer", (ANY,)))
        except (OSError, KeyError, RuntimeError) as error:
            self._file.close()
            raise VariaError(f"{self.path}: is damaged ({error})") from error
        except BaseException:
            self._file.close()
            raise

    def _check_version(self) -> None:
        found, version = self.attribute("format"), self.attribute("version") or 0
        if found == "varia-trial":
            raise VariaError(f"{self.path}: is the file of one trial. Open the merged file, "
                             "results/NAME.h5")
        if found != "varia-results" or not isinstance(version, (int, np.integer)) or version < 1:
            raise VariaError(f"{self.path}: is not a results file of Varia: format '{found}', "
                             f"version '{version}'; expected 'varia-results', 1")
        if version > LAYOUT_VERSION:
            raise VariaError(f"{self.path}: has version {version} of the layout, and this package "
                             f"reads versions up to {LAYOUT_VERSION}. Install the Python package "
                             "of the Varia that wrote it")

    def close(self) -> None:
        self._file.close()

    def attribute(self, name: str, path: str = "/") -> Any:
        """An attribute of the file or of a data set, a text or a number; `""` if it is not there."""
        item = self._open() if path == "/" else self._dataset(path)
        try:
            found = item.attrs.get(name, "")
        except (OSError, RuntimeError, TypeError, UnicodeDecodeError) as error:
            raise self.damaged(path, error) from error
        if not isinstance(found, (str, int, float, np.integer, np.floating)):
            raise self.damaged(path, f"its attribute {name} is no text and no number")
        return found

    def names(self, group: str) -> list[str]:
        """The data sets of a group in the order of the file, without those that only number an
        axis; empty if there is no such group."""
        item = self._find(group)
        if not isinstance(item, h5py.Group):
            return []
        return [name for name in item
                if isinstance(self._find(f"{group}/{name}"), h5py.Dataset)
                and not h5py.h5ds.is_scale(item[name].id)]

    def groups(self, group: str) -> list[str]:
        """The groups of a group; empty if there is no such group."""
        item = self._find(group)
        if not isinstance(item, h5py.Group):
            return []
        return [name for name in item if isinstance(self._find(f"{group}/{name}"), h5py.Group)]

    def read(self, path: str, at: Any = (), *, kind: str = "value",
             shape: Sequence[int] = ()) -> npt.NDArray[Any]:
        """The values of a data set; text as an array of `str`.

        Parameters
        ----------
        path
            Of the data set.
        at
            An index: what is read of it.
        kind
            What it must hold: a key of `KINDS`.
        shape
            The lengths of the axes that follow the one of the trials; `ANY` and `REST`.

        Raises
        ------
        VariaError
            It is not so, or its values were never written.
        """
        return self._read(path, at, kind, (self.trials, *shape))

    def epoch(self) -> npt.NDArray[Any]:
        """The numbers of the epochs, [epoch]."""
        return self._read("epoch", (), "integer", (self.epochs,))

    def json(self, path: str, text: str) -> dict[str, Any]:
        """The map that a text of a data set is as JSON; empty if the text is."""
        try:
            return dict(json.loads(text)) if text else {}
        except (TypeError, ValueError, RecursionError) as error:
            raise self.damaged(path, error) from error

    def shape(self, path: str) -> tuple[int, ...]:
        """The lengths of all axes of a data set."""
        return tuple(self._dataset(path).shape or ())

    def has(self, path: str) -> bool:
        return isinstance(self._find(path), h5py.Dataset)

    def axes(self, path: str) -> list[str]:
        """The names of the axes of a data set, as netCDF calls them."""
        names = []
        for number, axis in enumerate(self._dataset(path).dims):
            try:
                scales = [scale.name.rpartition("/")[2] for scale in axis.values()]
            except (OSError, RuntimeError) as error:
                raise self.damaged(path, error) from error
            names.append(scales[0] if scales else f"axis_{number}")
        return names

    def damaged(self, path: str, reason: object) -> VariaError:
        return VariaError(f"{self.path}: {path} is damaged ({reason})")

    def _read(self, path: str, at: Any, kind: str, shape: Sequence[int]) -> npt.NDArray[Any]:
        """As `read`, of a data set whose axes are all in `shape`."""
        dataset = self._dataset(path)
        try:
            self._require(path, dataset, kind, shape)
            text = h5py.check_string_dtype(dataset.dtype) is not None
            return np.asarray(dataset.asstr()[at] if text else dataset[at])
        except (OSError, RuntimeError, TypeError, UnicodeDecodeError) as error:
            raise self.damaged(path, error) from error

    def _require(self, path: str, dataset: h5py.Dataset, kind: str, shape: Sequence[int]) -> None:
        found = {"i": "integer", "u": "integer", "f": "number"}.get(dataset.dtype.kind, "")
        if h5py.check_string_dtype(dataset.dtype) is not None:
            found = "text"
        allowed, words = KINDS[kind]
        if found not in allowed:
            what = KINDS[found][1] if found else str(dataset.dtype)
            raise self.damaged(path, f"expected {words}, found {what}")
        sizes = dataset.shape or ()
        wanted = tuple(shape[:-1] if shape[-1] == REST else shape)
        of_these = sizes[:len(wanted)] if shape[-1] == REST else sizes
        if len(of_these) != len(wanted) or any(one not in (ANY, size) for one, size in
                                               zip(wanted, of_these)):
            axes = ["any" if one == ANY else "..." if one == REST else str(one) for one in shape]
            raise self.damaged(path, f"expected the shape [{', '.join(axes)}], found {list(sizes)}")
        # What was never written would be read as zeros.
        size, stored = math.prod(sizes) * dataset.dtype.itemsize, dataset.id.get_storage_size()
        most = max(stored * MOST_PACKED, MOST_ABSENT if stored else 0) if dataset.chunks else stored
        if size > most:
            raise self.damaged(path, "its values are missing")

    def _open(self) -> h5py.File:
        if not self._file:
            raise VariaError(f"{self.path}: was closed; open it again")
        return self._file

    def _dataset(self, path: str) -> h5py.Dataset:
        item = self._find(path)
        if not isinstance(item, h5py.Dataset):
            group, _, name = path.rpartition("/")
            raise unknown_name("data set", name, self.names(group), f"{self.path}: {group or '/'}")
        if item.external is not None or item.is_virtual:
            raise VariaError(f"{self.path}: {path} lies outside the file, where nothing is read")
        return item

    def _find(self, path: str) -> Any:
        """A group or a data set; None if it is not there. Links out of the file are not followed."""
        item: Any = self._open()
        for name in path.strip("/").split("/"):
            if not isinstance(item, h5py.Group):
                return None
            link = item.get(name, getlink=True)
            if link is None:
                return None
            if not isinstance(link, h5py.HardLink):
                raise VariaError(f"{self.path}: {path} is a link, which Varia does not write")
            try:
                item = item[name]
            except (KeyError, OSError, RuntimeError) as error:
                raise self.damaged(path, error) from error
        return item
