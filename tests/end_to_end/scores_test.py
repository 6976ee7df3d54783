"""varia score: what a trained model says of each sample."""
import csv

import h5py
import numpy as np
from harness import EndToEnd, unittest, write_idx

TERMS = ["elbo", "reconstruction", "kl", "kl_z", "nll"]


class Scores(EndToEnd):
    def setUp(self):
        super().setUp()
        for name, count in (("train", 600), ("test", 200)):
            write_idx(self.path(name + "_labels.idx"), (np.arange(count) % 3).astype(np.uint8))

    def train(self, binarize="dynamic"):
        self.experiment("e", f"""
            data: {{labels: train_labels.idx, test_labels: test_labels.idx, validation: 0.25,
                   binarize: {binarize}}}
            metrics: [{{use: nll, samples: 50, images: 200}}]
            """)
        self.varia("run", "e.yaml", "--quiet")

    def score(self, output, *more, file="results/e.h5"):
        """{split/column: array}"""
        outcome = self.varia("score", file, "--trial", "0", "--samples", "50", "-o", output, *more)
        self.assertIn(f"{output}: scores of ", outcome.out)
        if output.endswith(".npz"):
            return dict(np.load(self.path(output)))
        if output.endswith(".h5"):
            with h5py.File(self.path(output)) as file:
                self.assertEqual(file.attrs["format"], "varia-scores")
                self.assertEqual(file.attrs["epoch"], 2)
                return {f"{split}/{name}": array[:] for split, group in file.items()
                        for name, array in group.items() if name != "image"}
        with open(self.path(output), newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t" if output.endswith("tsv") else ","))
        return {f"{split}/{name}": np.array([float(row[name]) for row in rows
                                             if row["split"] == split])
                for split in {row["split"] for row in rows}
                for name in rows[0] if name not in ("split", "name")}

    def test_means_are_what_the_trial_recorded(self):
        self.train()
        found = self.score("scores.npz")
        with h5py.File(self.path("results/e.h5")) as file:
            for split in ("validation", "test"):
                for term in TERMS:
                    recorded = file[f"metrics/{split}/{term}"][0, -1]
                    np.testing.assert_allclose(found[f"{split}/{term}"].mean(), recorded, rtol=1e-6,
                                               err_msg=f"{split} {term}")
        for split, size in (("train", 450), ("validation", 150), ("test", 200)):
            one = {name.split("/")[1]: array for name, array in found.items()
                   if name.startswith(split + "/")}
            self.assertEqual({array.shape for array in one.values()}, {(size,)})
            np.testing.assert_allclose(one["elbo"], -one["reconstruction"] - one["kl"], rtol=1e-5)
            # Fifty draws bound what one draw bounds, but for their errors.
            self.assertTrue((one["nll_standard_error"] > 0).all())
            self.assertGreater((-one["elbo"] - one["nll"]).mean(), 0)
            self.assertTrue((one["squared_error"] >= 0).all())

    def test_samples_are_told_by_their_place_in_the_file(self):
        self.train()
        found = self.score("scores.h5")
        both = np.concatenate([found["train/index"], found["validation/index"]])
        np.testing.assert_array_equal(np.sort(both), np.arange(600))
        np.testing.assert_array_equal(found["test/index"], np.arange(200))
        for split in ("train", "validation", "test"):
            np.testing.assert_array_equal(found[split + "/labels"], found[split + "/index"] % 3)
        self.varia("encode", "results/e.h5", "--trial", "0", "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            for split in ("train", "validation", "test"):
                np.testing.assert_array_equal(file[split]["index"][:], found[split + "/index"])

    def test_every_format_says_the_same(self):
        self.train()
        truth = self.score("scores.h5", "--split", "test")
        self.assertEqual({name.split("/")[0] for name in truth}, {"test"})
        for output in ("scores.npz", "scores.csv", "scores.tsv"):
            found = self.score(output, "--split", "test")
            self.assertEqual(set(found), set(truth), output)
            for name, array in truth.items():
                np.testing.assert_array_equal(found[name], array, f"{output} {name}")
        self.assertIn("expected a file that ends in .h5, .csv, .tsv or .npz, found 'scores.txt'",
                      self.refused("score", "results/e.h5", "--trial", "0", "-o", "scores.txt"))

    def test_new_data(self):
        self.train("none")
        old = self.score("old.npz", "--split", "test")
        # The images of the test split as others that the model was not trained on.
        with open(self.path("test.idx"), "rb") as file:
            images = np.frombuffer(file.read()[16:], np.uint8).reshape(200, 8, 8)
        np.save(self.path("new.npy"), images)
        new = self.score("new.npz", "--data", "use=numpy", "file=new.npy")
        self.assertEqual({name.split("/")[0] for name in new}, {"train"})
        np.testing.assert_array_equal(new["train/index"], np.arange(200))
        # The same up to the noise of the draws.
        np.testing.assert_allclose(new["train/squared_error"], old["test/squared_error"], rtol=0.5)
        deviation = np.hypot(new["train/nll_standard_error"], old["test/nll_standard_error"])
        self.assertLess(np.max(np.abs(new["train/nll"] - old["test/nll"]) / deviation), 8)
        # What is unlike the training images has a lower bound.
        noise = np.random.default_rng(3).integers(0, 256, (50, 8, 8)).astype(np.uint8)
        np.save(self.path("noise.npy"), noise)
        strange = self.score("strange.npz", "--data", "use=numpy", "file=noise.npy")
        self.assertGreater(np.median(strange["train/nll"]), new["train/nll"].max())
        np.save(self.path("large.npy"), np.zeros((5, 9, 9), np.uint8))
        self.assertIn("data: the model was trained on other samples: expected [1, 8, 8], found "
                      "[1, 9, 9]",
                      self.refused("score", "results/e.h5", "--trial", "0", "--data", "use=numpy",
                                   "file=large.npy"))

    def test_new_rows_are_on_the_scale_of_the_training_rows(self):
        random = np.random.default_rng(1)
        rows = random.normal([10, -3, 5], [2, 0.1, 30], (300, 3))
        names = "a,b,c"
        np.savetxt(self.path("rows.csv"), rows, delimiter=",", header=names, comments="")
        np.savetxt(self.path("moved.csv"), rows[:100] * [1, 1, 2], delimiter=",", header=names,
                   comments="")
        np.savetxt(self.path("same.csv"), rows[:100], delimiter=",", header=names, comments="")
        self.write("t.yaml", """
name: t
data: {use: table, file: rows.csv, standardise: zscore, batch: 50}
model: {use: mlp_vae, hidden: [16], latent: 2}
loss: {use: elbo}
optimizer: {use: adam, lr: 1e-2}
train: {epochs: 2}
""")
        self.varia("run", "t.yaml", "--quiet")
        own = self.score("own.npz", "--split", "train", file="results/t.h5")
        same = self.score("same.npz", "--data", "file=same.csv", file="results/t.h5")
        first = {index: place for place, index in enumerate(own["train/index"])}
        kept = [index for index in range(100) if index in first]
        self.assertGreater(len(kept), 50)
        places = [first[index] for index in kept]
        np.testing.assert_allclose(same["train/nll"][kept].mean(), own["train/nll"][places].mean(),
                                   atol=0.05)
        moved = self.score("moved.npz", "--data", "file=moved.csv", file="results/t.h5")
        self.assertGreater(moved["train/nll"].mean(), same["train/nll"].mean() + 0.1)

    def test_a_model_that_is_told_classes_knows_those_of_new_data_by_their_names(self):
        names, centres = ["cat", "dog", "fox"], np.array([-3.0, 0.0, 3.0])
        labels = np.random.default_rng(2).integers(0, 3, 300)
        values = centres[labels, None] + np.random.default_rng(3).normal(0, 0.3, (300, 2))

        def table(file, chosen, naming=names):
            with open(self.path(file), "w", newline="") as out:
                csv.writer(out).writerows([["a", "b", "kind"]] + [
                    [*row, naming[label]] for row, label in zip(values[chosen], labels[chosen])])
        table("rows.csv", np.arange(300))
        self.write("t.yaml", """
name: t
data: {use: table, file: rows.csv, label: kind, classes: 3, batch: 30}
model: {use: conditional_vae, hidden: [16], latent: 1}
loss: {use: elbo}
optimizer: {use: adam, lr: 2e-2}
train: {epochs: 20}
""")
        self.varia("run", "t.yaml", "--quiet")

        def error(file):
            found = self.score("new.npz", "--data", f"file={file}", "label=kind",
                               file="results/t.h5")
            return found["train/squared_error"].mean()
        # A file numbers the classes that are in it: cat is 0 in the one, dog in the other.
        for missing in range(3):
            table("some.csv", np.flatnonzero(labels != missing))
            self.assertLess(error("some.csv"), 1.5 * error("rows.csv"), names[missing])
        # Of wrong classes it would be large: without the cats, every dog would be a cat.
        table("wrong.csv", np.arange(300), ["dog", "fox", "cat"])
        self.assertGreater(error("wrong.csv"), 3 * error("rows.csv"))
        table("others.csv", np.arange(300), ["cat", "dog", "fix"])
        self.assertIn("data: the model is told the class of a sample, and was trained on no class "
                      "'fix'. Did you mean 'fox'?",
                      self.refused("score", "results/t.h5", "--trial", "0", "--data",
                                   "file=others.csv", "label=kind"))


if __name__ == "__main__":
    unittest.main()
