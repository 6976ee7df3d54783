"""What a run writes: the numbers and pictures of its merged file."""
import glob
import shutil
import subprocess
import unittest

import h5py
import numpy as np
from harness import EndToEnd, blobs, read_parameters, write_idx


class Results(EndToEnd):
    def run_one(self, text, *arguments):
        """@returns the merged file, open"""
        self.experiment("e", text)
        self.varia("run", "e.yaml", "--quiet", *arguments)
        file = h5py.File(self.path("results/e.h5"))
        self.addCleanup(file.close)
        return file

    def parameters(self):
        (path,) = glob.glob(self.path("results/e/models/*.h5"))
        return read_parameters(path)

    def test_the_file_describes_itself(self):
        file = self.run_one("sweep: {loss.beta: [1, 4]}\nviews: [samples]\n")
        self.assertEqual(file.attrs["format"], "varia-results")
        self.assertEqual(file.attrs["version"], 1)
        self.assertEqual(file.attrs["name"], "e")
        self.assertIn("mlp_vae", file.attrs["experiment"])
        self.assertIn("LibTorch", file.attrs["versions"])
        self.assertRegex(file.attrs["plugins"], r"elbo 1\.0\.0 [0-9a-f]{64}")
        self.assertRegex(file.attrs["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(file["parameters/loss.beta"].attrs["swept"], 1)
        self.assertEqual(file["parameters/model.latent"].attrs["swept"], 0)
        self.assertEqual(file["metrics/test/elbo"].attrs["bound"], "log p(x)")
        self.assertEqual(file["metrics/test/loss"].attrs["units"], "nats")
        self.assertTrue((file["timing/seconds"][:] > 0).all())
        if shutil.which("h5dump"):
            dump = subprocess.run(["h5dump", "-H", self.path("results/e.h5")], check=True,
                                  capture_output=True, text=True).stdout
            self.assertIn('DATASET "loss.beta"', dump)

    def test_the_experiment_in_the_file_runs_again(self):
        file = self.run_one("sweep: {loss.beta: [1, 4]}\n")
        self.write("again.yaml", file.attrs["experiment"])
        self.assertEqual([state for state, _ in self.plan("again.yaml", "name=e")], ["done"] * 2)

    def test_terms_add_up(self):
        file = self.run_one("""
            data: {validation: 0.2}
            model: {start_at_mean: true}
            loss: {beta: 0.5}
            optimizer: {lr: 1e-2}
            train: {epochs: 8}
            """)
        self.assertEqual(set(file["metrics"]), {"train", "validation", "test"})
        for split in file["metrics"]:
            values = {name: data[0] for name, data in file["metrics"][split].items()}
            close = dict(rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(values["elbo"], -(values["reconstruction"] + values["kl"]),
                                       **close)
            np.testing.assert_allclose(values["loss"],
                                       values["reconstruction"] + 0.5 * values["kl"], **close)
            np.testing.assert_array_equal(values["kl"], values["kl_z"])
            if split != "train":
                self.assertEqual(values["kl_per_dim_z"].shape, (8, 4))
                np.testing.assert_allclose(values["kl_per_dim_z"].sum(1), values["kl"], **close)
                self.assertTrue((values["active_units_z"] <= 4).all())
                self.assertGreater(values["kl"][-1], 0.1)
            for name, value in values.items():
                if value.ndim == 1 and name in file["final"][split]:
                    self.assertEqual(file["final"][split][name][0], value[-1])

    def test_schedules_are_recorded(self):
        file = self.run_one("""
            loss: {beta: {use: linear, from: 0, to: 4, epochs: 4}}
            train: {epochs: 6, record_every: 1}
            """)
        # The value of each epoch's last step; 10 steps per epoch.
        expected = [4 * min(1, (10 * epoch - 1) / 40) for epoch in range(1, 7)]
        np.testing.assert_allclose(file["schedules/loss.beta"][0], expected, rtol=1e-12)
        np.testing.assert_allclose(file["schedules/optimizer.lr"][0], 1e-3)
        np.testing.assert_array_equal(file["steps/loss_step"][0], np.arange(1, 61))
        np.testing.assert_allclose(file["steps/loss.beta"][0],
                                   4 * np.minimum(1, np.arange(60) / 40), rtol=1e-12)
        steps = {name: file["steps"][name][0] for name in ("loss", "reconstruction", "kl")}
        np.testing.assert_allclose(
            steps["loss"], steps["reconstruction"] + file["steps/loss.beta"][0] * steps["kl"],
            rtol=1e-6)
        # Epochs are means over images: nine batches of 64 and one of 24.
        weights = np.tile([64] * 9 + [24], 6)
        means = (steps["loss"] * weights).reshape(6, 10).sum(1) / 600
        np.testing.assert_allclose(file["metrics/train/loss"][0], means, rtol=1e-9)

    def test_metrics_of_categories_are_recorded_for_the_training_too(self):
        write_idx(self.path("train_labels.idx"), (np.arange(600) % 3).astype(np.uint8))
        write_idx(self.path("test_labels.idx"), (np.arange(200) % 3).astype(np.uint8))
        file = self.run_one("""
            data: {labels: train_labels.idx, test_labels: test_labels.idx}
            model: {use: joint_vae, hidden: [16], gaussian: [2], categorical: [4]}
            metrics: [nmi, contingency, {use: linear_probe, every: last}]
            """)
        for split, images in (("train", 600), ("test", 200)):
            counts = file[f"metrics/{split}/contingency"][0]
            self.assertEqual(counts.shape, (2, 4, 3))
            for epoch in range(2):
                np.testing.assert_array_equal(
                    counts[epoch].sum(0), np.bincount(np.arange(images) % 3))
            self.assertEqual(file[f"metrics/{split}/contingency"].attrs["units"], "count")
            self.assertEqual(file[f"metrics/{split}/contingency_assignment"].shape, (1, 2, 4))
            self.assertTrue(np.isfinite(file[f"metrics/{split}/nmi"][0]).all())
        self.assertNotIn("linear_probe", file["metrics/train"])
        probe = file["metrics/test/linear_probe"][0]
        self.assertTrue(np.isnan(probe[0]))
        self.assertTrue(0 < probe[1] < 1)

    def test_fewer_records_than_steps(self):
        file = self.run_one("train: {epochs: 2, record_every: 7}\n")
        np.testing.assert_array_equal(file["steps/loss_step"][0], [7, 14])

    def test_a_length_in_steps(self):
        file = self.run_one("", "train={steps: 25, evaluate_every: 10}")
        self.assertEqual(file["metrics/test/loss"].shape, (1, 3))
        self.assertEqual(file["trials/epochs_done"][0], 3)

    def test_means_are_over_images_whatever_the_batch(self):
        # Nothing is learned: the KL of the epoch follows from the kept parameters by hand.
        file = self.run_one("""
            data: {shuffle: false, batch: 64}
            model: {hidden: [16], latent: 1}
            optimizer: {use: sgd, lr: 0}
            train: {epochs: 1}
            """)
        p = self.parameters()
        self.assertEqual(p["epoch"], 1)
        images = blobs(600, 0).reshape(600, 64) / 255.0
        layers = self.layers(p, "encoder"), self.layers(p, "decoder")
        mean, log_var = np.split(self.mlp(layers[0], images), 2, 1)
        kl = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).sum(1)
        self.assertAlmostEqual(file["metrics/train/kl"][0, 0], kl.mean(), delta=1e-5)
        # E over z of the reconstruction, by Gauss-Hermite quadrature; the run drew one z per image.
        nodes, weights = np.polynomial.hermite_e.hermegauss(20)
        weights = weights / weights.sum()
        terms = []
        for node in nodes:
            logits = self.mlp(layers[1], mean + np.exp(0.5 * log_var) * node)
            terms.append((np.logaddexp(0, logits) - images * logits).sum(1))
        expected = weights @ np.array(terms)
        spread = np.sqrt(weights @ (np.array(terms) - expected) ** 2).max()
        self.assertAlmostEqual(file["metrics/train/reconstruction"][0, 0], expected.mean(),
                               delta=4 * spread / np.sqrt(600))

    @staticmethod
    def layers(parameters, part):
        weights = sorted(name for name in parameters if name.startswith(f"model.{part}.")
                         and "weight" in name)
        return [(parameters[name], parameters[name.replace("weight", "bias")]) for name in weights]

    @staticmethod
    def mlp(layers, values):
        for i, (weight, bias) in enumerate(layers):
            values = values @ weight.T.astype(float) + bias
            if i + 1 < len(layers):
                values = np.maximum(values, 0)
        return values

    def test_pictures_are_images_and_show_the_data(self):
        file = self.run_one("views: [{use: reconstructions, count: 5, columns: 3}, "
                            "{use: samples, rows: 2, columns: 4}]\n")
        view = file["views/reconstructions"]
        self.assertEqual(view.attrs["CLASS"], b"IMAGE")
        self.assertEqual(view.attrs["IMAGE_SUBCLASS"], b"IMAGE_GRAYSCALE")
        layout = {key: view.attrs[key] for key in
                  ("rows", "columns", "tile_height", "tile_width", "padding")}
        self.assertEqual(layout, dict(rows=2, columns=6, tile_height=8, tile_width=8, padding=2))
        self.assertEqual(view.shape, (1, 1, 2 * 10 + 2, 6 * 10 + 2))
        self.assertEqual(view.dtype, np.uint8)
        picture = view[0, 0]
        tile = lambda row, column: picture[2 + 10 * row:10 + 10 * row,
                                           2 + 10 * column:10 + 10 * column]
        for i, original in enumerate(blobs(5, 1)):
            np.testing.assert_array_equal(tile(i // 3, 2 * (i % 3)), original)
            self.assertTrue(tile(i // 3, 2 * (i % 3) + 1).any())
        self.assertFalse(tile(1, 4).any())  # there is no sixth pair
        self.assertFalse(picture[:2].any() or picture[:, :2].any())
        self.assertEqual(file["views/samples"].shape, (1, 1, 22, 42))
        self.assertEqual(file["views/samples_height"][0, 0], 22)
        self.assertEqual(file["views/samples_frame_epoch"][0, 0], 2)

    def test_no_parameters_are_kept_where_none_are_wanted(self):
        self.run_one("train: {keep: none}\n")
        self.assertEqual(glob.glob(self.path("results/e/models/*")), [])

    def test_the_best_epoch_is_kept(self):
        # Good at first; then a step length that spoils what was learned.
        file = self.run_one("""
            data: {validation: 0.2}
            optimizer: {lr: {use: piecewise, between: constant,
                             points: [{epoch: 0, value: 1e-2}, {epoch: 3, value: 3}]}}
            train: {epochs: 5, keep: best}
            """)
        losses = file["metrics/validation/loss"][0]
        self.assertEqual(np.argmin(losses), 2)
        self.assertEqual(self.parameters()["epoch"], 3)


if __name__ == "__main__":
    unittest.main()
