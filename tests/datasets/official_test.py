"""Files laid out as the official ones of published sets are, written by NumPy and h5py, and what is wrong
with them; the guides of plugins/datasets that make such files."""
import contextlib
import os
import re
import unittest

import h5py
import numpy as np
from harness import EndToEnd
from samples import array, load

REST = """
model: {use: mlp_vae, hidden: [8], latent: 2}
loss: elbo
optimizer: adam
train: {epochs: 1}
"""
GUIDES = os.path.join(os.environ["VARIA_SOURCE_DIR"], "plugins", "datasets")


class Official(EndToEnd):
    def setUp(self):
        super().setUp()
        self.random = np.random.default_rng(1)

    def pictures(self, *shape):
        return self.random.integers(0, 256, shape, dtype=np.uint8)

    def loaded(self, plugin, **data):
        found, = load(plugin, [{"use": plugin, "folder": self.folder, **data}])
        self.assertNotIn("error", found)
        return found

    def assert_pictures(self, split, pictures, labels, factors=None):
        """@param pictures [N, C, H, W] bytes"""
        np.testing.assert_array_equal(
            array(split["values"]), pictures.reshape(len(pictures), -1) / np.float32(255))
        np.testing.assert_array_equal(split["labels"], labels)
        if factors is not None:
            np.testing.assert_array_equal(array(split["factors"]), factors)

    def assert_faults(self, data, faults):
        """@param faults (file, what its content becomes or None, the beginning of the message after
        the file's name)"""
        self.write("e.yaml", f"data: {{use: {data}, folder: .}}\n" + REST)
        self.varia("check", "e.yaml")
        for file, change, expected in faults:
            with self.subTest(expected):
                with open(self.path(file), "rb") as opened:
                    content = opened.read()
                if change is None:
                    os.remove(self.path(file))
                else:
                    self.write(file, change(content))
                line = self.refused("check", "e.yaml")
                self.assertIn(expected, line)
                self.assertIn(file, line)
                self.write(file, content)


class Cifar(Official):
    def records(self, count, label_bytes, classes):
        labels = self.random.integers(0, classes, (count, label_bytes), dtype=np.uint8)
        labels[:, -1] = np.arange(count) % classes  # none is missing
        return labels, self.pictures(count, 3, 32, 32)

    def save(self, name, labels, pictures):
        np.hstack([labels, pictures.reshape(len(pictures), -1)]).tofile(self.path(name))

    def save_cifar10(self):
        batches = [self.records(20, 1, 10) for _ in range(6)]
        for number, batch in enumerate(batches[:5], 1):
            self.save(f"data_batch_{number}.bin", *batch)
        self.save("test_batch.bin", *batches[5])
        return [np.concatenate(parts) for parts in zip(*batches[:5])], batches[5]

    def test_cifar10(self):
        train, test = self.save_cifar10()
        found, = load("cifar", [{"use": "cifar10", "folder": self.folder}])
        for split, (labels, pictures) in (("train", train), ("test", test)):
            self.assert_pictures(found[split], pictures, labels[:, 0])

    def test_cifar100(self):
        train, test = self.records(200, 2, 20), self.records(100, 2, 20)
        self.save("train.bin", *train)
        self.save("test.bin", *test)
        data = {"use": "cifar100", "folder": self.folder, "classes": 100}
        for found, column in zip(load("cifar", [data, {**data, "labels": "coarse"}]), (1, 0)):
            for split, (labels, pictures) in (("train", train), ("test", test)):
                self.assert_pictures(found[split], pictures, labels[:, column])

    def test_faults(self):
        self.save_cifar10()
        self.assert_faults("cifar10", [
            ("data_batch_3.bin", None, "has no file data_batch_3.bin"),
            ("data_batch_1.bin", lambda content: content[:-1], "3073"),
            ("data_batch_5.bin", lambda content: b"", "is empty"),
            ("test_batch.bin", lambda content: b"\x0a" + content[1:], "label"),
            ("data_batch_2.bin", lambda content: b"\x1f\x8b" + content[:100], "3073")])


class SmallNorb(Official):
    BEGIN = {"train": "smallnorb-5x46789x9x18x6x2x96x96-training-",
             "test": "smallnorb-5x01235x9x18x6x2x96x96-testing-"}

    def save(self, split, part, values):
        """A matrix in the format of the set's authors."""
        type = {"u1": 0x1e3d4c55, "i4": 0x1e3d4c54}[values.dtype.str[1:]]
        sizes = list(values.shape) + [1] * (3 - values.ndim)
        header = np.array([type, values.ndim, *sizes], "<i4")
        self.write(f"{self.BEGIN[split]}{part}.mat", header.tobytes() + values.tobytes())

    def save_split(self, split):
        pictures = self.pictures(15, 2, 96, 96)
        categories = np.arange(15, dtype="<i4") % 5
        info = np.stack([self.random.integers(0, most, 15) for most in (10, 9, 18, 6)], 1)
        info[:, 2] *= 2
        info = info.astype("<i4")
        for part, values in (("dat", pictures), ("cat", categories), ("info", info)):
            self.save(split, part, values)
        info[:, 2] //= 2
        return pictures, categories, np.column_stack([categories, info])

    def test_either_camera(self):
        saved = {split: self.save_split(split) for split in self.BEGIN}
        for camera, number in (("left", 0), ("right", 1)):
            found = self.loaded("smallnorb", camera=camera)
            for split, (pictures, categories, factors) in saved.items():
                self.assert_pictures(found[split], pictures[:, number:number + 1], categories, factors)

    def test_faults(self):
        for split in self.BEGIN:
            self.save_split(split)
        begin = self.BEGIN["train"]
        self.assert_faults("smallnorb", [
            (begin + "cat.mat", None, "has no file"),
            (begin + "dat.mat", lambda content: content[:-1], "Is it cut short?"),
            (begin + "info.mat", lambda content: b"\x1f\x8b" + content, "is not a file of small NORB"),
            (begin + "cat.mat", lambda content: content[:8] + b"\x0e" + content[9:-4],
             "has 14 rows for the 15 pairs"),
            (self.BEGIN["test"] + "info.mat", lambda content: content[:-1] + b"\xff",
             "has the number")])


class Shapes3d(Official):
    SIZES = (10, 10, 10, 8, 4, 15)
    VALUES = [np.arange(10) / 10] * 3 + [np.linspace(0.75, 1.25, 8), np.arange(4.0),
                                         np.linspace(-30, 30, 15)]

    def save(self, images=None, labels=None):
        """Some of the combinations, in h5py's own chunks."""
        places = np.arange(0, np.prod(self.SIZES), 997)
        self.factors = np.stack(np.unravel_index(places, self.SIZES), 1)
        values = np.stack([values[column] for values, column in zip(self.VALUES, self.factors.T)], 1)
        self.images = self.pictures(len(places), 64, 64, 3)
        with h5py.File(self.path("3dshapes.h5"), "w") as file:
            file.create_dataset("images", data=self.images if images is None else images,
                                compression="gzip")
            file["labels"] = values if labels is None else labels(values)

    def test_every_label(self):
        self.save()
        pictures = self.images.transpose(0, 3, 1, 2)
        for number, name in enumerate(("floor_hue", "wall_hue", "object_hue", "scale", "shape",
                                       "orientation")):
            found = self.loaded("shapes3d", label=name, test=0)
            self.assert_pictures(found["train"], pictures, self.factors[:, number], self.factors)
        found = self.loaded("shapes3d")
        self.assertEqual((len(found["train"]["labels"]), len(found["test"]["labels"])), (434, 48))

    def test_faults(self):
        self.save()
        self.assert_faults("shapes3d", [
            ("3dshapes.h5", None, "has no file 3dshapes.h5"),
            ("3dshapes.h5", lambda content: content[:-1000], "cannot be opened as HDF5"),
            ("3dshapes.h5", lambda content: b"hello", "cannot be opened as HDF5")])

        def wrong(values):
            values[7, 3] = 0.8
            return values
        for options, expected in (
                ({"labels": wrong}, "labels: has a scale of 0.8"),
                ({"labels": lambda values: values[:, :5]}, "labels: has 5 factors"),
                ({"labels": lambda values: values[:-1]}, "labels: has 481 rows for the 482 images"),
                ({"images": self.pictures(482, 32, 32, 3)}, "expected images of [3, 64, 64]")):
            self.save(**options)
            self.assertIn(expected, self.refused("check", "e.yaml"))


class Guides(Official):
    """The Python of the READMEs, run where files of the same layout are."""

    def run_guide(self, mark):
        found = []
        for folder in ("", "arrays"):
            with open(os.path.join(GUIDES, folder, "README.md")) as file:
                found += [block for block in re.findall(r"```python\n(.*?)```", file.read(), re.S)
                          if mark in block]
        self.assertEqual(len(found), 1)
        with within(self.folder):
            exec(found[0], {})

    def test_cars3d(self):
        try:
            from scipy.io import savemat
        except ImportError:
            self.skipTest("there is no scipy")
        os.makedirs(self.path("data/cars"))
        cars = self.pictures(3, 128, 128, 3, 24, 4)
        for number, car in enumerate(cars):
            savemat(self.path(f"data/cars/car_{number:03}_mesh.mat"), {"im": car})
        self.run_guide("cars3d.npz")
        with np.load(self.path("cars3d.npz")) as file:
            images, factors = file["images"], file["factors"]
        self.assertEqual(images.shape, (3 * 96, 128, 128, 3))
        for elevation, azimuth, car in ((0, 0, 0), (3, 7, 1), (2, 23, 2)):
            place, = np.flatnonzero((factors == (elevation, azimuth, car)).all(1))
            np.testing.assert_array_equal(images[place], cars[car, ..., azimuth, elevation])

    def test_mpi3d(self):
        images = self.pictures(6 * 6 * 2 * 3 * 3 * 1600, 1, 1, 1)
        np.savez_compressed(self.path("mpi3d_real.npz"), images=images)
        self.run_guide("mpi3d_real.npz")
        np.testing.assert_array_equal(np.load(self.path("images.npy")), images)
        factors = np.load(self.path("factors.npy"))
        self.assertEqual(factors.max(0).tolist(), [5, 5, 1, 2, 2, 39, 39])
        self.assertEqual(len(np.unique(factors, axis=0)), len(images))
        self.assertEqual(factors[1].tolist(), [0, 0, 0, 0, 0, 0, 1])

    def test_binarised_mnist(self):
        for part in ("train", "valid", "test"):
            np.savetxt(self.path(f"binarized_mnist_{part}.amat"), self.pictures(12, 784) % 2, "%d")
        with open(os.path.join(GUIDES, "README.md")) as file:
            guide, = [block for block in re.findall(r"```yaml\n(.*?)```", file.read(), re.S)
                      if "binarized_mnist" in block]
        self.write("e.yaml", guide + REST)
        self.varia("check", "e.yaml")
        files = {"file": self.path("binarized_mnist_train.amat"),
                 "test_file": self.path("binarized_mnist_test.amat")}
        found, = load("table", [{"use": "table", "header": False, "event": [1, 28, 28], **files}])
        self.assertEqual(found["likelihood"], "bernoulli")
        for split, path in (("train", files["file"]), ("test", files["test_file"])):
            np.testing.assert_array_equal(array(found[split]["values"]), np.loadtxt(path))

    def test_amat_files_with_labels(self):
        rows = np.column_stack([self.pictures(12, 784) / 255, np.arange(12) % 10])
        np.savetxt(self.path("a.amat"), rows, "  %.7e")  # as MATLAB writes them
        found, = load("table", [{"use": "table", "file": self.path("a.amat"), "header": False,
                                 "event": [1, 28, 28], "label": "785"}])
        np.testing.assert_array_equal(array(found["train"]["values"]),
                                      np.loadtxt(self.path("a.amat"), "f4")[:, :-1])
        self.assertEqual(found["train"]["labels"], rows[:, -1].tolist())


@contextlib.contextmanager
def within(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


del EndToEnd, Official  # tests of no file

if __name__ == "__main__":
    unittest.main()
