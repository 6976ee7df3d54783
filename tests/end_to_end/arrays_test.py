"""Data as people have it in files of NumPy and HDF5: trained on, or refused in one line."""
import math
import os
import re
import unittest

import h5py
import numpy as np
from harness import EndToEnd, blobs

MODEL = """
model: {use: mlp_vae, hidden: [16], latent: 2}
loss: elbo
optimizer: {use: adam, lr: 1e-2}
train: {epochs: 1}
"""


class Arrays(EndToEnd):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(3)
        self.rows = random.normal(5, 2, (300, 6))
        self.labels = np.arange(300) % 3
        self.counts = random.poisson(4, (300, 6))

    def data(self, text):
        self.write("e.yaml", f"data: {{{text}, batch: 50}}\n" + MODEL)

    def trained_on(self, text):
        """The likelihood and the metrics of a trial, and the codes of its samples."""
        self.data(text)
        self.varia("check", "e.yaml")
        self.varia("run", "e.yaml", "--quiet")
        row, = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.trial = row["id"]
        self.varia("encode", "results/e.h5", "--trial", self.trial, "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            codes = {name: file[name][()] for name in
                     ("train/z_mean", "train/labels", "test/z_mean") if name in file}
        return row, codes

    def test_rows_of_floats_in_a_npz_file(self):
        np.savez_compressed(self.path("a.npz"), x=np.asfortranarray(self.rows.astype(">f8")),
                            y=self.labels)
        row, codes = self.trained_on("use: numpy, file: a.npz, images: x, labels: y, test: 0.2")
        self.assertTrue(np.isfinite(row["metrics"]["test/loss"]))
        self.assertEqual(codes["train/z_mean"].shape, (240, 2))
        self.assertEqual(codes["test/z_mean"].shape, (60, 2))
        self.assertEqual(self.likelihood(), "gaussian")

    def test_rows_of_floats_in_an_hdf5_file_with_missing_values(self):
        self.rows[7, 2] = np.nan
        with h5py.File(self.path("a.h5"), "w") as file:
            file.create_dataset("images", data=self.rows.astype("f4"), chunks=(64, 6),
                                compression="gzip")
            file["y"] = self.labels
        _, codes = self.trained_on("use: hdf5, file: a.h5, labels: y, missing: nan")
        np.testing.assert_array_equal(codes["train/labels"], self.labels)
        self.assertTrue(np.isfinite(codes["train/z_mean"]).all())
        self.assertEqual(self.likelihood(), "gaussian")
        self.data("use: hdf5, file: a.h5")
        self.assertIn("a.h5: images: row 7 holds NaN", self.refused("run", "e.yaml"))

    def test_counts(self):
        np.save(self.path("c.npy"), self.counts)
        self.trained_on("use: numpy, file: c.npy, domain: count")
        self.assertEqual(self.likelihood(), "negative_binomial")

    def test_pictures_as_keras_names_them(self):
        np.savez(self.path("mnist.npz"), x_train=blobs(100, 0), y_train=self.labels[:100],
                 x_test=blobs(40, 1), y_test=self.labels[:40])
        _, codes = self.trained_on("use: numpy, file: mnist.npz")
        np.testing.assert_array_equal(codes["train/labels"], self.labels[:100])
        self.assertEqual(codes["test/z_mean"].shape, (40, 2))
        self.assertEqual(self.likelihood(), "bernoulli")

    def likelihood(self):
        """Of the trained trial, which the experiment does not name."""
        self.varia("export", "results/e.h5", "--trial", self.trial, "--yaml", "trial.yaml")
        with open(self.path("trial.yaml")) as file:
            return re.search(r"likelihood:\s*(?:\{\s*)?use: (\w+)", file.read())[1]

    def test_what_is_wrong_with_a_file_is_one_line(self):
        np.save(self.path("rows.npy"), self.rows)
        np.save(self.path("labels.npy"), self.labels[:299])
        np.save(self.path("objects.npy"), np.array([["a", 1]], dtype=object))
        np.savez(self.path("a.npz"), x=self.rows)
        with h5py.File(self.path("a.h5"), "w") as file:
            file["images"] = self.rows
            file["y"] = self.labels[:299]
        for name in ("rows.npy", "a.npz", "a.h5"):
            with open(self.path(name), "rb") as file:
                self.write("cut_" + name, file.read()[:-1000])
        self.write("text.npy", "no numbers")
        for text, expected in (
                ("use: numpy, file: cut_rows.npy", "cut_rows.npy: its header says [300, 6] values"),
                ("use: numpy, file: cut_a.npz", "cut_a.npz: cannot be opened as a .npz file"),
                ("use: hdf5, file: cut_a.h5", "cut_a.h5: cannot be opened as HDF5"),
                ("use: numpy, file: text.npy", "text.npy: is not a file of NumPy"),
                ("use: hdf5, file: text.npy", "text.npy: cannot be opened as HDF5"),
                ("use: numpy, file: objects.npy", "objects.npy: holds Python's objects"),
                ("use: numpy, file: rows.npy, labels: labels.npy",
                 "labels.npy: has 299 rows for the 300 images of rows.npy."),
                ("use: hdf5, file: a.h5, labels: y",
                 "a.h5: y: has 299 rows for the 300 images of a.h5: images."),
                ("use: numpy, file: a.npz, images: y", "a.npz: has no array 'y'."),
                ("use: numpy, file: rows.npy, domain: unit",
                 "rows.npy: row 0 holds "),
                ("use: numpy, file: rows.npy, domain: count",
                 "rows.npy: row 0 holds ")):
            with self.subTest(text):
                self.data(text)
                for command in ("run", "check"):
                    line = self.refused(command, "e.yaml")
                    self.assertTrue(line.startswith("e.yaml:1:7: data: " + expected), line)
        # The file that an override names is told at the override.
        self.data("use: numpy, file: rows.npy")
        override = "data.file=cut_rows.npy"
        line = self.refused("check", "e.yaml", override)
        self.assertTrue(line.startswith(override + " on the command line: data: cut_rows.npy: its "
                                                   "header says"), line)
        self.assertFalse(os.path.exists(self.path("results")))

    def test_the_perplexity_is_that_of_the_words_in_their_order(self):
        test = self.counts[:70]
        np.savez(self.path("a.npz"), x=self.counts, t=test)
        self.data("use: numpy, file: a.npz, images: x, test_images: t, domain: count")
        orders = [math.lgamma(counts.sum() + 1) - sum(math.lgamma(count + 1) for count in counts)
                  for counts in test]
        for likelihood in ("multinomial", "poisson"):
            self.varia("run", "e.yaml", f"model.likelihood={likelihood}", "metrics=[perplexity]",
                       "--name", likelihood, "--quiet")
            row, = self.varia("show", f"results/{likelihood}.h5", "--json").json["trials"]
            self.assertAlmostEqual(
                math.log(row["metrics"]["test/perplexity"]),
                (row["metrics"]["test/loss"] + np.mean(orders)) / test.sum(1).mean(), places=6)
        self.data("use: numpy, file: a.npz, images: x, test_images: t, domain: real")
        self.assertIn("metric perplexity: the data are not counts of words",
                      self.refused("check", "e.yaml", "metrics=[perplexity]"))


if __name__ == "__main__":
    unittest.main()
