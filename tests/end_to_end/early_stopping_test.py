"""Trials that end early (train.stop): what is recorded of them, and who counts them as done."""
import json
import unittest

import h5py
from harness import EndToEnd

EARLY = """
name: early
data: {use: idx, images: train.idx, test_images: test.idx, batch: 64, validation: 0.2}
optimizer: {use: adam, lr: 0.02}
train: {epochs: 300, stop: {metric: validation/elbo, patience: 2, min_delta: 0.5}}
metrics: [{use: nll, samples: 4, every: last}]
views: [{use: samples, every: last}]
replicates: 2
"""


class EarlyStopping(EndToEnd):
    def test_a_sweep_of_trials_that_end_early(self):
        self.experiment("early", EARLY)
        self.varia("run", "early.yaml", "--quiet")
        with h5py.File(self.path("results", "early.h5")) as file:
            trials = file["trials"]
            ends = trials["stopped_early"][()].tolist()
            self.assertEqual(trials["epochs_done"][()].tolist(), ends)
            self.assertEqual(trials["target_epochs"][()].tolist(), [300, 300])
            for row, (end, best) in enumerate(zip(ends, trials["best_epoch"][()])):
                self.assertLess(end, 300)
                self.assertEqual(best, end - 2)
                curve = file["metrics/validation/elbo"][row, :end]
                self.assertEqual(curve[-1], curve[best - 1])
                self.assertGreater(file["metrics/test/nll"][row, end - 1], 0)
                self.assertEqual(file["views/samples_frame_epoch"][row, 0], end)

        def states(*arguments):
            plan = json.loads(self.varia("plan", "early.yaml", "--json", *arguments).out)
            return [trial["status"] for trial in plan["trials"]]

        # They are done, and more epochs change nothing; another patience makes other trials.
        self.assertEqual(states(), ["done"] * 2)
        self.assertEqual(states("train.epochs=400"), ["done"] * 2)
        self.assertEqual(states("train.stop.patience=3"), ["new"] * 2)
        self.assertEqual(self.trained(self.varia("run", "early.yaml")), 0)
        self.assertIn("nothing is left of ", self.varia("plan", "early.yaml").out)
        # The model that was kept is that of the best epoch.
        best = int(h5py.File(self.path("results", "early.h5"))["trials/best_epoch"][0])
        self.varia("encode", "results/early.h5", "--trial", "0", "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            self.assertEqual(file.attrs["epoch"], best)

    def test_a_trial_may_keep_the_best_parameters_by_a_metric(self):
        self.experiment("early", EARLY)
        self.varia("run", "early.yaml", "--quiet", "replicates=1", "train={epochs: 6, keep: "
                   "validation/kl}")
        with h5py.File(self.path("results", "early.h5")) as file:
            self.assertEqual(file["trials/keep"][0].decode(), "validation/kl")
            lowest = int(file["metrics/validation/kl"][0].argmin()) + 1
        self.varia("encode", "results/early.h5", "--trial", "0", "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            self.assertEqual(file.attrs["epoch"], lowest)


if __name__ == "__main__":
    unittest.main()
