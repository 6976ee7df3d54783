"""One experiment gives one result, bit for bit, however it is run."""
import os
import unittest
import urllib.request

import numpy as np
from harness import EndToEnd, by_trial, read_all, results_of, same

# Every source of randomness is in use: the order of the images, binarisation, the noise of
# training and of evaluation, of a metric and of two views.
EXPERIMENT = """
data: {binarize: dynamic, validation: 0.1}
metrics: [{use: nll, samples: 4, images: 50, every: 1}]
views: [{use: reconstructions, every: 1}, {use: samples, rows: 2, columns: 3, every: 1}]
sweep:
  loss.beta: [1, 4]
replicates: 2
"""


class Determinism(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.varia("run", "e.yaml", "--results", "first")
        self.first = by_trial(self.path("first/e.h5"))
        self.assertEqual(len(self.first), 4)

    def models(self, results, name="e"):
        folder = self.path(results, name, "models")
        return {file: read_all(os.path.join(folder, file)) for file in sorted(os.listdir(folder))}

    def assert_equal(self, expected, found):
        """All that is expected is found, with the same bits."""
        self.assertGreater(len(expected), 0)
        for name, value in expected.items():
            self.assertIn(name, found)
            self.assertTrue(same(value, found[name]), name)

    def assert_same_trials(self, path, count=4):
        trials = by_trial(path)
        self.assertEqual(len(trials), count)
        for id, content in trials.items():
            self.assert_equal(self.first[id], content)

    def test_two_runs_are_the_same_in_everything(self):
        self.varia("run", "e.yaml", "--results", "second")
        first, second = results_of(self.path("first/e.h5")), results_of(self.path("second/e.h5"))
        self.assertEqual(list(first), list(second))
        self.assert_equal(first, second)
        self.assertTrue(any(name.startswith("views/") for name in first))
        models = self.models("first")
        self.assertEqual(len(models), 4)
        for file, other in zip(models.items(), self.models("second").items()):
            self.assertEqual(file[0], other[0])
            self.assert_equal(file[1], other[1])

    def test_trials_one_by_one_and_many_at_once(self):
        for jobs in ("1", "2", "5"):
            with self.subTest(jobs):
                self.varia("run", "e.yaml", "--jobs", jobs, "--results", "jobs" + jobs)
                self.assert_equal(results_of(self.path("first/e.h5")),
                                  results_of(self.path(f"jobs{jobs}/e.h5")))
                models = self.models("jobs" + jobs)
                for file, content in self.models("first").items():
                    self.assert_equal(content, models[file])

    def test_replicates_and_settings_differ(self):
        losses = {content["metrics/train/loss"].tobytes() for content in self.first.values()}
        self.assertEqual(len(losses), 4)

    def test_trials_in_another_order(self):
        self.experiment("other", EXPERIMENT.replace("[1, 4]", "[4, 1]"))
        self.varia("run", "other.yaml", "--results", "second")
        self.assertEqual(list(by_trial(self.path("second/other.h5"))),
                         [list(self.first)[i] for i in (2, 3, 0, 1)])
        self.assert_same_trials(self.path("second/other.h5"))
        for file, tensors in self.models("second", "other").items():
            self.assert_equal(self.models("first")[file], tensors)

    def test_one_more_metric_and_one_more_view(self):
        text = EXPERIMENT.replace("metrics: [", "metrics: [{use: nll, as: more, samples: 2}, ")
        text = text.replace("views: [", "views: [{use: samples, as: more, rows: 1}, ")
        self.experiment("other", text)
        self.varia("run", "other.yaml", "--results", "second")
        self.assert_same_trials(self.path("second/other.h5"))
        self.assertIn("metrics/test/more", read_all(self.path("second/other.h5")))
        self.assertIn("views/more", read_all(self.path("second/other.h5")))

    def test_a_page_that_watches(self):
        process = self.start("run", "e.yaml", "--results", "second", "--live", "--live-port", "0")
        url = process.stderr.readline().split()[-1]
        events = b"".join(urllib.request.urlopen(url + "events"))
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b'"state":"finished"', events)
        self.assert_equal(results_of(self.path("first/e.h5")), results_of(self.path("second/e.h5")))
        second = self.models("second")
        for file, content in self.models("first").items():
            self.assert_equal(content, second[file])

    def test_records_of_every_step(self):
        self.varia("run", "e.yaml", "train.record_every=1", "--results", "second")
        self.assert_same_trials(self.path("second/e.h5"))
        self.assertIn("steps/loss", read_all(self.path("second/e.h5")))

    def test_the_epochs_in_common_of_a_longer_run(self):
        self.varia("run", "e.yaml", "train.epochs=3", "--results", "second")
        for id, content in by_trial(self.path("second/e.h5")).items():
            for name, value in self.first[id].items():
                if name.startswith("final/"):
                    continue  # of another epoch
                self.assertTrue(same(value, content[name][:2]), name)
                self.assertEqual(len(content[name]), 3)

    def test_a_trial_alone_under_another_name(self):
        self.varia("run", "e.yaml", "loss.beta=4", "replicates=1", "--name", "alone", "--results",
                   "second")
        self.assert_same_trials(self.path("second/alone.h5"), 1)

    def test_another_seed_gives_other_results(self):
        self.varia("run", "e.yaml", "seed=1", "--results", "second")
        self.assertTrue(set(self.first).isdisjoint(by_trial(self.path("second/e.h5"))))

    def test_binarisation_follows_the_seed_alone(self):
        originals = [content["views/reconstructions"][0, 2:10, 2:10]
                     for content in self.first.values()]
        for image in originals:
            self.assertTrue(np.array_equal(image, originals[0]))
            self.assertTrue(set(np.unique(image)) <= {0, 255})


if __name__ == "__main__":
    unittest.main()
