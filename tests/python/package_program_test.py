"""The Python package with the program: what it says of a sweep that was just run."""
import os
import subprocess
import sys

import numpy as np
from harness import EndToEnd, unittest

PACKAGE = os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python")
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402

SWEEP = """
    model: {hidden: [8]}
    optimizer: {lr: 5e-4}
    train: {epochs: 1}
    views: [{use: samples, rows: 2, columns: 3}, traversal]
    sweep: {loss.beta: [0.5, 1], model.latent: [2, 3], data.shuffle: [true, false]}
    """


class PackageWithProgram(EndToEnd):
    def run_sweep(self):
        self.experiment("sweep", SWEEP)
        self.varia("run", "sweep.yaml", "--quiet")
        return varia.open(self.path("results", "sweep.h5"))

    def test_a_sweep_has_the_numbers_and_pictures_of_its_experiment_file(self):
        results = self.run_sweep()
        self.assertEqual(sorted(results.swept), ["data.shuffle", "loss.beta", "model.latent"])
        trials = results.trials
        self.assertEqual([(type(value), value) for value in trials["model.latent"].tolist()],
                         [(int, 2)] * 2 + [(int, 3)] * 2 + [(int, 2)] * 2 + [(int, 3)] * 2)
        self.assertEqual(trials["loss.beta"].tolist(), [0.5] * 4 + [1.0] * 4)
        self.assertEqual(trials["data.shuffle"].tolist(), [True, False] * 4)
        parameters = results.parameters.iloc[0]
        self.assertEqual((parameters["optimizer.lr"], parameters["data.batch"]), (5e-4, 64))
        self.assertEqual(parameters["model.hidden"], "[8]")
        shown = {trial["id"]: trial for trial in
                 self.varia("show", "results/sweep.h5", "--json").json["trials"]}
        for id, row in results.final().iterrows():
            for metric, value in shown[id]["metrics"].items():
                self.assertEqual(row[metric], value)
        (picture,) = results.pictures("samples", 0)
        self.assertEqual(picture.tiles.shape, (2, 3, 8, 8))
        np.testing.assert_array_equal(picture.tiles[1, 2], picture.image[12:20, 22:30])
        self.assertEqual(results.pictures("traversal", 3)[0].tiles.shape, (3, 11, 8, 8))


class Sources(EndToEnd):
    def test_types(self):
        found = subprocess.run(["mypy", "--cache-dir", self.path("cache")], cwd=PACKAGE,
                               capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_pip_installs_the_folder(self):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
                   "--no-build-isolation", "--root-user-action", "ignore",
                   "--target", self.path("site"), PACKAGE]
        found = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        ask = ("import importlib.metadata, varia; "
               "print(varia.__file__, importlib.metadata.version('varia'), varia.__version__)")
        out = subprocess.run([sys.executable, "-c", ask], cwd=self.folder, text=True, check=True,
                             env={**os.environ, "PYTHONPATH": self.path("site")},
                             stdout=subprocess.PIPE).stdout.split()
        self.assertEqual(out[0], self.path("site", "varia", "__init__.py"))
        self.assertEqual(out[1], out[2])
        self.assertTrue(os.path.exists(self.path("site", "varia", "py.typed")))


if __name__ == "__main__":
    unittest.main()
