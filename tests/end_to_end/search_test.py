"""Searches: successive halving stops what does not pay, TPE proposes points; both go on anywhere."""
import os
import re
import signal
import time
import unittest

import h5py
from harness import EndToEnd, by_trial, same

# Nine settings, the best first: with a larger learning rate more is learnt in a few epochs.
ASHA = """
name: halving
data: {use: idx, images: train.idx, test_images: test.idx, batch: 64, validation: 0.2}
train: {epochs: 9}
sweep:
  optimizer.lr: [2e-3, 1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 1e-5, 1e-6, 1e-7]
replicates: 2
search: {use: asha, metric: validation/loss, min_epochs: 1, factor: 3}
"""

TPE = """
name: points
data: {use: idx, images: train.idx, test_images: test.idx, batch: 64, validation: 0.2}
train: {epochs: 1}
sweep:
  random: {count: 16, optimizer.lr: {log_uniform: [1e-6, 1e-2]}}
search: {use: tpe, metric: validation/loss}
"""


def rows_of(path):
    """[(setting, epochs done, status)] of a merged file, in its order."""
    with h5py.File(path) as file:
        return list(zip(file["parameters/optimizer.lr"][()].tolist(),
                        file["trials/epochs_done"][()].tolist(),
                        [status.decode() for status in file["trials/status"][()]]))


class Search(EndToEnd):
    def last_line(self, outcome):
        return outcome.out.rstrip("\n").splitlines()[-1]

    def proposals(self, results="results"):
        """[(index, value, results)] of proposals.yaml."""
        with open(self.path(results, "points", "proposals.yaml")) as file:
            text = file.read().split("points:")[1]
        found = re.findall(
            r'- index: (\d+)\s+values:\s+optimizer.lr: (\S+)\s+results: "?([\d, -]+)', text)
        return [(int(index), float(value), results) for index, value, results in found]

    def test_successive_halving_trains_the_best_third_on(self):
        self.experiment("halving", ASHA)
        done = self.varia("run", "halving.yaml", "--jobs", "1")
        rows = self.assert_halved()
        self.assert_valid_end()
        epochs = [row[1] for row in rows]
        self.assertIn("2 trained, 0 kept, 16 stopped by the search, 0 failed",
                      self.last_line(done))

        # Nothing more is done, and the plan says why.
        again = self.varia("run", "halving.yaml")
        self.assertIn("0 trained, 2 kept, 16 stopped by the search, 0 failed",
                      self.last_line(again))
        self.assertEqual(rows_of(self.path("results", "halving.h5")), rows)
        for (state, reason), reached in zip(self.plan("halving.yaml"), epochs):
            if reached == 9:
                self.assertEqual((state, reason), ("done", ""))
            else:
                self.assertEqual(
                    (state, reason),
                    ("partial", f"stopped by the search at epoch {reached} of 9"))

        # What was trained is what a plain run makes of it.
        self.experiment("plain", ASHA.split("search:")[0].replace("halving", "plain"))
        self.varia("run", "plain.yaml")
        plain = by_trial(self.path("results", "plain.h5"))
        searched = by_trial(self.path("results", "halving.h5"))
        self.assertEqual(list(searched), list(plain))
        for (id, content), last in zip(searched.items(), epochs):
            self.assertEqual(set(content), set(plain[id]))
            for name, values in content.items():
                expected = plain[id][name]
                if name.startswith(("metrics/", "schedules/")):
                    values, expected = values[:last], expected[:last]
                if last == 9 or not name.startswith("final/"):
                    self.assertTrue(same(values, expected), f"{id} {name}")

    def assert_halved(self):
        """Three of the nine settings have gone on to epoch 3, one to its end: the best ones.
        @returns the rows of the merged file"""
        rows = rows_of(self.path("results", "halving.h5"))
        self.assertEqual([row[1] for row in rows], [9] * 2 + [3] * 4 + [1] * 12)
        self.assertEqual([row[2] for row in rows], ["done"] * 2 + ["partial"] * 16)
        return rows

    def test_a_killed_search_goes_on_to_a_valid_end(self):
        self.experiment("halving", ASHA + "run: {checkpoint_every: 0}\n")
        for kill in range(4):
            process = self.start("run", "halving.yaml", "--jobs", "2", "--quiet")
            self.wait_for_epochs(4 + 8 * kill, process)
            process.send_signal(signal.SIGKILL if kill % 2 == 0 else signal.SIGINT)
            process.communicate(timeout=120)
        done = self.varia("run", "halving.yaml", "--jobs", "2")
        self.assertIn("stopped by the search, 0 failed", self.last_line(done))
        self.assert_valid_end()
        self.assertIn("0 trained", self.last_line(self.varia("run", "halving.yaml")))

    def assert_valid_end(self):
        """Whatever order the results came in: of the n settings at a rung at least the best n // 3
        were promoted, both replicates of each, and no trial ends between two rungs. Settings that
        others have overtaken since may have been promoted, too."""
        path = self.path("results", "halving.h5")
        settings = {}
        for (rate, epochs, status), content in zip(rows_of(path), by_trial(path).values()):
            self.assertEqual(status, "done" if epochs == 9 else "partial")
            settings.setdefault(rate, []).append((epochs, content["metrics/validation/loss"]))
        self.assertEqual(len(settings), 9)
        reached = {}
        for rate, replicates in settings.items():
            self.assertEqual(len(replicates), 2)
            self.assertEqual(replicates[0][0], replicates[1][0])
            reached[rate] = replicates[0][0]
        self.assertLessEqual(set(reached.values()), {1, 3, 9})
        for rung in (1, 3):
            at_rung = [rate for rate, epochs in reached.items() if epochs >= rung]
            at_rung.sort(key=lambda rate: sum(loss[rung - 1] for _, loss in settings[rate]))
            self.assertGreater(len(at_rung) // 3, 0)
            for rate in at_rung[:len(at_rung) // 3]:
                self.assertGreater(reached[rate], rung, f"{rate} was not promoted")

    def wait_for_epochs(self, count, process):
        """Waits until the sweep's files hold so many epochs in all, or the run has ended."""
        while process.poll() is None and self.epochs_in_files() < count:
            time.sleep(0.02)

    def epochs_in_files(self):
        epochs = 0
        for folder, _, names in os.walk(self.path("results", "halving")):
            for name in names:
                if name.endswith(".h5") and "models" not in folder:
                    try:
                        with h5py.File(os.path.join(folder, name)) as file:
                            epochs += int(file.attrs["epochs_done"])
                    except (OSError, KeyError):
                        pass  # being replaced
        return epochs

    def test_two_runs_share_a_search(self):
        self.experiment("halving", ASHA)
        runs = [self.start("run", "halving.yaml", "--jobs", "1") for _ in range(2)]
        for run in runs:
            out, err = run.communicate(timeout=300)
            self.assertEqual(run.returncode, 0, out + err)
        self.assertIn("0 trained", self.last_line(self.varia("run", "halving.yaml")))
        self.assert_valid_end()

    def test_a_group_with_a_failed_trial_ranks_last_and_the_others_go_on(self):
        self.experiment("halving", ASHA.replace("[2e-3,", "[1000,"))
        done = self.varia("run", "halving.yaml", "--jobs", "1", code=1)
        rows = rows_of(self.path("results", "halving.h5"))
        self.assertEqual([row[2] for row in rows].count("failed"), 1)
        self.assertIn("1 failed", self.last_line(done))
        self.assertIn("done", [row[2] for row in rows])

    def test_a_search_that_trains_no_trial_to_its_end_says_so(self):
        """Of six settings two are trained on, and of two none."""
        text = ASHA.replace("5e-5, 1e-5, 1e-6, 1e-7", "5e-5").replace("replicates: 2\n", "")
        self.experiment("halving", text)
        for _ in range(2):
            done = self.varia("run", "halving.yaml", "--jobs", "1", code=1)
            self.assertIn("note: search: no trial was trained to its end: of n settings that have "
                          "reached a rung n / 3, rounded down, are trained on", done.err)
        self.varia("run", "halving.yaml", "search.min_epochs=3")

    def test_tpe_proposes_points_that_every_command_knows(self):
        self.experiment("points", TPE)
        self.assertEqual(len(self.plan("points.yaml")), 10)
        done = self.varia("run", "points.yaml", "--jobs", "1")
        self.assertIn("16 trained, 0 kept, 0 failed", self.last_line(done))
        proposals = self.proposals()
        self.assertEqual([(index, results) for index, _, results in proposals],
                         [(i, f"0-{i - 1}") for i in range(10, 16)])
        rates = [row[0] for row in rows_of(self.path("results", "points.h5"))]
        self.assertEqual(rates[10:], [value for _, value, _ in proposals])
        self.assertEqual(len(set(rates)), 16)
        for rate in rates:
            self.assertTrue(1e-6 <= rate <= 1e-2)
        # One epoch learns the more, the larger the rate: that is where the proposals are.
        self.assertGreater(sorted(rates[10:])[3], sorted(rates[:10])[5])

        self.assertEqual(self.plan("points.yaml"), [("done", "")] * 16)
        self.assertIn("0 trained, 16 kept", self.last_line(self.varia("run", "points.yaml")))
        # More points keep those that are there; the draws of the start are those without a search.
        more = self.varia("run", "points.yaml", "sweep.random.count=18")
        self.assertIn("2 trained, 16 kept", self.last_line(more))
        self.experiment("drawn", TPE.split("search:")[0].replace("points", "drawn"))
        drawn = self.varia("plan", "drawn.yaml", "--json").json["trials"]
        self.assertEqual([trial["settings"]["optimizer.lr"] for trial in drawn][:10], rates[:10])

    def test_equal_results_give_equal_proposals(self):
        self.experiment("points", TPE)
        values = []
        for results in ("one", "two"):
            self.varia("run", "points.yaml", "--jobs", "1", "--results", results)
            values.append(self.proposals(results))
        self.assertEqual(*values)

    def test_a_stopped_tpe_goes_on_and_all_trials_of_a_point_count(self):
        self.experiment("points", TPE.replace("count: 16", "count: 6").replace(
            "loss}", "loss, startup: 3}") + "replicates: 2\n")
        process = self.start("run", "points.yaml", "--jobs", "2", "--quiet")
        while process.poll() is None and not os.path.exists(
                self.path("results", "points", "proposals.yaml")):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, (0, 75), err)
        self.varia("run", "points.yaml", "--jobs", "2")
        self.assertEqual(self.plan("points.yaml"), [("done", "")] * 12)
        self.assertEqual(len(self.proposals()), 3)

    def test_two_runs_share_the_points(self):
        self.experiment("points", TPE)
        runs = [self.start("run", "points.yaml", "--jobs", "1") for _ in range(2)]
        for run in runs:
            out, err = run.communicate(timeout=300)
            self.assertEqual(run.returncode, 0, out + err)
        self.assertEqual(self.plan("points.yaml"), [("done", "")] * 16)
        self.assertEqual(len(self.proposals()), 6)

    def test_what_cannot_be_searched_is_refused_before_anything_is_trained(self):
        no_validation = ASHA.replace(", validation: 0.2", "")
        for text, words in (
                (no_validation, ["data.validation"]),
                (TPE.replace(", validation: 0.2", ""), ["data.validation"]),
                (ASHA.replace("validation/loss", "test/loss"),
                 ["data.validation", "validation/...", "'test/loss'"]),
                (ASHA.replace("metric: validation/loss, ", ""), ["metric", "validation/elbo"]),
                (ASHA.replace("validation/loss", "validation/los"),
                 ["'validation/los'", "Did you mean 'validation/loss'?"]),
                (ASHA.replace("asha", "hyperband"), ["'hyperband'", "asha, tpe"]),
                (ASHA.replace("factor: 3", "factor: 1"), ["factor"]),
                (ASHA.replace("factor", "faktor"), ["'faktor'", "Did you mean 'factor'?"]),
                (ASHA + "metrics: [{use: nll, samples: 2, every: 3}]\n", None),
                (ASHA.replace("validation/loss", "validation/nll")
                 + "metrics: [{use: nll, samples: 2, every: 3}]\n", ["metrics.nll", "every: 1"]),
                (ASHA.replace("validation/loss", "validation/kl_parts_dimension_wise")
                 + "metrics: [{use: kl_parts, images: 8, every: 1}]\n",
                 ["'validation/kl_parts_dimension_wise'", "order: higher or order: lower"]),
                (TPE.replace("  random: {count: 16, optimizer.lr: {log_uniform: [1e-6, 1e-2]}}",
                             "  loss.beta: [1, 2]"), ["sweep.random"])):
            with self.subTest(words):
                self.experiment("wrong", text)
                if words is None:
                    self.varia("check", "wrong.yaml")
                    continue
                message = self.refused("run", "wrong.yaml")
                for word in words:
                    self.assertIn(word, message)
                self.assertFalse(os.path.exists(self.path("results")))

    def test_a_search_follows_what_the_metric_declares_or_the_order_that_is_given(self):
        # The ELBO is the loss with the other sign, and higher values of it are better.
        for name, old, new in (("elbo", "validation/loss", "validation/elbo"),
                               ("lower", "validation/loss,", "validation/loss, order: lower,")):
            self.experiment(name, ASHA.replace("name: halving", f"name: {name}")
                            .replace("replicates: 2\n", "").replace(old, new))
            self.varia("run", f"{name}.yaml", "--jobs", "1")
        rows = [rows_of(self.path("results", f"{name}.h5")) for name in ("elbo", "lower")]
        self.assertEqual(rows[0], rows[1])
        self.assertEqual([row[2] for row in rows[0]].count("done"), 1)
        metrics = "metrics: [{use: kl_parts, images: 8, every: 1}]\n"
        for value in ("gaussian_total_correlation}", "dimension_wise, order: higher}"):
            self.experiment("parts", TPE.replace("validation/loss}", "validation/kl_parts_" + value)
                            + metrics)
            self.varia("check", "parts.yaml")

    def test_a_search_is_not_submitted(self):
        self.experiment("halving", ASHA)
        self.assertIn("search=", self.refused("submit", "halving.yaml", "--dry-run"))

    def test_damaged_proposals_are_an_error_that_says_so(self):
        self.experiment("points", TPE.replace("count: 16", "count: 4").replace(
            "loss}", "loss, startup: 3}"))
        self.varia("run", "points.yaml")
        with open(self.path("results", "points", "proposals.yaml"), "w") as file:
            file.write("- {")
        self.assertIn("proposals.yaml", self.refused("plan", "points.yaml"))


if __name__ == "__main__":
    unittest.main()
