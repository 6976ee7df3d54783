"""What varia diff says of two results files."""
import unittest

import h5py
from harness import EndToEnd

SWEEP = "sweep: {loss.beta: [1, 4]}\n"


class Diff(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml")

    def test_two_runs_of_one_experiment_are_the_same(self):
        self.varia("run", "e.yaml", "--results", "again", "--jobs", "2")
        out = self.varia("diff", "results/e.h5", "again/e.h5").out
        self.assertTrue(out.startswith("all 2 trials are the same, bit for bit: 0 with other"), out)
        document = self.varia("diff", "results/e.h5", "again/e.h5", "--json").json
        self.assertEqual((document["same"], document["identical"]), (True, 2))

    def test_one_value_that_was_changed(self):
        self.varia("run", "e.yaml", "--results", "again")
        with h5py.File(self.path("again/e.h5"), "r+") as file:
            values = file["metrics/test/elbo"]
            values[1, 0] += 0.5
            changed = file["trials/id"].asstr()[1]
        document = self.varia("diff", "results/e.h5", "again/e.h5", "--json", code=1).json
        pair, = document["results"]
        self.assertEqual(pair["first"], {"id": changed, "settings": "loss.beta=4"})
        self.assertEqual(pair["differences"], ["test/elbo: from epoch 1 on, by up to 0.5"])

    def test_another_parameter_and_another_value_of_the_sweep(self):
        self.varia("run", "e.yaml", "optimizer.lr=0.002", "--results", "again")
        document = self.varia("diff", "results/e.h5", "again/e.h5", "--json", code=1).json
        self.assertEqual((document["identical"], document["results"]), (0, []))
        self.assertEqual({tuple(pair["differences"]) for pair in document["parameters"]},
                         {("optimizer.lr: 0.001 and 0.002",)})
        self.experiment("e", SWEEP.replace("4", "8"))
        self.varia("run", "e.yaml", "--results", "other")
        out = self.varia("diff", "results/e.h5", "other/e.h5", code=1).out
        self.assertIn("1 trial the same, bit for bit: 0 with other results, 0 with other "
                      "parameters, 1 in the first file alone, 1 in the second alone", out)
        self.assertRegex(out, r"loss.beta=8 +is in other/e.h5 alone")

    def test_a_longer_trial_is_the_same_up_to_where_the_other_ends(self):
        self.varia("run", "e.yaml", "train.epochs=4", "--results", "again")
        out = self.varia("diff", "results/e.h5", "again/e.h5", code=1).out
        self.assertRegex(out, r"loss.beta=4 +epochs: [1-3] and 4\n")
        self.assertNotIn("elbo", out)

    def test_many_differences_are_cut_and_pairs_of_two_ids_have_both(self):
        self.varia("run", "e.yaml", "--results", "again")
        with h5py.File(self.path("again/e.h5"), "r+") as file:
            for values in (*file["metrics/test"].values(), *file["metrics/train"].values()):
                if values.ndim == 2 and values.dtype.kind == "f":
                    values[1, 0] += 0.5
        out = self.varia("diff", "results/e.h5", "again/e.h5", "--wide", code=1).out
        self.assertRegex(out, r"test/\w+: from epoch 1 on, by up to 0.5; and \d+ more \(--json has all\)")
        self.varia("run", "e.yaml", "optimizer.lr=0.002", "--results", "other")
        with h5py.File(self.path("other/e.h5")) as file:
            ids = file["trials/id"].asstr()[:]
        out = self.varia("diff", "results/e.h5", "other/e.h5", "--wide", code=1).out
        for other in ids:
            self.assertIn(f"{other} there; parameters: optimizer.lr: 0.001 and 0.002", out)

    def test_a_file_that_is_not_there(self):
        self.assertIn("none.h5", self.refused("diff", "results/e.h5", "none.h5"))


if __name__ == "__main__":
    unittest.main()
