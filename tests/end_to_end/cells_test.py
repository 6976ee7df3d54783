"""Cells of AnnData files: trained on, encoded with their names, or refused in one line."""
import os
import unittest

import h5py
import numpy as np
from anndata_files import write_h5ad
from harness import EndToEnd

EXPERIMENT = """
data: {use: anndata, file: a.h5ad, label: type, covariates: [batch, age], test: 0.25, batch: 30}
model: {use: cell_vae, hidden: [16], latent: 2}
loss: elbo
optimizer: {use: adam, lr: 1e-2}
train: {epochs: 2}
metrics: [clustering]
"""


def k_means(points, count, restarts=200):
    """Lloyd's algorithm from random points: of the clusters [n], those whose inertia is least."""
    draw, best = np.random.default_rng(1), None
    for _ in range(restarts):
        centres, before = points[draw.choice(len(points), count, replace=False)], None
        while True:
            distances = ((points[:, None] - centres) ** 2).sum(2)
            clusters = distances.argmin(1)
            if before is not None and (clusters == before).all():
                break
            before = clusters
            centres = np.array([points[clusters == k].mean(0) if (clusters == k).any() else centres[k]
                                for k in range(count)])
        if best is None or distances.min(1).sum() < best[0]:
            best = distances.min(1).sum(), clusters
    return best[1]


def agreement(clusters, labels):
    """Normalised mutual information (over the mean of the entropies) and adjusted Rand index."""
    table = np.array([[np.sum((clusters == k) & (labels == label)) for label in np.unique(labels)]
                      for k in np.unique(clusters)])

    def entropy(counts):
        parts = counts[counts > 0] / counts.sum()
        return -np.sum(parts * np.log(parts))

    def pairs(counts):
        return np.sum(counts * (counts - 1)) / 2

    rows, columns = table.sum(1), table.sum(0)
    both = (entropy(rows) + entropy(columns)) / 2
    nmi = (2 * both - entropy(table.ravel())) / both
    by_chance = pairs(rows) * pairs(columns) / pairs(table.sum())
    most = (pairs(rows) + pairs(columns)) / 2
    return nmi, (pairs(table) - by_chance) / (most - by_chance)


class Cells(EndToEnd):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(5)
        self.types = draw.integers(0, 3, 120)
        means = draw.gamma(1, 3, (3, 10))
        self.counts = draw.poisson(means[self.types]).astype("f4")
        self.obs = {"type": (["T", "B", "NK"], self.types), "age": draw.normal(50, 9, 120),
                    "batch": draw.choice(["one", "two"], 120)}
        write_h5ad(self.path("a.h5ad"), self.counts, obs=self.obs)
        self.write("e.yaml", EXPERIMENT)

    def test_codes_have_the_names_of_their_cells(self):
        self.varia("check", "e.yaml")
        self.varia("run", "e.yaml", "--quiet")
        row, = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.varia("encode", "results/e.h5", "--trial", row["id"], "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            seen = []
            for split, size in (("train", 90), ("test", 30)):
                rows = [int(name.decode().split()[1]) for name in file[split]["names"][()]]
                self.assertEqual(file[split]["z_mean"].shape, (size, 2))
                np.testing.assert_array_equal(file[split]["labels"][()], self.types[rows])
                seen += rows
        self.assertEqual(sorted(seen), list(range(120)))

    def test_the_clusters_of_the_codes_are_compared_with_the_types(self):
        # Three genes of each type are frequent in it alone. Every tenth cell has another's type, so
        # that clusters and types do not agree in full.
        means = np.ones((3, 10))
        for kind in range(3):
            means[kind, 3 * kind:3 * kind + 3] = 40
        counts = np.random.default_rng(6).poisson(means[self.types]).astype("f4")
        said = np.where(np.arange(120) % 10 == 0, (self.types + 1) % 3, self.types)
        write_h5ad(self.path("a.h5ad"), counts, obs={**self.obs, "type": (["T", "B", "NK"], said)})
        self.varia("run", "e.yaml", "--quiet", "train.epochs=30")
        row, = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.varia("encode", "results/e.h5", "--trial", row["id"], "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            points, labels = file["test/z_mean"][()], file["test/labels"][()]
            planted = self.types[[int(name.decode().split()[1]) for name in file["test/names"][()]]]
        clusters = k_means(points.astype("f8"), 3)
        self.assertGreater(min(agreement(clusters, planted)), 0.9)
        nmi, ari = agreement(clusters, labels)
        self.assertAlmostEqual(row["metrics"]["test/clustering_nmi"], nmi, places=6)
        self.assertAlmostEqual(row["metrics"]["test/clustering_ari"], ari, places=6)
        self.assertTrue(0.5 < nmi < 1 and 0.5 < ari < 1 and abs(nmi - ari) > 1e-3, (nmi, ari))

    def test_a_likelihood_of_counts_refuses_other_numbers_with_the_layers_that_have_counts(self):
        write_h5ad(self.path("a.h5ad"), np.log1p(self.counts), obs=self.obs,
                   layers=[("counts", self.counts, "csr"), ("scaled", -self.counts, "dense")])
        line = self.refused("check", "e.yaml")
        self.assertIn("likelihood: negative_binomial is one of counts, and the data are real numbers.",
                      line)
        self.assertIn("Layers that begin with counts: counts (set 'layer').", line)
        self.varia("check", "e.yaml", "data.layer=counts")
        self.varia("check", "e.yaml", "model.likelihood=gaussian")
        self.assertIn("a.h5ad: X: row 0 holds ", self.refused("run", "e.yaml", "data.domain=count"))

    def test_models_of_any_data_train_on_counts_of_thousands(self):
        write_h5ad(self.path("a.h5ad"), np.round(self.counts * 10000), obs=self.obs)
        for model in ("mlp_vae", "ladder_vae"):
            self.varia("run", "e.yaml", "--quiet", "data.covariates=[]", f"name={model}",
                       f"model={{use: {model}, hidden: [16], latent: 2}}")
            row, = self.varia("show", f"results/{model}.h5", "--json").json["trials"]
            self.assertTrue(np.isfinite(row["metrics"]["test/loss"]))

    def test_what_is_wrong_with_a_file_is_one_line_and_code_2(self):
        def cut(path):
            os.truncate(path, os.path.getsize(path) // 2)

        def edit(change):
            def apply(path):
                with h5py.File(path, "a") as file:
                    change(file)
            return apply
        faults = [
            (cut, "a.h5ad: cannot be opened as HDF5"),
            (edit(lambda file: file["X/indices"].__setitem__(0, 10)),
             "a.h5ad: X: is damaged: there is an index 10 among its indices; expected 0 to 9."),
            (edit(lambda file: file["X/indptr"].__setitem__(1, 5000)),
             "a.h5ad: X: is damaged: indptr does not ascend from 0 to the "),
            (edit(lambda file: file["obs"].pop("batch")), "obs has no column 'batch'."),
            (edit(lambda file: file["obs/type/codes"].__setitem__(7, -1)),
             "a.h5ad: obs: column 'type': row 7 has no entry, and every cell needs one as label."),
            (edit(lambda file: file["X/data"].__setitem__(0, np.nan)), "a.h5ad: X: row 0 holds NaN")]
        for spoil, expected in faults:
            with self.subTest(expected):
                write_h5ad(self.path("a.h5ad"), self.counts, obs=self.obs)
                spoil(self.path("a.h5ad"))
                for command in ("check", "run"):
                    self.assertIn(expected, self.refused(command, "e.yaml"))
        self.assertFalse(os.path.exists(self.path("results")))


if __name__ == "__main__":
    unittest.main()
