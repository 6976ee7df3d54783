"""Files that NumPy and h5py write, loaded by the data sets `numpy` and `hdf5`, are what these read:
arrays_test.py LOAD_ARRAYS, the program of load_arrays.cpp."""
import io
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import warnings

import h5py
import numpy as np

PROGRAM = sys.argv.pop(1)
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from hostile_changes import change  # noqa: E402
from hostile_target import Neighbours  # noqa: E402

HDF5_FILES = int(os.environ.get("VARIA_STRUCTURED", "100"))
PATIENCE = 60  # seconds
INTEGERS = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")
FLOATS = ("f2", "f4", "f8")
ORDERS = ("<", ">")


def numbers(dtype, shape, seed=0):
    """Any numbers of a type, its extremes among them."""
    random = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return random.integers(0, 2, shape).astype(kind)
    if kind.kind == "f":
        values = random.normal(0, 100, shape).astype(kind)
        values.flat[0], values.flat[1] = np.finfo("f2").max, np.finfo(kind).tiny
        return values
    limits = np.iinfo(kind)
    values = random.integers(limits.min, limits.max, shape, dtype=kind.newbyteorder("="),
                             endpoint=True).astype(kind)
    values.flat[0], values.flat[1] = limits.min, limits.max
    return values


class Loaded:
    def __init__(self, likelihood, values, labels):
        self.likelihood, self.values, self.labels = likelihood, values, labels


class Arrays(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="varia_arrays_")
        self.addCleanup(shutil.rmtree, self.folder)
        self.program = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.end)

    def end(self):
        self.program.stdin.close()
        self.assertEqual(self.program.wait(timeout=60), 0)
        self.program.stdout.close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def load(self, dataset, **given):
        """What the program loads, or its message."""
        line = " ".join([dataset, *(f"{key}={value}" for key, value in given.items())])
        self.program.stdin.write((line + "\n").encode())
        self.program.stdin.flush()
        self.assertTrue(select.select([self.program.stdout], [], [], PATIENCE)[0], f"no answer: {line}")
        first, _, rest = self.program.stdout.readline().decode(errors="replace").rstrip("\n").partition(" ")
        if first == "error":
            return rest
        self.assertIn(first, ("bernoulli", "gaussian"), rest)
        sizes, labels = rest.split(" ")
        shape = [int(size) for size in sizes.split(",")]
        read = self.program.stdout.read
        values = np.frombuffer(read(4 * int(np.prod(shape))), np.float32).reshape(shape)
        return Loaded(first, values, np.frombuffer(read(8 * int(labels)), np.int64))

    def assert_loads(self, expected, dataset, **given):
        loaded = self.load(dataset, **given)
        self.assertIsInstance(loaded, Loaded, f"{given}: {loaded}")
        np.testing.assert_array_equal(loaded.values, expected.astype(np.float32), str(given))
        return loaded

    def test_every_type_and_order_of_numpy(self):
        files = self.path("x.npy"), self.path("stored.npz"), self.path("packed.npz")
        for dtype in ("?", *(order + name for name in INTEGERS + FLOATS for order in ORDERS)):
            for arranged in (np.ascontiguousarray, np.asfortranarray):
                array = arranged(numbers(dtype, (7, 5, 3)))
                np.save(files[0], array)
                np.savez(files[1], array)
                np.savez_compressed(files[2], some=array)
                for file in files:
                    self.assert_loads(array.reshape(7, 15), "numpy", file=file, domain="real",
                                      layout="ND")

    def test_every_version_of_the_npy_format(self):
        array = numbers("<f4", (7, 5))
        for version in ((1, 0), (2, 0), (3, 0)):
            with open(self.path("x.npy"), "wb") as file, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                np.lib.format.write_array(file, array, version=version)
            loaded = self.assert_loads(array, "numpy", file=self.path("x.npy"))
            self.assertEqual(loaded.likelihood, "gaussian")

    def test_every_type_and_order_of_hdf5(self):
        for dtype in ("?", *(order + name for name in INTEGERS + FLOATS for order in ORDERS)):
            array = numbers(dtype, (7, 5, 3))
            for options in ({}, {"chunks": (2, 5, 1), "compression": "gzip", "shuffle": True}):
                with h5py.File(self.path("x.h5"), "w") as file:
                    file.create_dataset("images", data=array, **options)
                self.assert_loads(array.reshape(7, 15), "hdf5", file=self.path("x.h5"),
                                  domain="real", layout="ND")

    def test_pictures_in_the_unit_interval(self):
        pictures = numbers("u1", (7, 6, 5, 3))
        shown = pictures.transpose(0, 3, 1, 2) / np.float32(255)
        wide = pictures.astype(">u2") * 257
        labels = np.arange(7, dtype="u1") % 3
        np.savez(self.path("a.npz"), pictures=pictures, wide=wide, y=labels)
        with h5py.File(self.path("a.h5"), "w") as file:
            file["pictures"], file["wide"], file["y"] = pictures, wide, labels
        for dataset, file in (("numpy", "a.npz"), ("hdf5", "a.h5")):
            found = self.assert_loads(shown, dataset, file=self.path(file), images="pictures",
                                      labels="y")
            self.assertEqual(found.likelihood, "bernoulli")
            np.testing.assert_array_equal(found.labels, labels)
            scaled = (wide.transpose(0, 3, 1, 2) / 65535).astype(np.float32)
            self.assert_loads(scaled, dataset, file=self.path(file), images="wide",
                              range="[0,65535]")
            self.assertIn("expected numbers from 0 to 1",
                          self.load(dataset, file=self.path(file), images="wide"))

    def test_scale_and_offset_as_netcdf_has_them(self):
        packed = numbers("<i2", (7, 5))
        np.save(self.path("x.npy"), packed)
        with h5py.File(self.path("x.h5"), "w") as file:
            file["images"] = packed
        for dataset in ("numpy", "hdf5"):
            file = self.path("x.npy" if dataset == "numpy" else "x.h5")
            self.assert_loads(packed * 0.001 + 273.15, dataset, file=file, scale=0.001, offset=273.15)
            self.assert_loads(packed * -2.0, dataset, file=file, scale=-2)
            self.assertIn("'scale' and 'offset' make",
                          self.load(dataset, file=file, scale=2, domain="unit"))

    def test_what_is_not_numbers_is_refused(self):
        for array, expected in (
                (np.array([[{}]], dtype=object), "holds Python's objects"),
                (np.array([["a"]]), "holds texts"),
                (np.zeros((2, 2), complex), "holds complex numbers"),
                (np.zeros(2, [("a", "f4"), ("b", "i4")]), "holds records of several fields"),
                (np.zeros((2, 2), "M8[s]"), "holds values of another type ('<M8[s]')"),
                (np.zeros((2, 2), "g"), "holds values of another type ('<f16')")):
            np.save(self.path("x.npy"), array)
            self.assertIn(expected, self.load("numpy", file=self.path("x.npy")))

    def test_a_changed_npy_file_gives_what_numpy_reads_or_an_error(self):
        random = np.random.default_rng(5)
        buffer = io.BytesIO()
        np.save(buffer, numbers("<f4", (6, 5)))
        whole = bytearray(buffer.getvalue())
        refused = 0
        for i in range(400):
            changed = whole.copy()
            for _ in range(random.integers(1, 4)):
                # Mostly the text of the header, from which everything follows.
                place = random.integers(0, 72 if i % 4 else len(whole))
                changed[place] = random.integers(0, 256) if i % 2 else ord("<>0123456789,()' "[
                    random.integers(0, 17)])
            if i % 10 == 0:
                del changed[random.integers(0, len(whole)):]
            with open(self.path("x.npy"), "wb") as file:
                file.write(changed)
            loaded = self.load("numpy", file=self.path("x.npy"), domain="real", missing="nan",
                               layout="ND")
            if isinstance(loaded, str):
                refused += 1
                continue
            array = np.load(self.path("x.npy"), allow_pickle=False)
            self.assertEqual(loaded.values.shape[0], array.shape[0], bytes(changed))
            np.testing.assert_array_equal(loaded.values, array.reshape(len(array), -1)
                                          .astype(np.float32), str(bytes(changed)))
        self.assertTrue(100 < refused < 400, refused)

    def h5py_reads(self, path, name):
        """In a process of its own, since the HDF5 library does not stand every file.
        @returns None if it cannot be read"""
        copy = self.path("read.npy")
        if os.path.exists(copy):
            os.remove(copy)
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            try:
                with h5py.File(path) as file:
                    np.save(copy, file[name][()].astype(np.float32))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        try:
            return np.load(copy)
        except (EOFError, OSError, ValueError):
            return None

    def write_hdf5(self, path, number):
        """Arrays as they are stored: in chunks, packed, with a checksum, in one piece, in old and in new
        formats of the file.
        @returns the arrays"""
        layout = [{"chunks": (5, 3), "compression": "gzip", "shuffle": True, "fletcher32": True},
                  {"chunks": (4, 6), "compression": "gzip"}, {}, {"chunks": (7, 2)}][number % 4]
        dtype = ["<f4", ">i2", "u1", "<f8"][number // 4 % 4]
        version = {} if number % 3 else {"libver": "latest"}
        written = {"images": numbers(dtype, (20, 6), number), "labels": np.arange(20) % 3}
        with h5py.File(path, "w", **version) as file:
            file.create_dataset("images", data=written["images"], **layout)
            file["labels"] = written["labels"]
        return written

    def test_a_changed_hdf5_file_gives_what_h5py_reads_or_an_error(self):
        path, outside = self.path("x.h5"), self.path("outside")
        os.mkdir(outside)
        neighbours = Neighbours(outside, "marker")
        refused = same = 0
        for number in range(HDF5_FILES):
            chance = random.Random(number)
            if os.path.lexists(path):
                os.remove(path) if not os.path.isdir(path) or os.path.islink(path) else os.rmdir(path)
            written = self.write_hdf5(path, number)
            what = "bytes"
            if number % 4 == 3:
                what = change(path, number // 4, neighbours)
            else:
                with open(path, "rb") as file:
                    content = bytearray(file.read())
                for _ in range(chance.choice([1, 1, 2, 5])):
                    content[chance.randrange(len(content))] = chance.choice([0, 255, chance.randrange(256)])
                if chance.random() < 0.05:
                    del content[chance.randrange(len(content)):]
                with open(path, "wb") as file:
                    file.write(content)
            with self.subTest(number=number, what=what):
                found = self.load("hdf5", file=path, domain="real", layout="ND", missing="nan",
                                  labels="labels")
                if isinstance(found, str):
                    refused += 1
                    continue
                same += 1
                for values, name in ((found.values, "images"), (found.labels, "labels")):
                    # h5py refuses some files of which all values are there.
                    expected = self.h5py_reads(path, name)
                    if expected is None:
                        expected = written[name].astype(np.float32)
                    np.testing.assert_array_equal(values.reshape(-1), expected.reshape(-1))
        print(f"{HDF5_FILES} files: {refused} refused, {same} as h5py reads them")
        self.assertTrue(refused and same)


if __name__ == "__main__":
    unittest.main()
