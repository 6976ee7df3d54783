"""What varia merge puts together, and what it packs and drops."""
import os
import subprocess
import unittest

import h5py
from harness import PROGRAM, by_trial, results_of, same
from known_sweep import SWEEP, KnownSweep


class Merge(KnownSweep):
    def setUp(self):
        super().setUp()
        self.experiment("e", SWEEP)

    def test_holes_are_named_and_a_whole_sweep_has_none(self):
        self.varia("run", "e.yaml", "--only", "loss.beta=2", "--no-merge")
        outcome = self.varia("merge", "e", code=1)
        self.assertIn("1 of 3 planned trials done, 2 missing, 0 failed: results/e.h5", outcome.out)
        self.assertRegex(outcome.out, r"missing  loss.beta=4  has no result")
        self.assertEqual(len(by_trial(self.path("results/e.h5"))), 1)
        document = self.varia("merge", "e", "--json", code=1).json
        self.assertEqual([hole["settings"] for hole in document["missing"]],
                         ["loss.beta=1", "loss.beta=4"])
        self.varia("run", "e.yaml", "--no-merge")
        self.assertIn("3 of 3 planned trials done, 0 missing, 0 failed", self.varia("merge", "e").out)

    def test_merging_again_changes_nothing(self):
        self.varia("run", "e.yaml")
        os.rename(self.path("results/e.h5"), self.path("results/before.h5"))
        for _ in range(2):
            self.varia("merge", "e")
            self.assert_same_results("results/before.h5", "results/e.h5")

    def test_failed_trials_are_named_and_kept(self):
        self.experiment("e", "optimizer: sgd\nsweep: {optimizer.lr: [1e-6, 10]}\n")
        self.varia("run", "e.yaml", "--no-merge", code=1)
        outcome = self.varia("merge", "e", code=1)
        self.assertIn("1 of 2 planned trials done, 0 missing, 1 failed", outcome.out)
        self.assertRegex(outcome.out, r"failed  optimizer.lr=10  .*not finite")
        with h5py.File(self.path("results/e.h5")) as file:
            self.assertEqual([status.decode() for status in file["trials/status"]],
                             ["done", "failed"])

    def test_the_overrides_of_the_run_are_known_and_another_file_can_be_named(self):
        self.varia("run", "e.yaml", "loss.beta=3", "--no-merge")
        for name in ("e", "e.h5", "results/e", "results/e/", self.path("results/e.h5")):
            self.assertIn("1 of 1 planned trial done", self.varia("merge", name).out)
        for name in ("e.h5", "./e"):
            inside = subprocess.run([PROGRAM, "merge", name], cwd=self.path("results"), text=True,
                                    check=True, stdout=subprocess.PIPE)
            self.assertIn("1 of 1 planned trial done", inside.stdout)
        self.assertIn("0 of 3 planned trials done, 3 missing",
                      self.varia("merge", "e", "--experiment", "e.yaml", code=1).out)

    def test_what_cannot_be_merged_is_refused(self):
        self.assertIn("--experiment", self.refused("merge", "e"))
        self.assertIn("'e.yaml' is an experiment file; expected the name of the experiment, or its "
                      "results file: results/e.h5", self.refused("merge", "e.yaml"))
        self.assertIn("is a path, so that", self.refused("merge", "r/e", "--results", "s"))
        self.assertIn("there is nothing to merge",
                      self.refused("merge", "e", "--experiment", "e.yaml"))

    def test_rows_that_are_not_planned_are_dropped_when_told_so_alone(self):
        self.varia("run", "e.yaml")
        self.experiment("e", SWEEP.replace("1, 2, 4", "1, 4"))
        self.varia("merge", "e", "--experiment", "e.yaml")
        self.assertEqual(len(by_trial(self.path("results/e.h5"))), 3)
        self.assertIn("--yes does it",
                      self.refused("merge", "e", "--experiment", "e.yaml", "--prune"))
        out = self.varia("merge", "e", "--experiment", "e.yaml", "--prune", "--yes").out
        self.assertIn("0 failed, 1 pruned", out)
        self.assertEqual(len(by_trial(self.path("results/e.h5"))), 2)

    def test_packed_trials_are_done_and_nothing_is_trained_again(self):
        self.experiment("e", SWEEP + "metrics: [nll]\nviews: [samples]\ntrain: {record_every: 5}\n")
        self.varia("run", "e.yaml")
        before = results_of(self.path("results/e.h5"))
        out = self.varia("merge", "e", "--pack").out
        self.assertRegex(out, r"3 trial files packed: .* removed")
        self.assertEqual(self.files_of_sweep("trials", "*", "*"), [])
        self.assertEqual(len(self.files_of_sweep("models", "*.h5")), 3)
        self.assertEqual(self.plan("e.yaml"), [("done", "")] * 3)
        self.assertIn("0 trained, 3 kept, 0 failed", self.varia("run", "e.yaml").out)
        self.varia("merge", "e")
        now = results_of(self.path("results/e.h5"))
        self.assertEqual(list(now), list(before))
        for name in before:
            self.assertTrue(same(now[name], before[name]), name)
        # More than was asked for then needs a new start.
        self.assertEqual(self.plan("e.yaml", "train.epochs=3")[0][0], "partial")
        self.assertEqual(self.plan("e.yaml", "metrics=[{use: nll, samples: 7}]")[0],
                         ("partial", "was made with other metrics or views, and its trial file was "
                                     "packed away"))
        # A new trial comes to those that are packed.
        self.experiment("e", SWEEP.replace("1, 2", "1, 3, 2") +
                        "metrics: [nll]\nviews: [samples]\ntrain: {record_every: 5}\n")
        self.assertIn("1 trained, 3 kept", self.varia("run", "e.yaml").out)
        self.assertEqual(len(by_trial(self.path("results/e.h5"))), 4)


if __name__ == "__main__":
    unittest.main()
