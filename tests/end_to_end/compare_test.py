"""varia compare: a small sweep, its answers checked against h5py and numpy."""
import csv
import io
import itertools
import re
import shutil

import h5py
import numpy as np
from harness import EndToEnd, unittest, write_idx

# Quantiles 0.975 of Student's distribution, by degrees of freedom (any table has them).
STUDENT = {1: 12.706204736432095, 2: 4.302652729911275}

SWEEP = """
    data: {validation: 0.2}
    model: {hidden: [8]}
    train: {epochs: 1}
    sweep: {loss.beta: [1, 4], model.latent: [2, 3]}
    replicates: 3
    """


class Compare(EndToEnd):
    def sweep(self, name="sweep", text=SWEEP):
        self.experiment(name, text)
        self.varia("run", f"{name}.yaml", "--quiet")
        return f"results/{name}.h5"

    def compare(self, *arguments):
        return self.varia("compare", *arguments, "--json").json

    def table(self, file, metric):
        """{(beta, latent): {seed: value}} of the trials that are done, by h5py"""
        found = {}
        with h5py.File(self.path(file)) as results:
            final = results["final"][metric][:]
            status = results["trials/status"].asstr()[:]
            seed = results["trials/seed"][:]
            beta = results["parameters/loss.beta"][:]
            latent = results["parameters/model.latent"][:]
        for i in np.flatnonzero(status == "done"):
            found.setdefault((beta[i], latent[i]), {})[int(seed[i])] = final[i]
        return found

    def copy(self, file, change):
        shutil.copy(self.path(file), self.path("copy.h5"))
        with h5py.File(self.path("copy.h5"), "r+") as results:
            change(results)
        return "copy.h5"

    def check_estimate(self, estimate, values):
        n = len(values)
        self.assertEqual(estimate["n"], n)
        self.assertAlmostEqual(estimate["value"], np.mean(values), delta=1e-9)
        half = STUDENT[n - 1] * np.std(values, ddof=1) / np.sqrt(n)
        np.testing.assert_allclose(estimate["interval"],
                                   [np.mean(values) - half, np.mean(values) + half], rtol=1e-9)

    def check_difference(self, difference, own, other):
        seeds = sorted(set(own) & set(other))
        d = np.array([own[seed] - other[seed] for seed in seeds])
        self.assertEqual(difference["pairs"], len(d))
        self.assertAlmostEqual(difference["value"], d.mean(), delta=1e-9)
        flips = [abs(np.mean(np.array(signs) * d))
                 for signs in itertools.product([1, -1], repeat=len(d))]
        self.assertEqual(difference["p"],
                         np.mean(np.array(flips) >= abs(d.mean()) - 1e-12))
        self.assertEqual(difference["smallest_p"], 2.0 ** (1 - len(d)))

    def test_a_sweep(self):
        file = self.sweep()
        self.check_values(file)
        self.check_against(file)
        self.check_pooling(file)
        self.check_front(file)
        self.check_formats(file)
        self.check_missing_values(file)
        self.check_hostile(file)
        self.check_refusals(file)

    def check_values(self, file):
        found = self.compare(file)
        self.assertEqual(found["keys"], ["model.latent", "loss.beta"])
        self.assertEqual(found["metrics"],
                         [{"name": "test/elbo", "units": "nats", "order": "higher"}])
        self.assertEqual(found["ranked_by"], "validation/elbo")
        self.assertEqual(found["classes"], [""])
        self.assertEqual(found["notes"], [])
        test = self.table(file, "test/elbo")
        validation = {key: np.mean(list(values.values()))
                      for key, values in self.table(file, "validation/elbo").items()}
        order = sorted(validation, key=validation.get, reverse=True)
        self.assertEqual([setting["rank"] for setting in found["settings"]], [1, 2, 3, 4])
        p_values = []
        for key, setting in zip(order, found["settings"]):
            self.assertEqual(setting["setting"],
                             {"loss.beta": key[0], "model.latent": key[1]})
            self.assertAlmostEqual(setting["rank_value"], validation[key], delta=1e-9)
            (estimate,) = setting["estimates"]
            self.check_estimate(estimate, list(test[key].values()))
            self.assertEqual({seed["seed"]: seed["value"] for seed in estimate["seeds"]},
                             test[key])
            if key == order[0]:
                self.assertIsNone(estimate["difference"])
                continue
            self.check_difference(estimate["difference"], test[key], test[order[0]])
            p_values.append((estimate["difference"]["p"], estimate["difference"]["p_holm"]))
        largest = 0
        for i, (p, corrected) in enumerate(sorted(p_values)):
            largest = max(largest, min(1, (3 - i) * p))
            self.assertAlmostEqual(corrected, largest)
        text = self.varia("compare", file).out
        self.assertIn("4 settings of 12 trials, ranked by validation/elbo, highest first", text)
        self.assertIn("with 3 pairs no p is below 0.25, and none below 0.75 after Holm's", text)
        # Such a p says nothing, and is not printed.
        self.assertIn("for 3 tests; –: cannot be below 0.25, so that it says nothing", text)
        header, _, *others = text.splitlines()[:5]
        self.assertTrue(header.endswith("pairs  p  p (Holm)"), header)
        for line in others:
            self.assertRegex(line, r" 3  –  +–$")

    def check_against(self, file):
        test = self.table(file, "test/elbo")
        for setting in self.compare(file, "--against", "loss.beta=4.0")["settings"]:
            key = (float(setting["setting"]["loss.beta"]),
                   float(setting["setting"]["model.latent"]))
            (estimate,) = setting["estimates"]
            if key[0] == 4:
                self.assertIsNone(estimate["difference"])
            else:
                self.check_difference(estimate["difference"], test[key], test[(4, key[1])])
        found = self.compare(file, "--against", "11")["settings"]  # a row: beta 4, latent 3
        with h5py.File(self.path(file)) as results:
            last = results["trials/id"].asstr()[11]
        for setting in found:
            self.assertIn(last, found[setting["reference"]]["trials"])

    def check_pooling(self, file):
        test = self.table(file, "test/elbo")
        for setting in self.compare(file, "--over", "model.latent")["settings"]:
            beta = float(setting["setting"]["loss.beta"])
            (estimate,) = setting["estimates"]
            self.check_estimate(estimate, [np.mean(list(test[(beta, latent)].values()))
                                           for latent in (2, 3)])
            self.assertEqual({(one["pooled"]["model.latent"], one["seed"])
                              for one in estimate["seeds"]},
                             {(latent, seed) for latent in (2, 3)
                              for seed in test[(beta, latent)]})
        validation = self.table(file, "validation/elbo")
        for setting in self.compare(file, "--best", "model.latent")["settings"]:
            beta = float(setting["setting"]["loss.beta"])
            best = max((2, 3), key=lambda latent: np.mean(list(validation[beta, latent].values())))
            self.assertEqual(setting["best"], {"model.latent": best})
            self.check_estimate(setting["estimates"][0], list(test[(beta, best)].values()))
        line = self.refused("compare", file, "--by", "loss.beta")
        self.assertIn("trials of one setting differ in model.latent", line)

    def check_front(self, file):
        found = self.compare(file, "--metric", "test/kl", "--metric", "test/reconstruction")
        points = [[estimate["value"] for estimate in setting["estimates"]]
                  for setting in found["settings"]]
        for point, setting in zip(points, found["settings"]):
            dominated = any(other[0] <= point[0] and other[1] <= point[1] and other != point
                            for other in points)
            self.assertEqual(setting["front"], not dominated)
        text = self.varia("compare", file, "--metric", "test/kl", "--metric",
                          "test/reconstruction", "--plot").out
        self.assertEqual(text.count("●") + text.count("○"), 4)
        self.assertIn("front: no other setting is as good in both metrics", text)

    def check_formats(self, file):
        found = self.compare(file)["settings"]
        rows = list(csv.DictReader(io.StringIO(self.varia("compare", file, "--csv").out)))
        self.assertEqual(len(rows), 4)
        for row, setting in zip(rows, found):
            self.assertEqual(row["loss.beta"], str(setting["setting"]["loss.beta"]))
            self.assertEqual(float(row["value"]), setting["estimates"][0]["value"])
            self.assertEqual(int(row["n"]), 3)
            self.assertEqual(row["ranked_by"], "validation/elbo")
        self.assertEqual(rows[0]["difference"], "")
        self.assertEqual(float(rows[1]["p_holm"]),
                         found[1]["estimates"][0]["difference"]["p_holm"])
        latex = self.varia("compare", file, "--latex").out
        self.assertEqual(latex.count("\\\\\n"), 5)
        self.assertIn(r"rank & model.latent & loss.beta & validation/elbo & test/elbo & 95\% "
                      "interval", latex)
        plot = self.varia("compare", file, "--plot").out
        self.assertEqual(plot.count("●"), 4)
        # A list that is cut says so.
        self.assertIn("3 settings are not shown",
                      self.varia("compare", file, "--limit", "1").out)

    def check_missing_values(self, file):
        def change(results):
            results["trials/status"][0] = "failed"
            results["trials/status"][1] = "partial"
        copy = self.copy(file, change)
        found = self.compare(copy)
        (setting,) = [one for one in found["settings"]
                      if one["setting"] == {"loss.beta": 1, "model.latent": 2}]
        (estimate,) = setting["estimates"]
        self.assertEqual(estimate["missing_values"],
                         {"failed": 1, "partial": 1, "missing": 0, "without_value": 0})
        self.assertEqual(estimate["n"], 1)
        with h5py.File(self.path(file)) as results:
            self.assertEqual(estimate["value"], results["final/test/elbo"][2])
        self.assertIn("1 failed, 1 partial", self.varia("compare", copy).out)

    def check_hostile(self, file):
        evil = ['=HYPERLINK("http://x","y")', "\x1b[2J\x1b]0;x\x07", "\\input{/etc/passwd}",
                "<script>alert(1)</script>", "two\r\nlines, \"quoted\"", "\u202e\x9b31m"]

        def change(results):
            texts = results["parameters/data.use"]
            texts[:] = [evil[i % 6] for i in range(12)]
            texts.attrs.modify("swept", np.int64(1))
        copy = self.copy(file, change)
        keys = ["--by", "data.use", "--by", "loss.beta", "--by", "model.latent"]
        for style in ([], ["--plot"], ["--latex"]):
            out = self.varia("compare", copy, *keys, *style).out
            self.assertNotRegex(out, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
        self.assertNotIn(r"\input", self.varia("compare", copy, *keys, "--latex").out)
        rows = list(csv.DictReader(io.StringIO(self.varia("compare", copy, *keys, "--csv").out)))
        self.assertEqual(len(rows), 12)
        for row in rows:
            self.assertNotRegex(row["data.use"], re.compile("^[=+@-]"))
            self.assertEqual(row["metric"], "test/elbo")
        self.assertIn(evil[0], [one["setting"]["data.use"]
                                for one in self.compare(copy, *keys)["settings"]])

    def check_refusals(self, file):
        for arguments, expected in [
                (["--metric", "test/elbow"], "Did you mean 'test/elbo'?"),
                (["--metric", "test/kl_per_dim_z"], "is an array"),
                (["--metric", "test/kl"] * 3, "--metric is given 3 times"),
                (["--by", "loss.bta"], "Did you mean 'loss.beta'?"),
                (["--over", "loss.beta", "--best", "loss.beta"], "is named twice"),
                (["--against", "loss.beta=3"], "no setting has loss.beta=3. Known: 1, 4."),
                (["--against", "zzz"], "has no trial 'zzz'"),
                (["--order", "up"], "--order"),
                (["--csv", "--json"], "--json excludes --csv")]:
            self.assertIn(expected, self.refused("compare", file, *arguments))
        self.assertIn("absent.h5", self.refused("compare", "absent.h5"))

        def without_validation(results):
            del results["metrics/validation"], results["final/validation"]
        copy = self.copy(file, without_validation)
        self.assertIn("chooses on the validation split",
                      self.refused("compare", copy, "--best", "loss.beta"))
        self.assertIn("ranked on the test set by test/elbo", self.varia("compare", copy).out)

    def test_models_of_different_bounds_are_not_ranked_together(self):
        write_idx(self.path("train_labels.idx"), (np.arange(600) % 3).astype(np.uint8))
        write_idx(self.path("test_labels.idx"), (np.arange(200) % 3).astype(np.uint8))
        file = self.sweep("bounds", """
            data: {labels: train_labels.idx, test_labels: test_labels.idx}
            train: {epochs: 1}
            sweep:
              kind:
                plain: {set: {model: {use: mlp_vae, hidden: [8], latent: 2}}}
                conditional: {set: {model: {use: conditional_vae, hidden: [8], latent: 2}}}
            """)
        with h5py.File(self.path(file)) as results:
            self.assertEqual(list(results["final/test/elbo_bound"].asstr()),
                             ["log p(x)", "log p(x|y)"])
            self.assertNotIn("bound", results["metrics/test/elbo"].attrs)
        found = self.compare(file)
        self.assertEqual(found["classes"], ["bound=log p(x)", "bound=log p(x|y)"])
        for setting in found["settings"]:
            self.assertEqual(setting["rank"], 1)
            self.assertIsNone(setting["estimates"][0]["difference"])


if __name__ == "__main__":
    unittest.main()
