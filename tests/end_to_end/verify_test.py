"""`varia verify`: published numbers beside those that it measures."""
import os
import signal
import unittest

import h5py
from harness import MNIST, EndToEnd, results_of

SHIPPED = os.path.join(os.environ["VARIA_SOURCE_DIR"], "experiments/published")


def figure(metric="test/elbo", value=0.0, tolerance=None):
    judged = "" if tolerance is None else f", tolerance: {tolerance}"
    return f"{{metric: {metric}, value: {value}{judged}}}"


class Verify(EndToEnd):
    def published(self, name, *figures, more="", minutes=1):
        """name.yaml: base.yaml with these figures."""
        return self.experiment(name, f"published: {{source: a test, minutes: {minutes}, "
                                     f"figures: [{', '.join(figures)}]}}\n{more}")

    def verdicts(self, *arguments, code=0):
        document = self.varia("verify", *arguments, "--json", code=code).json
        return [figure["verdict"] for one in document["experiments"] for figure in one["figures"]]

    def measured(self, name, metric="test/elbo"):
        with h5py.File(self.path("results", name + ".h5")) as file:
            return file["final/" + metric][:].mean()

    def test_a_number_within_its_tolerance_is_reached(self):
        self.published("near", figure(tolerance=1e6), figure("train/kl"), more="replicates: 2\n")
        outcome = self.varia("verify", "near.yaml")
        self.assertRegex(outcome.out, r"near +test/elbo +0 +1000000 +-\d+\.\d+ +reached +1 +a test")
        self.assertRegex(outcome.out, r"near +train/kl +0 +- +\d+\.\d+ +no verdict")
        self.assertIn("1 reached, 1 no verdict", outcome.out)
        one = self.varia("verify", "near.yaml", "--json").json["experiments"][0]
        self.assertEqual(one["figures"][0]["measured"], self.measured("near"))  # of both replicates
        self.assertEqual(one["figures"][1]["measured"], self.measured("near", "train/kl"))

    def test_one_that_is_not_is_missed(self):
        self.published("far", figure(tolerance=0.5))
        self.published("near", figure(tolerance=1e6))
        self.assertEqual(self.verdicts("far.yaml", "near.yaml", code=1), ["missed", "reached"])
        # A tolerance reaches to both sides, and its ends belong to it.
        value = self.measured("far")
        for shift in (-1, 1):
            self.published("far", figure(value=value + shift, tolerance=1))
            self.assertEqual(self.verdicts("far.yaml"), ["reached"])
            self.published("far", figure(value=value + 1.01 * shift, tolerance=1))
            self.assertEqual(self.verdicts("far.yaml", code=1), ["missed"])

    def test_what_is_done_is_not_trained_again(self):
        self.published("near", figure(tolerance=1e6))
        self.varia("run", "near.yaml", "--quiet")
        before = results_of(self.path("results/near.h5"))
        self.assertEqual(self.verdicts("near.yaml"), ["reached"])
        self.assert_same_content(before, results_of(self.path("results/near.h5")))

    def test_a_replicate_that_the_merged_file_lacks_leaves_no_value(self):
        self.published("two", figure(tolerance=1e6))
        self.varia("run", "two.yaml", "--quiet")
        self.published("two", figure(tolerance=1e6), more="replicates: 2\n")
        self.varia("run", "two.yaml", "--quiet", "--no-merge")
        self.assertEqual(self.verdicts("two.yaml", "--list"), ["partial"])
        self.assertEqual(self.verdicts("two.yaml"), ["reached"])

    def test_an_interrupted_one_resumes(self):
        self.published("long", figure(tolerance=1e6),
                       more="data: {batch: 4}\ntrain: {epochs: 30}\n")
        self.published("other", figure(tolerance=1e6), minutes=2)
        process = self.start("verify", "long.yaml", "other.yaml")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.assertTrue(any("epoch 3/30" in line for line in process.stderr))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, err)
        self.assertRegex(out, "long .* partial")
        self.assertRegex(out, "other .* not run")
        self.assertEqual(self.verdicts("long.yaml", "other.yaml"), ["reached"] * 2)
        self.varia("run", "long.yaml", "--quiet", "--results", "whole")
        self.assert_same_content(results_of(self.path("whole/long.h5")),
                                 results_of(self.path("results/long.h5")))

    def test_a_list_runs_nothing(self):
        self.published("near", figure(tolerance=1e6))
        outcome = self.varia("verify", "near.yaml", "--list")
        self.assertRegex(outcome.out, "near .* not run")
        self.assertFalse(os.path.exists(self.path("results")))
        self.varia("run", "near.yaml", "--quiet")
        self.assertEqual(self.verdicts("near.yaml", "--list"), ["reached"])
        # A number that is missed is no error of a list.
        self.published("near", figure(tolerance=0.1))
        self.assertEqual(self.verdicts("near.yaml", "--list"), ["missed"])

    def test_a_trial_that_fails_fails_its_numbers(self):
        self.published("fails", figure(tolerance=1e6),
                       more="optimizer: {use: sgd, lr: 1000}\ntrain: {epochs: 3}\n")
        self.assertEqual(self.verdicts("fails.yaml", code=1), ["failed"])

    def test_what_is_wrong_is_said_before_anything_is_trained(self):
        self.published("good", figure(tolerance=1))
        self.published("wrong", figure("test/elbow", tolerance=1))
        message = self.refused("verify", "wrong.yaml")
        self.assertIn("wrong.yaml:", message)
        self.assertIn("published: ", message)
        self.assertIn("Did you mean 'test/elbo'?", message)
        self.assertIn("Did you mean 'test/elbo'?", self.refused("check", "wrong.yaml"))
        self.published("swept", figure(tolerance=1), more="sweep: {loss.beta: [1, 4, 8]}\n")
        self.assertIn("the sweep has 3", self.refused("verify", "good.yaml", "swept.yaml"))
        os.mkdir(self.path("other"))
        with open(self.path("good.yaml")) as file:
            self.write("other/good.yaml", "relative_to: ..\n" + file.read())
        self.assertIn("its results would be those of good.yaml",
                      self.refused("verify", "good.yaml", "other/good.yaml"))
        self.assertIn("no section 'published'", self.refused("verify", "base.yaml"))
        self.assertIn("absent.yaml", self.refused("verify", "absent.yaml"))
        self.assertIn("'burda_vea' is not a published experiment. Did you mean 'burda_vae'?",
                      self.refused("verify", "burda_vea"))
        self.assertFalse(os.path.exists(self.path("results")))

    def test_names_are_completed(self):
        lines = self.varia("complete", "--", "verify", "burda_iw").out.split()
        self.assertEqual(lines, ["burda_iwae_5", "burda_iwae_50"])

    @unittest.skipUnless(os.path.isdir(MNIST), f"there is no {MNIST}")
    def test_those_that_come_with_the_program_are_listed(self):
        outcome = self.varia("verify", "--list", "--minutes", "150")
        document = self.varia("verify", "--list", "--minutes", "150", "--json").json
        names = [one["experiment"] for one in document["experiments"]]
        self.assertEqual(set(names), {name.removesuffix(".yaml") for name in os.listdir(SHIPPED)
                                      if name.endswith(".yaml")})
        minutes = [one["minutes"] for one in document["experiments"]]
        self.assertEqual(minutes, sorted(minutes))
        self.assertRegex(outcome.out, r"longer than 150 min, run if named or with --minutes: "
                                      r"burda_vae, burgess_dsprites, burda_iwae_5, burda_iwae_50\n")


if __name__ == "__main__":
    unittest.main()
