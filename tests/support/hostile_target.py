"""A file that is about to be changed, and what stands beside it."""
import os

import h5py
import numpy as np


class Neighbours:
    """What stands beside the file and must not be read: a text, HDF5 data, a pipe."""

    def __init__(self, folder, marker):
        self.secret = os.path.join(folder, "secret.txt")
        self.data = os.path.join(folder, "secret.h5")
        self.pipe = os.path.join(folder, "pipe")
        with open(self.secret, "w") as file:
            file.write((marker + "\n") * 200)
        values = np.frombuffer((marker * 200).encode(), "u1")
        with h5py.File(self.data, "w") as file:
            for name in ("secret", "secret0"):
                file[name] = values
            file["text"] = [marker] * 20
            file.attrs["format"] = marker
        os.mkfifo(self.pipe)

    def text(self, pattern):
        return pattern.replace("{secret}", self.secret).replace("{pipe}", self.pipe)


class Target:
    """The open file, and what is drawn by chance."""

    def __init__(self, file, chance, neighbours):
        self.file, self.chance, self.neighbours = file, chance, neighbours
        self.datasets, self.groups = [], ["/"]

        def visit(name, item):
            (self.datasets if isinstance(item, h5py.Dataset) else self.groups).append("/" + name)
        file.visititems(visit)

    def dataset(self, accepts=lambda item: True):
        known = [path for path in self.datasets if accepts(self.file[path])]
        return self.chance.choice(known or self.datasets)

    def any(self):
        return self.chance.choice(self.datasets + self.groups[1:])

    def pick(self, values):
        return self.chance.choice(values)

    def replace(self, path, make):
        """Puts what `make` creates in the place of a data set, whose attributes it gets."""
        attributes = {}
        if isinstance(self.file[path], h5py.Dataset):
            for name in self.file[path].attrs:
                try:
                    attributes[name] = self.file[path].attrs[name]
                except (OSError, TypeError):
                    continue
        del self.file[path]
        made = make(path)
        for name, value in attributes.items():
            try:
                self.file[path].attrs[name] = value
            except (IndexError, KeyError, OSError, TypeError):
                continue
        return made

    def shape(self, path):
        return self.file[path].shape or ()

    def low_level(self, path, type, shape, plan, most=None):
        """A data set of HDF5's own property list."""
        space = h5py.h5s.create_simple(shape, most) if shape else h5py.h5s.create(h5py.h5s.SCALAR)
        return h5py.h5d.create(self.file.id, path.encode(), type, space, plan)

    def type(self, path):
        return self.file[path].id.get_type()
