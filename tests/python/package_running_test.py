"""Experiments that are run from Python, by the program: varia.run and varia.fit."""
import os
import re
import signal
import subprocess
import sys
import textwrap
import unittest.mock

import numpy as np
import pandas as pd
from harness import EndToEnd, blobs, unittest

PACKAGE = os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python")
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402


class Running(EndToEnd):
    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def test_an_experiment_is_run_with_other_values(self):
        self.experiment("e", "sweep: {loss.beta: [1, 4]}\n")
        results = varia.run("e.yaml", train={"epochs": 1}, model={"hidden": [4]}, **{"model.latent": 3})
        self.assertEqual(results.path, "results/e.h5")
        self.assertEqual(results.trials["loss.beta"].tolist(), [1, 4])
        self.assertEqual(results.parameters[["model.latent", "train.epochs", "model.hidden"]]
                         .values.tolist(), [[3, 1, "[4]"]] * 2)
        self.assertEqual(varia.run("e.yaml", name="other", replicates=3, train={"epochs": 1},
                                   **{"loss.beta": 1}).trials.replicate.tolist(), [0, 1, 2])

    def test_wrong_calls_are_the_errors_of_the_program(self):
        self.experiment("e", "")
        for options, expected in [({"modle": "mlp_vae"}, "Did you mean 'model'?"),
                                  ({"model.latnt": 2}, "Did you mean 'latent'?")]:
            with self.assertRaisesRegex(varia.VariaError, re.escape(expected)) as caught:
                varia.run("e.yaml", **options)
            self.assertNotIn("\n", str(caught.exception))
        with self.assertRaisesRegex(varia.VariaError, "absent.yaml"):
            varia.run("absent.yaml")

    def test_without_the_program_there_is_one_clear_error(self):
        for environment, expected in [({"VARIA_PROGRAM": "/absent"}, "'/absent' is not a program"),
                                      ({"PATH": "/absent"}, "is not in PATH.*VARIA_PROGRAM")]:
            kept = {key: value for key, value in os.environ.items() if key != "VARIA_PROGRAM"}
            with unittest.mock.patch.dict(os.environ, {**kept, **environment}, clear=True):
                with self.assertRaisesRegex(varia.VariaError, expected):
                    varia.run("e.yaml")

    def test_failed_trials_are_a_warning(self):
        self.experiment("e", "sweep: {optimizer.lr: [1e-3, 1000]}\n")
        with self.assertWarnsRegex(RuntimeWarning, "some trials failed"):
            results = varia.run("e.yaml")
        self.assertEqual(results.trials.status.tolist(), ["done", "failed"])
        self.assertEqual(len(results.final()), 1)

    def test_an_array_is_fitted_and_the_same_call_finds_its_results_again(self):
        images = blobs(100, 0)
        settings = {"model": {"use": "mlp_vae", "hidden": [4], "latent": 2}, "epochs": 1,
                    "labels": np.arange(100) % 3, "views": ["samples"],
                    "sweep": {"loss.beta": [np.float32(0.5), 2]}, "data": {"batch": 32},
                    "optimizer.lr": 1e-2}
        results = varia.fit(images, **settings)
        self.assertEqual(results.trials["loss.beta"].tolist(), [0.5, 2])
        self.assertEqual(results.parameters[["data.batch", "optimizer.lr"]].values.tolist(),
                         [[32, 0.01]] * 2)
        self.assertEqual(results.pictures("samples", 0)[0].tiles.shape[2:], (8, 8))
        changed = os.stat(self.files("results", "*", "trials", "*", "*.h5")[0]).st_mtime_ns
        self.assertEqual(varia.fit(images, **settings).path, results.path)
        self.assertEqual(os.stat(self.files("results", "*", "trials", "*", "*.h5")[0]).st_mtime_ns, changed)
        self.assertNotEqual(varia.fit(255 - images, **settings).path, results.path)
        with self.assertRaisesRegex(varia.VariaError, "expected numbers, found an array of object"):
            varia.fit(np.array([None]))

    def test_what_a_mask_hides_is_missing(self):
        values = np.random.default_rng(0).normal(size=(60, 3))
        hidden = np.ma.masked_array(np.where(values > 1, -999, values), values > 1)
        settings = {"model": {"use": "mlp_vae", "hidden": [4], "latent": 1}, "epochs": 1, "name": "rows"}
        varia.fit(hidden, data={"missing": "nan"}, **settings)
        np.testing.assert_array_equal(np.load("rows.npy"), np.where(values > 1, np.nan, values))
        for array, options, expected in [
                (hidden, {}, f"fit: array: {hidden.mask.sum()} of its numbers are masked; give data="),
                (np.ma.masked_equal([[0, 1]], 0), {"data": {"missing": "nan"}}, "is no int64; give"),
                (values, {"labels": np.ma.masked_equal([0, 1] * 30, 0)}, "fit: labels: 30 of its numbers"),
                (pd.DataFrame(values).convert_dtypes().mask(values > 1), {},
                 "expected numbers, found an array of object; give VALUES.to_numpy(float, na_value=nan)")]:
            with self.assertRaisesRegex(varia.VariaError, re.escape(expected)) as caught:
                varia.fit(array, folder="other", **{**settings, **options})
            self.assertNotIn("\n", str(caught.exception))
        self.assertFalse(os.path.exists("other"))

    def test_a_fit_that_is_refused_leaves_no_file(self):
        with self.assertRaisesRegex(varia.VariaError, "Did you mean 'mlp_vae'"):
            varia.fit(np.zeros((20, 3)), model="mlp_vea", folder=self.path("fit"))
        self.assertEqual(os.listdir(self.path("fit")), [])

    def test_a_fit_replaces_its_files_as_a_whole_and_leaves_equal_ones(self):
        rows = np.random.default_rng(0).normal(size=(60, 3))
        settings = {"model": {"use": "mlp_vae", "hidden": [4], "latent": 1}, "epochs": 1, "name": "rows"}
        varia.fit(rows, **settings)
        files = sorted(os.listdir())
        before = os.stat("rows.npy")
        # A trial that trains maps the file so.
        mapped = np.load("rows.npy", mmap_mode="r")
        varia.fit(rows, **{**settings, "epochs": 2})
        after = os.stat("rows.npy")
        self.assertEqual((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns))
        varia.fit(rows[:40] + 1, **settings)
        np.testing.assert_array_equal(mapped, rows)
        np.testing.assert_array_equal(np.load("rows.npy"), rows[:40] + 1)
        self.assertEqual(sorted(os.listdir()), files)

    def test_a_fit_that_is_refused_leaves_the_files_of_an_earlier_one(self):
        rows = np.random.default_rng(0).normal(size=(60, 3))
        settings = {"model": {"use": "mlp_vae", "hidden": [4], "latent": 1}, "epochs": 1, "name": "rows"}
        varia.fit(rows, **settings)
        before = {name: self.content(name) for name in ("rows.npy", "rows.yaml")}
        files = sorted(os.listdir())
        for wrong in ({"loss": "elbw"}, {"labels": np.zeros(60, int), "train.epochs": 0}):
            with self.assertRaises(varia.VariaError):
                varia.fit(rows + 1, **{**settings, **wrong})
            self.assertEqual(sorted(os.listdir()), files)
        with unittest.mock.patch.dict(os.environ, VARIA_PROGRAM="/absent"):
            with self.assertRaisesRegex(varia.VariaError, "'/absent' is not a program"):
                varia.fit(rows + 1, **settings)
        self.assertEqual({name: self.content(name) for name in before}, before)
        self.assertEqual(sorted(os.listdir()), files)
        os.mkdir("other.yaml")
        with self.assertRaisesRegex(varia.VariaError, "other.yaml: Is a directory"):
            varia.fit(rows, **{**settings, "name": "other"})
        self.assertEqual(sorted(os.listdir()), sorted([*files, "other.yaml"]))

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_a_fit_whose_name_or_key_is_wrong_writes_nothing(self):
        for settings, expected in [({"name": "a/b"}, "expected the name of an experiment, found 'a/b'"),
                                   ({"name": "../b"}, "expected the name of an experiment, found '../b'"),
                                   ({"train.epochs.x": 3}, "'epochs' is 10, which has no key 'x'"),
                                   ({"loss.use.x.y": 3}, "'use' is 'elbo', which has no key 'x.y'")]:
            with self.subTest(settings=settings):
                with self.assertRaisesRegex(varia.VariaError, re.escape(expected)) as caught:
                    varia.fit(np.zeros((20, 3)), folder="fit", **settings)
                self.assertNotIn("\n", str(caught.exception))
                self.assertFalse(os.path.exists("fit"))

    def test_rows_of_reals_are_fitted(self):
        rows = np.random.default_rng(0).normal(size=(60, 3))
        results = varia.fit(rows, model={"use": "mlp_vae", "hidden": [4], "latent": 1}, epochs=1,
                            name="rows", folder="there")
        self.assertEqual(results.path, "there/results/rows.h5")
        self.assertEqual(results.parameters["model.likelihood.use"].tolist(), ["gaussian"])

    def test_an_interrupt_writes_a_checkpoint_and_the_same_call_resumes(self):
        self.experiment("e", "train: {epochs: 3000}\nrun: {jobs: 1}\n")
        program = f"""
            import sys
            sys.path.insert(0, {PACKAGE!r})
            import varia
            try:
                varia.run("e.yaml", progress=True)
            except KeyboardInterrupt:
                print("interrupted")
            """
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for line in process.stderr:
            if "epoch 1/" in line:
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=300)
        self.assertEqual(out, "interrupted\n", err)
        (trial,) = self.varia("plan", "e.yaml", "--json").json["trials"]
        self.assertEqual(trial["status"], "partial")
        self.assertTrue(self.files("results", "e", "checkpoints", "*", "checkpoint*"))


if __name__ == "__main__":
    unittest.main()
