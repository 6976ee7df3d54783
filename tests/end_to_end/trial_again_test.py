"""One trial of a results file, run again alone."""
import os
import unittest

import h5py
import numpy as np
from harness import BASE, EndToEnd, by_trial, read_parameters, same

EXPERIMENT = """
    data: {validation: 0.2}
    loss: {beta: {use: linear, from: 0, to: 4, fraction: 1}}
    optimizer: {lr: 1e-2}
    metrics: [{use: nll, samples: 3}]
    views: [{use: samples, every: 1}]
    sweep:
      model.hidden: [[32], [16, 16]]
      size: {small: {set: {model: {latent: 2}}}, large: {set: {model: {latent: 6}}}}
    replicates: 2
    """


class TrialAgain(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.varia("run", "e.yaml", "--quiet")
        with h5py.File(self.path("results/e.h5")) as file:
            self.ids = file["trials/id"].asstr()[:].tolist()

    def from_file(self, trial, *more):
        return ["run", "--from", "results/e.h5", "--trial", trial, *more]

    def assert_same_trial(self, id, again):
        first, second = by_trial(self.path("results/e.h5"))[id], by_trial(again)
        self.assertEqual(list(second), [id])
        for name, values in second[id].items():
            # The sweep's arrays are as long as the longest of its trials.
            own = first[name][tuple(slice(length) for length in np.shape(values))]
            self.assertTrue(same(np.ascontiguousarray(own), np.ascontiguousarray(values)), name)

    def test_every_number_and_picture_is_the_same_bit_for_bit(self):
        for id in (self.ids[0], self.ids[5]):
            self.varia(*self.from_file(id, "--quiet"))
            self.assert_same_trial(id, self.path(f"results/e_{id}.h5"))
            first = read_parameters(self.path(f"results/e/models/{id}.h5"))
            second = read_parameters(self.path(f"results/e_{id}/models/{id}.h5"))
            self.assertEqual(set(first), set(second))
            for name, value in first.items():
                self.assertTrue(same(value, second[name]), name)

    def test_tags_and_notes_of_the_file_go_with_it(self):
        self.experiment("e", EXPERIMENT + "tags: [paper]\n    notes: {why: 'yes: a try'}\n")
        self.varia("merge", "e", "--experiment", "e.yaml")
        self.varia(*self.from_file(self.ids[0], "--quiet"))
        [row] = self.varia("show", f"results/e_{self.ids[0]}.h5", "--json").json["trials"]
        self.assertEqual((row["tags"], row["notes"]), (["paper"], {"why": "yes: a try"}))

    def test_the_sweep_and_its_results_stay_as_they_were(self):
        self.varia(*self.from_file("0", "--quiet", "-o", "elsewhere"))
        self.assertEqual(sorted(os.listdir(self.path("results"))), ["e", "e.h5"])
        self.assertEqual([state for state, _ in self.plan("e.yaml")], ["done"] * 8)
        self.assert_same_trial(self.ids[0], self.path(f"elsewhere/e_{self.ids[0]}.h5"))

    def test_its_data_is_found_from_another_folder(self):
        os.mkdir(self.path("other"))
        os.rename(self.path("results"), self.path("other/results"))
        self.folder, here = self.path("other"), self.folder
        self.addCleanup(setattr, self, "folder", here)
        self.varia(*self.from_file(self.ids[3], "--quiet"))
        self.assert_same_trial(self.ids[3], self.path(f"results/e_{self.ids[3]}.h5"))

    def test_a_trial_may_lack_what_the_sweep_has_taken_from_it(self):
        """With sections from files of two folders, whose relative paths start in different ones."""
        os.mkdir(self.path("base"))
        self.write("base/base.yaml", BASE.replace(": t", ": ../t") +
                   "metrics: [{use: nll, samples: 3}]\n")
        self.write("two.yaml", """
extends: base/base.yaml
views: [samples]
sweep:
  measured:
    all:
    none: {set: {metrics: [], views: [], loss.beta: 2}}
    nothing: {set: {metrics: , views: , loss.beta: 3}}
""")
        self.varia("run", "two.yaml", "--quiet")
        with h5py.File(self.path("results/two.h5")) as file:
            ids = file["trials/id"].asstr()[:].tolist()
        self.assertEqual(len(ids), 3)
        for id in ids:
            self.varia("sample", "results/two.h5", "--trial", id, "-o", "picture.png")
            self.varia("run", "--from", "results/two.h5", "--trial", id, "--quiet", "-o", "again")
            self.assertEqual(list(by_trial(self.path(f"again/two_{id}.h5"))), [id])

    def test_values_can_be_replaced(self):
        id = self.ids[7]
        outcome = self.varia(*self.from_file(id[:8], "train.epochs=3", "loss.beta=2", "--name",
                                             "longer", "--json"))
        self.assertEqual(len(outcome.json["trials"]), 1)
        with h5py.File(self.path("results/longer.h5")) as file:
            self.assertEqual(file["parameters/loss.beta"][0], 2)
            self.assertEqual(file["parameters/model.latent"][0], 6)
            self.assertEqual(file["metrics/test/loss"].shape, (1, 3))

    def test_its_yaml_is_an_experiment(self):
        id = self.ids[2]
        self.varia("export", "results/e.h5", "--yaml", "one.yaml", "--trial", id)
        self.varia("run", "one.yaml", "name=one", "--quiet")
        self.assert_same_trial(id, self.path("results/one.h5"))
        with open(self.path("one.yaml")) as file:
            self.assertEqual(self.varia("export", "results/e.h5", "--yaml", "-", "--trial", id).out,
                             file.read())
        self.assertIn("--yaml writes one trial, and 8 are chosen",
                      self.refused("export", "results/e.h5", "--yaml", "one.yaml"))

    def test_it_outlives_the_files_of_the_trials(self):
        id = self.ids[1]
        self.varia("merge", "e", "--pack", "--yes")
        self.assertFalse(os.path.exists(self.path(f"results/e/trials/{id[:2]}/{id}.h5")))
        self.varia(*self.from_file(id, "--quiet"))
        self.assert_same_trial(id, self.path(f"results/e_{id}.h5"))

    def test_what_cannot_be_run_again_is_said(self):
        wrong = self.ids[4][:-1] + ("0" if self.ids[4][-1] != "0" else "1")
        self.assertIn(f"results/e.h5 has no trial '{wrong}'. Did you mean '{self.ids[4]}'?",
                      self.refused(*self.from_file(wrong)))
        self.assertIn("expected KEY=VALUE", self.refused(*self.from_file("0"), "e.yaml"))
        for arguments in (["--from", "results/e.h5"], ["--trial", "0", "e.yaml"], []):
            self.varia("run", *arguments, code=2)
        # Other data of the same name.
        with open(self.path("train.idx"), "r+b") as file:
            file.seek(100)
            file.write(b"\xff")
        line = self.refused(*self.from_file("0"))
        self.assertIn(f"results/e.h5 trial {self.ids[0]}: its YAML gives the trial", line)
        # Without its YAML the file is damaged.
        with h5py.File(self.path("results/e.h5"), "r+") as file:
            del file["trials/config"]
        self.assertIn("it has no data set 'config'", self.refused(*self.from_file("0")))
        with open(self.path("results/e.h5"), "r+b") as file:
            file.truncate(os.path.getsize(self.path("results/e.h5")) // 2)
        self.assertTrue(self.refused(*self.from_file("0")).startswith("results/e.h5: "))

    def test_the_yaml_is_in_the_file(self):
        with h5py.File(self.path("results/e.h5")) as file:
            texts = file["trials/config"].asstr()[:]
            seeds = file["trials/seed"][:]
        self.assertEqual(len(set(texts)), 8)
        for text, seed in zip(texts, seeds):
            self.assertIn(f"trial_seed: {np.int64(seed)}\n", text)


if __name__ == "__main__":
    unittest.main()
