"""`varia schema` in the language server by which editors check and complete experiment files."""
import glob
import os
import unittest

import language_server
from harness import EndToEnd

EXPERIMENTS = os.path.join(os.environ["VARIA_SOURCE_DIR"], "experiments")
BASE = """\
data: {use: mnist, batch: 128}
model: {use: mlp_vae, latent: 20}
loss: {use: elbo}
train: {epochs: 5}
"""
# What is added to BASE; line and column of the one finding, what it says.
WRONG = [
    ("trian: {epochs: 3}", 5, 1, "trian is not allowed"),
    ("seed: -1", 5, 7, "minimum of 0"),
    ("replicates: many", 5, 13, "integer"),
    ("plugins: mine.so", 5, 10, "array"),
    ("optimizer: {lr: fast}", 5, 17, "number"),
    ("optimizer: {use: adam, momentum: 0.9}", 5, 24, "momentum is not allowed"),
    ("optimizer: adm", 5, 12, "Valid values"),
    ("metrics: [{use: nll, sample: 10}]", 5, 22, "sample is not allowed"),
    ("metrics: [nlll]", 5, 11, "Valid values"),
    ("metrics: nll", 5, 10, "array"),
    ("views: [{use: samples, every: 0}]", 5, 31, "minimum of 1"),
    ("sweep: {loss.bta: [1, 2]}", 5, 9, "loss.bta is not allowed"),
    ("sweep: {loss.beta: 4}", 5, 20, "array"),
    ("sweep: {loss.beta: [1, many]}", 5, 24, "number"),
    ("sweep: {model.latent: [4, 0]}", 5, 27, "minimum of 1"),
    ("sweep: {zip: [{loss.beta: [1], loss.gama: [2]}]}", 5, 32, "loss.gama is not allowed"),
    ("sweep: {random: {loss.beta: {uniform: [1, 2]}}}", 5, 9, "count"),
    ("sweep: {random: {count: 3, loss.beta: {normal: [1, 2]}}}", 5, 40, "normal is not allowed"),
    ("sweep: {size: {small: {sets: {model.latent: 2}}}}", 5, 24, "sets is not allowed"),
    ("run: {jobs: 0}", 5, 13, "minimum of 1"),
    ("run: {trial_timout: 3}", 5, 7, "trial_timout is not allowed"),
    ("cluster: {cpus_per_task: 1.5}", 5, 26, "integer"),
    ("search: {use: ahsa, metric: validation/elbo}", 5, 15, "Valid values"),
    ("search: {use: tpe, metric: validation/elbo, startups: 3}", 5, 45, "startups is not allowed"),
    ("tags: [a word]", 5, 8, "pattern"),
    ("notes: {why: [1]}", 5, 14, "string"),
]
# Whole files.
WRONG_FILES = [
    (BASE.replace("latent: 20", "latent: 0"), 2, 31, "minimum of 1"),
    (BASE.replace("latent", "latnt"), 2, 23, "latnt is not allowed"),
    (BASE.replace("mlp_vae", "mlp_vea"), 2, 14, "Valid values"),
    (BASE.replace("batch: 128", "batch: {expr: 1}"), 1, 28, "expr is not allowed"),
    (BASE.replace("epochs: 5", "epochs: 5, device: gpu"), 4, 28, "Valid values"),
    (BASE.replace("use: elbo", "use: elbo, beta: -1"), 3, 25, "minimum of 0"),
    (BASE.replace("use: elbo", "use: elbo, beta: {use: linear, form: 0}"), 3, 39,
     "form is not allowed"),
    (BASE.replace("use: elbo", "use: elbo, beta: {use: liner}"), 3, 31, "Valid values"),
    (BASE.replace("latent: 20", "likelihood: {use: gaussian, scal: 1}"), 2, 51,
     "scal is not allowed"),
    (BASE.replace("model: {use: mlp_vae, latent: 20}\n", ""), 1, 1, "model"),
    (BASE.replace("use: mlp_vae, ", ""), 2, 1, "use"),
]
GOOD = """\
extends: base.yaml
name: 12
model: {latent: {expression: "loss.capacity / 5"}, likelihood: {scale: 0.5},
        from: {results: r.h5, trial: ab, parts: [encoder]}, freeze: [encoder]}
data: {use: images, folder: x, channels: 1, crop: [0, 0, 8, 8]}
loss: {beta: {use: linear, from: 0, to: {expression: "2 * 2"}, epochs: 10}, gamma: 1e3}
optimizer: {lr: 1e-3}
train: {stop: {metric: validation/elbo}, keep: validation/nll}
metrics: [nll, {use: nll, as: nll5, every: 5}, {use: accuracy, every: last}]
views:
tags: [2024, paper]
notes: {why: 1, text: a text}
sweep:
  data.fold: all
  model.likelihood: [bernoulli, {use: gaussian, scale: 0.1}]
  metrics.nll5.samples: [10, 100]
  notes.size: [small, large]
  zip: [{loss.gamma: [1, 10], loss.capacity: [5, 25]}]
  random: {count: 4, optimizer.lr: {log_uniform: [1e-4, 1e-2]}, loss.beta: {choice: [1, 4]}}
  size:
    small: {set: {model.latent: 2, data: {limit: 10}}, sweep: {loss.beta.epochs: [3, 4]}}
    large:
run: {on_end: "mail me", trial_timeout: 10}
cluster: {time: 30, merge: {memory: 4G}, extra: ["--qos=long"]}
search: {use: asha, metric: validation/elbo}
"""


@unittest.skipIf(language_server.why_absent(), language_server.why_absent())
class Schema(EndToEnd):
    def setUp(self):
        super().setUp()
        self.write("schema.json", self.varia("schema").out)
        self.server = language_server.LanguageServer(self.path("node"), self.path("schema.json"))
        self.addCleanup(self.server.__exit__)

    def test_every_experiment_has_no_finding(self):
        files = glob.glob(os.path.join(EXPERIMENTS, "**/*.yaml"), recursive=True)
        self.assertGreater(len(files), 30)
        for path in files:
            with open(path) as file, self.subTest(path):
                self.assertEqual(self.server.findings(file.read()), [])
        self.assertEqual(self.server.findings(GOOD), [])

    def test_a_wrong_file_has_one_finding_at_the_right_place(self):
        self.assertEqual(self.server.findings(BASE), [])
        files = [(BASE + added + "\n", *rest) for added, *rest in WRONG] + WRONG_FILES
        for text, line, column, message in files:
            with self.subTest(text):
                findings = self.server.findings(text)
                self.assertEqual([finding[:2] for finding in findings], [(line, column)], findings)
                self.assertIn(message, findings[0][2])

    def test_keys_and_components_are_completed_with_their_docs(self):
        at_top = self.server.completions(BASE + "\n", 6, 1)
        self.assertLessEqual({"sweep", "replicates", "metrics", "cluster"}, set(at_top))
        keys = self.server.completions("data:\n  use: mnist\nloss:\n  use: elbo\n  \n", 5, 3)
        self.assertLessEqual({"beta", "gamma", "capacity"}, set(keys))
        self.assertNotIn("latent", keys)
        self.assertIn("Weight of the KL divergence", str(keys["beta"]))
        names = self.server.completions("model:\n  use: \n", 2, 8)
        self.assertLessEqual({"mlp_vae", "conv_vae", "vq_vae"}, set(names))
        swept = self.server.completions(BASE + "sweep:\n  \n", 6, 3)
        self.assertLessEqual({"loss.beta", "model.latent", "random"}, set(swept))


if __name__ == "__main__":
    unittest.main()
