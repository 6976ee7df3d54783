"""A trial that fails stops no other one, and says why."""
import glob
import unittest

import h5py
import numpy as np
from harness import EndToEnd, read_parameters

# Plain gradient descent with a step this long leaves the numbers' range.
EXPERIMENT = """
optimizer: {use: sgd}
sweep: {optimizer.lr: [1e-4, 1000, 1e-3]}
"""

# Good for two epochs, then a step that is far too long.
LEAP = """
optimizer:
  use: sgd
  lr:
    use: piecewise
    between: constant
    points: [{epoch: 0, value: 1e-4}, {epoch: 2, value: 1000}]
"""


class FailedTrials(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)

    def failed_id(self):
        with h5py.File(self.path("results/e.h5")) as file:
            status = list(file["trials/status"].asstr())
            return file["trials/id"].asstr()[status.index("failed")]

    def test_the_others_finish_and_the_error_names_step_and_term(self):
        outcome = self.varia("run", "e.yaml", code=1)
        self.assertRegex(outcome.err, r"optimizer.lr=1000  failed: step \d+: [\w. ]+ is (nan|inf|-inf), "
                                      "which is not finite; try a lower")
        self.assertIn("2 trained, 0 kept, 1 failed: results/e.h5", outcome.out)
        with h5py.File(self.path("results/e.h5")) as file:
            self.assertEqual(list(file["trials/status"].asstr()), ["done", "failed", "done"])
            self.assertRegex(file["trials/error"].asstr()[1], r"^step \d+: [\w. ]+ is ")
            self.assertEqual(file["trials/error"].asstr()[0], "")
            self.assertEqual(list(file["trials/epochs_done"]), [2, 0, 2])
            self.assertTrue(np.isfinite(file["final/test/loss"][[0, 2]]).all())

        shown = self.varia("show", "results/e.h5")
        self.assertRegex(shown.out, rf"failed: trial {self.failed_id()}: step \d+: ")
        rows = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.assertEqual([row["status"] for row in rows], ["done", "done", "failed"])
        state, reason = self.plan("e.yaml")[1]
        self.assertEqual(state, "failed")
        self.assertIn("which is not finite", reason)

    def test_a_picture_that_cannot_be_stored_fails_its_trials_alone(self):
        self.experiment("wide", """
            data: {use: sprites, size: 16, limit: 200}
            sweep: {data.resize: [[8, 800], [8, 8]]}
            views: [{use: samples, rows: 1, columns: 100}]
            """)
        outcome = self.varia("run", "wide.yaml", code=1)
        self.assertIn("view samples: a picture of 12 x 80202 x 1 with 962424 bytes cannot be stored",
                      outcome.err + outcome.out)
        with h5py.File(self.path("results/wide.h5")) as file:
            self.assertEqual(list(file["trials/status"].asstr()), ["failed", "done"])
        outcome = self.varia("run", "wide.yaml", code=1)
        self.assertIn("0 trained, 1 kept, 1 failed", outcome.out + outcome.err)

    def test_a_rerun_keeps_the_failure_and_tries_again_when_asked(self):
        self.varia("run", "e.yaml", code=1)
        again = self.varia("run", "e.yaml", code=1)
        self.assertIn("0 trained, 2 kept, 1 failed", again.out)
        self.assertIn(f"note: trial {self.failed_id()} failed before", again.err)
        self.assertIn("--rerun failed tries it again", again.err)
        retry = self.varia("run", "e.yaml", "--rerun", "failed", code=1)
        self.assertIn("[1/1] optimizer.lr=1000", retry.err)
        self.assertIn("0 trained, 2 kept, 1 failed", retry.out)

    def test_the_failure_is_told_even_where_it_is_quiet(self):
        outcome = self.varia("run", "e.yaml", "--quiet", code=1)
        self.assertEqual(outcome.out, "")
        self.assertEqual(outcome.err.count("\n"), 1)
        self.assertIn("failed: step", outcome.err)

    def test_the_parameters_of_the_last_good_epoch_are_kept(self):
        self.experiment("e", LEAP + "train: {epochs: 4}\n")
        self.varia("run", "e.yaml", code=1)
        with h5py.File(self.path("results/e.h5")) as file:
            self.assertEqual(list(file["trials/epochs_done"]), [2])
            self.assertTrue(np.isfinite(file["metrics/test/loss"]).all())
        failed = read_parameters(glob.glob(self.path("results/e/models/*.h5"))[0])
        self.assertEqual(failed["epoch"], 2)
        self.experiment("good", LEAP + "train: {epochs: 2}\n")
        self.varia("run", "good.yaml")
        good = read_parameters(glob.glob(self.path("results/good/models/*.h5"))[0])
        self.assertEqual(set(failed), set(good))
        for name, value in good.items():
            self.assertEqual(np.asarray(value).tobytes(), np.asarray(failed[name]).tobytes(), name)

    def test_parameters_that_were_lost_in_the_last_step_fail_the_trial(self):
        # One step per epoch: its loss was good, what it left is not.
        self.experiment("e", "data: {batch: 600}\noptimizer: {use: sgd, lr: 1000}\n"
                             "model: {likelihood: {use: gaussian, scale: 1e-4}}\n"
                             "train: {epochs: 1}\n")
        outcome = self.varia("run", "e.yaml", code=1)
        self.assertIn("failed: epoch 1: test loss is", outcome.err)
        tensors = read_parameters(glob.glob(self.path("results/e/models/*.h5"))[0])
        self.assertEqual(tensors["epoch"], 0)
        self.assertTrue(all(np.isfinite(value).all() for name, value in tensors.items()
                            if name.startswith("model.")))


if __name__ == "__main__":
    unittest.main()
