"""Models that start from another one (model.from), and parts of them that stay (model.freeze)."""
import os
import shutil
import unittest

import h5py
import numpy as np
from harness import EndToEnd

SOURCE = """
data: {limit: 500}
optimizer: {lr: 5e-3}
train: {epochs: 12}
"""

TUNED = """
data: {limit: 64}
optimizer: {lr: 1e-3}
train: {epochs: 3}
sweep:
  start:
    scratch: {}
    tuned: {set: {model: {from: {results: results/source.h5, trial: %s}}}}
    frozen: {set: {model: {from: {results: results/source.h5, trial: %s}, freeze: [encoder]}}}
"""


class WarmStart(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("source", SOURCE)
        self.varia("run", "source.yaml", "--quiet")
        with h5py.File(self.path("results/source.h5")) as file:
            self.source = file["trials/id"][0].decode()
        beginning = self.source[:6]
        self.experiment("tuned", TUNED % (beginning, beginning))

    def parameters(self, experiment, trial):
        with h5py.File(self.path("results", experiment, "models", trial + ".h5")) as file:
            return {name: file["tensors"][name][()] for name in file["tensors"]}

    def test_a_model_learns_faster_from_another_one_than_from_nothing(self):
        self.varia("run", "tuned.yaml", "--quiet")
        with h5py.File(self.path("results/tuned.h5")) as file:
            starts = file["parameters/start"].asstr()[:].tolist()
            elbo = dict(zip(starts, file["final/test/elbo"][:]))
            ids = dict(zip(starts, file["trials/id"].asstr()[:]))
        self.assertGreater(elbo["tuned"], elbo["scratch"])
        self.assertGreater(elbo["frozen"], elbo["scratch"])
        source = self.parameters("source", self.source)
        for start, changed in (("tuned", True), ("frozen", False)):
            tuned = self.parameters("tuned", ids[start])
            for name, values in tuned.items():
                if name.startswith("model.encoder."):
                    self.assertEqual(np.array_equal(values, source[name]), not changed, name)
        # The model is whole without its source.
        shutil.rmtree(self.path("results/source"))
        self.varia("sample", "results/tuned.h5", "--trial", ids["tuned"], "-o", "samples.png")
        self.assertIn("there is no file",
                      self.refused("run", "tuned.yaml", "--results", "again", "start=scratch",
                                   "model.from={file: results/source/models/gone.h5}"))

    def test_a_submission_takes_the_source_with_it(self):
        self.varia("submit", "tuned.yaml", "--no-send", "--only", "start=tuned")
        copies = self.files("results", "tuned", "submissions", "*", "files", "**",
                            self.source + ".h5")
        self.assertEqual(len(copies), 1)
        with open(copies[0], "rb") as copy, \
                open(self.path("results/source/models", self.source + ".h5"), "rb") as original:
            self.assertEqual(copy.read(), original.read())

    def test_what_does_not_fit_is_listed_before_anything_is_trained(self):
        line = self.refused("run", "tuned.yaml", "--name", "wide", "start=tuned",
                            "model.hidden=[20]")
        self.assertIn("tuned.yaml:9:43: model: from: file: ", line)
        self.assertIn("does not fit this model: encoder.weight0 is [32, 64] and not [20, 64]; ", line)
        self.assertFalse(os.path.exists(self.path("results/wide")))


if __name__ == "__main__":
    unittest.main()
