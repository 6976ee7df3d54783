"""A rerun does what is missing, and nothing else."""
import glob
import os
import shutil
import unittest

import h5py
from harness import EndToEnd, by_trial, read_all, same

TWO = "sweep: {loss.beta: [1, 4]}\n"


class Rerun(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", TWO)
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 2)
        self.merged = self.path("results/e.h5")
        self.before = by_trial(self.merged)

    def assert_kept(self):
        """What was there at first is there still, with the same bits."""
        now = by_trial(self.merged)
        for id, content in self.before.items():
            for name, value in content.items():
                if not name.startswith("final/"):
                    self.assertTrue(same(value, now[id][name][:len(value)]), name)

    def test_a_second_run_trains_nothing_and_changes_no_file(self):
        files = glob.glob(self.path("results", "**"), recursive=True)
        times = {file: os.stat(file).st_mtime_ns for file in files}
        outcome = self.varia("run", "e.yaml")
        self.assertIn("0 trained, 2 kept, 0 failed: results/e.h5", outcome.out)
        self.assertEqual({file: os.stat(file).st_mtime_ns for file in files}, times)

    def test_a_new_value_of_an_axis_trains_that_alone(self):
        self.experiment("e", TWO.replace("1, 4", "1, 2, 4"))
        self.assertEqual(self.plan("e.yaml"), [("done", ""), ("new", ""), ("done", "")])
        self.assertIn("1 trained, 2 kept", self.varia("run", "e.yaml").out)
        with h5py.File(self.merged) as file:
            self.assertEqual(list(file["parameters/loss.beta"]), [1, 2, 4])
        self.assert_kept()

    def test_a_value_that_is_no_longer_planned_stays(self):
        self.experiment("e", TWO.replace("1, 4", "2"))
        self.varia("run", "e.yaml")
        with h5py.File(self.merged) as file:
            self.assertEqual(list(file["parameters/loss.beta"]), [2, 1, 4])
        self.assert_kept()

    def test_more_replicates_keep_the_first(self):
        self.assertIn("2 trained, 2 kept", self.varia("run", "e.yaml", "replicates=2").out)
        self.assert_kept()

    def test_more_epochs_complete_the_trials(self):
        self.assertEqual(self.plan("e.yaml", "train.epochs=3"),
                         [("partial", "has 2 of 3 epochs")] * 2)
        self.assertEqual(self.trained(self.varia("run", "e.yaml", "train.epochs=3")), 2)
        self.assertEqual(self.plan("e.yaml", "train.epochs=3"), [("done", "")] * 2)
        self.assert_kept()

    def test_fewer_epochs_keep_what_is_there(self):
        self.assertEqual(self.plan("e.yaml", "train.epochs=1"), [("done", "")] * 2)
        self.assertEqual(self.trained(self.varia("run", "e.yaml", "train.epochs=1")), 0)
        self.assert_kept()

    def test_fewer_epochs_and_a_new_metric_lose_no_epoch(self):
        self.varia("run", "e.yaml", "train.epochs=1", "metrics=[nll]")
        self.assertIn("metrics/test/nll", read_all(self.merged))
        self.assert_kept()

    def test_a_new_metric_a_new_view_and_new_records_are_added(self):
        for addition, reason, found in [
                ("metrics=[nll]", "lacks metric nll", "metrics/test/nll"),
                ("views=[samples]", "lacks view samples", "views/samples"),
                ("train.record_every=5", "lacks records of every 5 steps", "steps/loss")]:
            with self.subTest(addition):
                self.assertEqual(self.plan("e.yaml", addition), [("partial", reason)] * 2)
                self.assertEqual(self.trained(self.varia("run", "e.yaml", addition)), 2)
                self.assertEqual(self.plan("e.yaml", addition), [("done", "")] * 2)
                self.assertIn(found, read_all(self.merged))
                self.assert_kept()
        # Without them again, nothing is missing.
        self.assertEqual(self.plan("e.yaml"), [("done", "")] * 2)

    def test_another_setting_of_a_metric_or_a_view_is_noticed(self):
        self.varia("run", "e.yaml", "metrics=[nll]", "views=[samples]")
        self.assertEqual(self.plan("e.yaml", "metrics=[{use: nll, samples: 7}]")[0],
                         ("partial", "metric nll was made with other parameters"))
        view = "views=[{use: samples, rows: 2, columns: 2}]"
        self.assertEqual(self.plan("e.yaml", view)[0],
                         ("partial", "view samples was made with other parameters"))
        self.varia("run", "e.yaml", view)
        with h5py.File(self.merged) as file:
            self.assertEqual(file["views/samples"].attrs["rows"], 2)

    def test_a_metric_whose_name_begins_like_another_is_missing(self):
        self.varia("run", "e.yaml", "metrics=[{use: nll, as: nll_large}]")
        self.assertEqual(self.plan("e.yaml", "metrics=[nll]")[0], ("partial", "lacks metric nll"))

    def test_a_damaged_trial_file_is_trained_again(self):
        victim = sorted(glob.glob(self.path("results/e/trials/*/*.h5")))[0]
        with open(victim, "r+b") as file:
            file.truncate(1000)
        states = sorted(self.plan("e.yaml"))
        self.assertEqual(states[0], ("done", ""))
        self.assertEqual(states[1][0], "new")
        self.assertIn("its file is damaged", states[1][1])
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 1)
        self.assert_kept()

    def test_kept_parameters_that_were_removed_are_made_again(self):
        victim, other = self.files("results/e/models/*.h5")
        kept = read_all(victim)
        os.remove(victim)
        lacking = ("partial", "lacks its kept parameters (train.keep)")
        self.assertEqual(sorted(self.plan("e.yaml")), [("done", ""), lacking])
        self.assertIn("2 done; 1 of those done lack the parameters that train.keep asks for",
                      self.varia("status", "e").out)
        self.assertEqual(self.plan("e.yaml", "train.keep=none"), [("done", "")] * 2)
        time = os.stat(other).st_mtime_ns
        self.assertIn("1 trained, 1 kept", self.varia("run", "e.yaml").out)
        self.assert_same_content(kept, read_all(victim), victim)
        self.assertEqual(os.stat(other).st_mtime_ns, time)
        self.assertEqual(self.plan("e.yaml"), [("done", "")] * 2)
        self.assert_kept()

    def test_another_choice_of_kept_parameters_is_noticed(self):
        self.experiment("k", "data: {validation: 0.2}\n")
        self.varia("run", "k.yaml")
        self.assertEqual(self.plan("k.yaml"), [("done", "")])
        self.assertEqual(self.plan("k.yaml", "train.keep=best"),
                         [("partial", "kept the last parameters, and train.keep is best now")])
        self.assertIn("1 trained, 0 kept", self.varia("run", "k.yaml", "train.keep=best").out)
        self.assertEqual(self.plan("k.yaml", "train.keep=best"), [("done", "")])
        self.assertIn("1 done\n", self.varia("status", "k").out)

    def test_kept_parameters_of_packed_trials_may_be_removed(self):
        self.varia("merge", "e", "--pack")
        shutil.rmtree(self.path("results/e/models"))
        self.assertIn("0 trained, 2 kept", self.varia("run", "e.yaml").out)

    def test_a_merged_file_that_is_gone_is_written_again(self):
        os.remove(self.merged)
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 0)
        self.assert_kept()

    def test_trials_that_a_killed_run_has_not_merged_are_merged(self):
        old = self.path("old.h5")
        os.rename(self.merged, old)
        self.experiment("e", TWO.replace("1, 4", "1, 2, 4"))
        self.varia("run", "e.yaml")
        os.rename(old, self.merged)  # as if it had been killed before it merged
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 0)
        self.assertEqual(len(by_trial(self.merged)), 3)

    def test_results_without_their_trial_files_stay(self):
        for file in glob.glob(self.path("results/e/trials/*/*.h5")):
            os.remove(file)
        self.experiment("e", TWO.replace("1, 4", "2"))
        self.varia("run", "e.yaml")
        self.assertEqual(len(by_trial(self.merged)), 3)
        self.assert_kept()


if __name__ == "__main__":
    unittest.main()
