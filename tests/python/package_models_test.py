"""Trained models in Python: what `Results.model` gives computes what the program does."""
import copy
import importlib.util
import math
import os
import sys

import h5py
import numpy as np
import pypi  # noqa: F401
from harness import EndToEnd, unittest, write_idx

sys.path.insert(0, os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python"))
import varia  # noqa: E402

HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_ONNX = importlib.util.find_spec("onnxruntime") is not None
if HAS_TORCH:
    import torch


@unittest.skipUnless(HAS_TORCH, "not on this system: PyTorch for Python")
class TrainedModels(EndToEnd):
    def test_they_compute_what_the_program_does(self):
        for name, count in (("train", 600), ("test", 200)):
            write_idx(self.path(name + "_labels.idx"), (np.arange(count) % 3).astype(np.uint8))
        self.experiment("e", """
            data: {labels: train_labels.idx, test_labels: test_labels.idx}
            metrics: [{use: nll, samples: 100, images: 200}]
            sweep:
              variant:
                plain: {set: {model: {use: mlp_vae, hidden: [32], latent: 4}}}
                told: {set: {model: {use: conditional_vae, hidden: [32], latent: 4}}}
                flow: {set: {model: {use: flow_vae, hidden: [32], latent: 4, flows: 2}}}
                joint: {set: {model: {use: joint_vae, hidden: [32], gaussian: [4], categorical: [3]}}}
                ladder: {set: {model: {use: ladder_vae, hidden: [32], latent: 4, top_latent: 2}}}
            """)
        self.varia("run", "e.yaml", "--quiet")
        results = varia.open(self.path("results", "e.h5"))
        with open(self.path("test.idx"), "rb") as file:
            pixels = np.frombuffer(file.read()[16:], np.uint8).reshape(200, 1, 8, 8)
        rows = dict(zip(results.trials["variant"], range(5)))
        models = {name: results.model(row) for name, row in rows.items()}
        x = models["plain"].to_event(pixels)
        self.assertEqual((float(x.min()), float(x.max())), (0, 1))
        self.check_plain(models["plain"], rows["plain"], x)
        self.check_log_prob(models["plain"], results.final().iloc[rows["plain"]], x)

        labels = torch.arange(200) % 3
        self.assertEqual(models["told"].sample(3, labels=[0, 1, 2]).shape, (3, 1, 8, 8))
        self.check_log_prob(models["told"], results.final().iloc[rows["told"]], x, labels=labels)
        self.assertEqual(models["told"].sample(3).shape, (3, 1, 8, 8))
        with self.assertRaisesRegex(varia.VariaError, "the model needs labels, which were not given"):
            models["told"](x)

        self.check_labels(models["told"], x[:3])

        codes = models["ladder"].encode(x)
        self.assertEqual({name: tuple(one["mean"].shape) for name, one in codes.items()},
                         {"z1": (200, 4), "z2": (200, 2)})
        torch.testing.assert_close(
            models["ladder"].decode({name: one["mean"] for name, one in codes.items()}),
            models["ladder"].decode({"z1": codes["z1"]["mean"]}))
        self.check_log_prob(models["ladder"], results.final().iloc[rows["ladder"]], x)
        self.assertEqual(models["ladder"].sample(5).shape, (5, 1, 8, 8))

        for name, model in models.items():
            with self.subTest(name):
                drawn, exact = (one.sample(3, generator=torch.Generator().manual_seed(1))
                                for one in (model, copy.deepcopy(model).double()))
                torch.testing.assert_close(drawn.double(), exact, rtol=1e-4, atol=1e-5)

        if HAS_ONNX:
            for name, model in models.items():
                written = model.to_onnx(self.path("onnx", name), list(model.about["scripts"]))
                self.assertEqual(len(written), 5)

        for name in ("flow", "joint"):
            self.check_log_prob(models[name], results.final().iloc[rows[name]], x)
            draws = [models[name](x, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
            self.assertEqual(draws[0].shape, (200, 1, 8, 8))
            self.assertTrue(torch.equal(draws[0], draws[1]))
            self.assertFalse(torch.equal(draws[0], draws[2]))

    def test_counts_have_the_total_of_their_sample(self):
        random = np.random.default_rng(0)
        counts = random.poisson(random.gamma(1, 5, (80, 1)) * random.gamma(1, 1, 6)).astype(np.float32)
        missing = counts.copy()
        missing[random.random(counts.shape) < 0.2] = np.nan
        missing[3] = np.nan
        os.makedirs(self.path("fit"))
        for likelihood, values in [({"use": "multinomial"}, counts),
                                   ({"use": "poisson", "mean": "share"}, missing),
                                   ({"use": "negative_binomial", "mean": "share"}, counts),
                                   ({"use": "zero_inflated_negative_binomial", "mean": "share"}, missing),
                                   ({"use": "poisson"}, missing)]:
            with self.subTest(likelihood):
                self.check_counts(likelihood, values)

    def check_counts(self, likelihood, values):
        results = varia.fit(values, model={"use": "mlp_vae", "hidden": [8], "latent": 2,
                                           "likelihood": likelihood}, epochs=2, test=0.5,
                            data={"domain": "count", "missing": "nan"}, folder=self.path("fit"))
        model = results.model(0)
        self.varia("reconstruct", results.path, "--trial", "0", "-o", "values.h5")
        with h5py.File(self.path("values.h5")) as file, torch.no_grad():
            for part in file.values():
                x = part["values"][:]
                if "imputed" in part:
                    x[part["imputed"][:] == 1] = np.nan
                found = model.to_units(model(model.to_event(x))).numpy()
                np.testing.assert_allclose(found, part["reconstruction"], rtol=1e-4, atol=1e-4)
                if "log_share" in model.about["likelihood"]["parameters"] and \
                        "zero_logits" not in model.about["likelihood"]["parameters"]:
                    seen = ~np.isnan(x).all(1)
                    np.testing.assert_allclose(np.where(np.isnan(x), 0, found)[seen].sum(1),
                                               np.nansum(x, 1)[seen].clip(1), rtol=1e-4)

    def test_what_a_model_does_not_have_is_named_with_the_reason(self):
        self.experiment("e", "model: vq_vae\nloss: vq\n")
        results = varia.run(self.path("e.yaml"), results=self.path("results"))
        model = results.model(0)
        self.assertEqual(model(torch.zeros(2, 1, 8, 8)).shape, (2, 1, 8, 8))
        with self.assertRaisesRegex(varia.VariaError, "the model has no log_weight.pt: .*likelihood"):
            model.log_prob(torch.zeros(2, 1, 8, 8))
        with self.assertRaisesRegex(varia.VariaError, "no trial is called 'x'"):
            results.model("x")

    def check_plain(self, model, row, x):
        self.varia("encode", "results/e.h5", "--trial", str(row), "--split", "test", "-o", "codes.h5")
        self.varia("reconstruct", "results/e.h5", "--trial", str(row), "--split", "test",
                   "-o", "values.h5")
        with torch.no_grad():
            codes, decoded = model.encode(x)["z"], model.to_units(model(x))
        with h5py.File(self.path("codes.h5")) as file:
            np.testing.assert_allclose(codes["mean"], file["test/z_mean"], rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(torch.exp(codes["log_var"] / 2),
                                       file["test/z_standard_deviation"], rtol=1e-4, atol=1e-5)
        with h5py.File(self.path("values.h5")) as file:
            np.testing.assert_allclose(decoded, file["test/reconstruction"], rtol=1e-3, atol=1e-2)

    def check_labels(self, model, x):
        expected = "labels: expected 3 whole numbers from 0 to 2, found "
        for labels, found in [([0, 1, -1], "-1"), ([0, 1, 3], "3"), ([0, 0.5, 1], "0.5"),
                              ([0, 1, math.nan], "nan"), ([0], r"an array \[1\]"),
                              ([[0, 1, 2]], r"an array \[1, 3\]")]:
            for call in (lambda: model(x, labels=labels), lambda: model.log_prob(x, 2, labels=labels),
                         lambda: model.decode(torch.zeros(3, 4), labels=labels),
                         lambda: model.sample(3, labels=labels)):
                with self.assertRaisesRegex(varia.VariaError, expected + found):
                    call()
        with self.assertRaisesRegex(varia.VariaError, "labels: expected numbers, found an array of <U1"):
            model(x, labels=["a", "b", "c"])
        torch.testing.assert_close(model(x, labels=[0, 1, 2]), model(x, labels=np.array([0.0, 1, 2])))

    def check_log_prob(self, model, final, x, **options):
        with torch.no_grad():
            found = model.log_prob(x, 100, generator=torch.Generator().manual_seed(0), **options)
        self.assertLess(abs(float(found.mean()) + final["test/nll"]),
                        8 * final["test/nll_standard_error"])


if __name__ == "__main__":
    unittest.main()
