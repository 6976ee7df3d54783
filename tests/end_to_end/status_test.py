"""What varia status knows of a sweep."""
import os
import signal
import unittest

from known_sweep import SWEEP, KnownSweep


class Status(KnownSweep):
    def test_a_finished_sweep(self):
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml")
        os.remove(self.path("e.yaml"))
        # Neither the experiment nor its plugins are needed.
        outcome = self.varia("status", "e", environment={"VARIA_PLUGIN_PATH": "/nonexistent"})
        self.assertEqual(outcome.out, "e: 3 trials: 3 done\n")

    def test_what_is_missing_interrupted_and_failed(self):
        self.experiment("e", "optimizer: sgd\nsweep: {optimizer.lr: [1e-6, 10, 1e-5]}\n")
        self.varia("run", "e.yaml", "--only", "optimizer.lr=10", code=1)
        document = self.varia("status", "e", "--json").json
        self.assertEqual(document["expected"], 3)
        self.assertEqual((document["counts"]["failed"], document["counts"]["new"]), (1, 2))
        failed, = document["failed"]
        self.assertEqual(failed["label"], "optimizer.lr=10")
        self.assertIn("not finite", failed["error"])
        out = self.varia("status", "e").out
        self.assertIn("e: 3 trials: 1 failed, 2 new\n", out)
        self.assertRegex(out, r"optimizer.lr=10  .*not finite")

    def test_a_sweep_that_runs(self):
        self.experiment("e", "data: {batch: 4}\ntrain: {epochs: 400}\nsweep: {loss.beta: [1, 2]}\n")
        process = self.start("run", "e.yaml", "--jobs", "1", "run.checkpoint_every=0.001")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if "epoch 3/400" in line:
                break
        document = self.varia("status", "e", "--json").json
        self.assertEqual((document["counts"]["in_progress"], document["counts"]["new"]), (1, 1))
        run, = document["runs"]
        trial, = document["in_progress"]
        self.assertEqual((trial["run"], run["trials"]), (run["id"], 1))
        self.assertEqual(run["process"], process.pid)
        self.assertGreaterEqual(trial["epochs_done"], 1)
        self.assertEqual(trial["target_epochs"], 400)
        self.assertGreater(trial["seconds_left"], 0)
        self.assertGreater(document["seconds_left"], trial["seconds_left"])
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        document = self.varia("status", "e", "--json").json
        self.assertEqual((document["runs"], document["counts"]["paused"]), ([], 1))
        self.assertIsNone(document["seconds_left"])

    def test_a_name_without_results_is_refused(self):
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml")
        self.assertIn("there are no results of an experiment 'f'", self.refused("status", "f"))
        self.assertIn("there are no results of an experiment 'e'", self.refused("status", "../e"))
        self.assertEqual(self.varia("status", "results/e.h5").out, self.varia("status", "e").out)


if __name__ == "__main__":
    unittest.main()
