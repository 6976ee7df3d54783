"""The merged file: opened, checked, read. `results/README.md` of Varia is the reference."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from varia.checksum import is_intact
from varia.errors import VariaError, one_line, unknown_name

#: The newest version of the layout that this package reads.
LAYOUT_VERSION = 1


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
        except (OSError, KeyError, RuntimeError) as error:
            self._file.close()
            raise VariaError(f"{self.path}: is damaged ({error})") from error
        except BaseException:
            self._file.close()
            raise

    def _check_version(self) -> None:
        found = self._file.attrs.get("format", "")
        if found == "varia-trial":
            raise VariaError(f"{self.path}: is the file of one trial. Open the merged file, "
                             "results/NAME.h5")
        version = self._file.attrs.get("version", 0)
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
        """An attribute of the file or of a data set; `""` if it is not there."""
        item = self._open() if path == "/" else self._dataset(path)
        try:
            return item.attrs.get(name, "")
        except (OSError, RuntimeError, UnicodeDecodeError) as error:
            raise self._damage(path, error) from error

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

    def read(self, path: str, at: Any = ()) -> npt.NDArray[Any]:
        """The values of a data set; text as an array of `str`.

        Parameters
        ----------
        path
            Of the data set.
        at
            An index: what is read of it.
        """
        dataset = self._dataset(path)
        try:
            text = h5py.check_string_dtype(dataset.dtype) is not None
            return np.asarray(dataset.asstr()[at] if text else dataset[at])
        except (OSError, UnicodeDecodeError) as error:
            raise self._damage(path, error) from error

    def has(self, path: str) -> bool:
        return isinstance(self._find(path), h5py.Dataset)

    def axes(self, path: str) -> list[str]:
        """The names of the axes of a data set, as netCDF calls them."""
        names = []
        for number, axis in enumerate(self._dataset(path).dims):
            scales = [scale.name.rpartition("/")[2] for scale in axis.values()]
            names.append(scales[0] if scales else f"axis_{number}")
        return names

    def _damage(self, path: str, error: Exception) -> VariaError:
        return VariaError(f"{self.path}: {path} is damaged ({error})")

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
                raise self._damage(path, error) from error
        return item
