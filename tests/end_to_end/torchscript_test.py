"""The model torchscript, with networks that PyTorch writes: its guide, its numbers, its errors."""
import glob
import importlib.util
import os
import re
import signal
import subprocess
import sys
import textwrap
import unittest

import h5py
import numpy as np
from harness import PROGRAM, EndToEnd, blobs, by_trial, read_parameters, results_of, same

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(SOURCE, "plugins", "models", "torchscript", "README.md")) as page:
    GUIDE = page.read().split("## A first try\n")[1].split("\n## ")[0]
# A block, and the name of a file in the line before it, if there is one.
BLOCK = re.compile(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# For images of 8x8 and four dimensions of code; with all that has a state or draws numbers. (A bias
# before batch normalisation has no gradient but rounding, which Adam would make steps of.)
NETWORKS = """
import torch
from torch import nn
torch.manual_seed(1)
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 32, bias=False),
                                  nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2))
        self.mean, self.log_var = nn.Linear(32, 4), nn.Linear(32, 4)
    def forward(self, x):
        h = self.body(x)
        return self.mean(h), self.log_var(h)
encoder = Encoder()
decoder = nn.Sequential(nn.Linear(4, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU(),
                        nn.Linear(32, 64), nn.Unflatten(1, (1, 8, 8)))
def save(name, module):
    torch.jit.script(module).save(name)
"""
SAVED = NETWORKS + "save('encoder.pt', encoder); save('decoder.pt', decoder)\n"

# PyTorch's own training of the same networks on the same batches; the codes are the means, as they
# are in Varia up to a standard deviation of 1e-9.
REFERENCE = """
from torch.nn import functional as F
class Sure(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(64, 32, bias=False),
                                 nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    def forward(self, x):
        mean = self.net(x)
        return mean, torch.full_like(mean, -40.0)
encoder = Sure()
save('encoder.pt', encoder); save('decoder.pt', decoder)
import numpy as np
train, test = (torch.tensor(np.fromfile(f, np.uint8)[16:].reshape(-1, 1, 8, 8) / 255.0,
                            dtype=torch.float32) for f in ('train.idx', 'test.idx'))
def terms(images):
    mean, log_var = encoder(images)
    kl = 0.5 * (mean**2 + log_var.exp() - log_var - 1).sum(1).mean()
    bce = F.binary_cross_entropy_with_logits(decoder(mean), images, reduction='sum')
    return bce / len(images), kl
adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
steps = []
for epoch in range(2):
    for images in train.split(64):
        reconstruction, kl = terms(images)
        steps.append([reconstruction.item(), kl.item()])
        adam.zero_grad()
        (reconstruction + 2 * kl).backward()
        adam.step()
encoder.eval(); decoder.eval()
with torch.no_grad():
    final = [[term.item() for term in terms(test)]]
state = {f'{part}.{name}': tensor.numpy()
         for part, module in (('encoder', encoder), ('decoder', decoder))
         for name, tensor in module.state_dict().items()}
np.savez('reference.npz', steps=steps, final=final, **state)
"""

EXPERIMENT = """
data: {use: idx, images: train.idx, test_images: test.idx, batch: 64}
model: {use: torchscript, encoder: encoder.pt, decoder: decoder.pt, gaussian: [4]}
loss: {use: elbo}
optimizer: {use: adam, lr: 1e-3}
train: {epochs: 2}
"""


@unittest.skipUnless(importlib.util.find_spec("torch"), "not on this system: PyTorch for Python")
class Torchscript(EndToEnd):
    def python(self, code):
        self.write("networks.py", code)
        done = subprocess.run([sys.executable, "networks.py"], cwd=self.folder, text=True,
                              capture_output=True, env={**os.environ, "PYTHONHASHSEED": "0"})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_guide_works_as_it_is_written(self):
        files = {}
        scripts = []
        for name, language, text in BLOCK.findall(GUIDE):
            if language == "sh":
                scripts.append(text)
            else:
                self.assertTrue(name, text)
                files[name] = text
        self.assertEqual(sorted(files), ["first.yaml", "networks.py"])
        self.assertLessEqual(len(files["networks.py"].splitlines()), 20)
        for name, text in files.items():
            self.write(name, text)
        path = os.pathsep.join([os.path.dirname(PROGRAM), os.path.dirname(sys.executable),
                                os.environ["PATH"]])
        for script in scripts:
            done = subprocess.run(["sh", "-ec", script], cwd=self.folder, text=True,
                                  capture_output=True, env={**os.environ, "PATH": path})
            self.assertEqual(done.returncode, 0, done.stderr)
        trials = self.varia("show", "results/first.h5", "--all", "--json").json["trials"]
        self.assertEqual([trial["status"] for trial in trials], ["done"] * 2)
        for trial in trials:
            self.assertEqual(len(trial["parameters"]["model.encoder_sha256"]), 64)
        with h5py.File(self.path("results/first.h5")) as file:
            elbo = file["metrics/test/elbo"][()]
            self.assertTrue((elbo[:, -1] > elbo[:, 0]).all(), elbo)
            for view in ("reconstructions", "samples", "traversal"):
                self.assertTrue(file["views/" + view][()].any(), view)

    def test_training_is_that_of_pytorch_step_by_step(self):
        self.python(NETWORKS + REFERENCE)
        self.write("e.yaml", EXPERIMENT)
        self.varia("run", "e.yaml", "data.shuffle=false", "loss.beta=2", "train.record_every=1")
        expected = np.load(self.path("reference.npz"))
        with h5py.File(self.path("results/e.h5")) as file:
            steps = np.stack([file["steps/reconstruction"][0], file["steps/kl"][0]], axis=1)
            final = np.stack([file["final/test/reconstruction"], file["final/test/kl"]], axis=1)
        np.testing.assert_allclose(steps[0], expected["steps"][0], rtol=1e-5)
        np.testing.assert_allclose(steps, expected["steps"], rtol=2e-4)
        np.testing.assert_allclose(final, expected["final"], rtol=1e-3)
        kept = read_parameters(glob.glob(self.path("results/e/models/*.h5"))[0])
        for name in expected.files:
            if name not in ("steps", "final"):
                np.testing.assert_allclose(kept["model." + name], expected[name], rtol=1e-2,
                                           atol=1e-4, err_msg=name)

    def test_a_run_that_was_interrupted_has_the_same_bits(self):
        self.python(SAVED)
        self.write("e.yaml", EXPERIMENT)
        arguments = ("run", "e.yaml", "train.epochs=40", "data.batch=8")
        process = self.start(*arguments)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        next(line for line in process.stderr if "epoch 2/40" in line)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        self.assertEqual(self.plan("e.yaml", "train.epochs=40", "data.batch=8")[0][0], "partial")
        self.varia(*arguments)
        self.varia(*arguments, "--results", "whole")
        whole, found = results_of(self.path("whole/e.h5")), results_of(self.path("results/e.h5"))
        self.assertEqual(list(whole), list(found))
        for name in whole:
            self.assertTrue(same(whole[name], found[name]), name)
        file, = glob.glob(self.path("whole/e/models/*.h5"))
        expected = read_parameters(file)
        found = read_parameters(file.replace("/whole/", "/results/"))
        self.assertIn("model.encoder.body.2.running_var", expected)
        for name in expected:
            self.assertTrue(same(expected[name], found[name]), name)

    def test_a_file_that_is_written_anew_gives_another_trial(self):
        self.python(SAVED)
        self.write("e.yaml", EXPERIMENT)
        self.varia("run", "e.yaml")
        self.assertEqual(self.plan("e.yaml"), [("done", "")])
        self.python(SAVED)
        self.assertEqual(self.plan("e.yaml"), [("done", "")])
        trial, = self.varia("show", "results/e.h5", "--json").json["trials"]
        use = ("sample", "results/e.h5", "--trial", trial["id"], "--output", "picture.png")
        self.varia(*use)
        self.assertTrue(os.path.exists(self.path("picture.png")))
        self.varia("interpolate", "results/e.h5", "--trial", trial["id"], "by=index", "from=0",
                   "to=3")
        self.varia("run", "--from", "results/e.h5", "--trial", trial["id"], "--results", "again")
        again, = glob.glob(self.path("again/*.h5"))
        self.assertEqual(list(by_trial(again)), [trial["id"]])

        self.python(SAVED.replace("manual_seed(1)", "manual_seed(2)"))
        self.assertEqual(self.plan("e.yaml"), [("new", "")])
        self.assertIn("encoder.pt is another file than it was: expected the SHA-256",
                      self.refused(*use))
        self.varia("run", "e.yaml")
        parameters = [trial["parameters"] for trial in
                      self.varia("show", "results/e.h5", "--all", "--json").json["trials"]]
        self.assertEqual(len({one["model.encoder_sha256"] for one in parameters}), 2)
        self.assertEqual({one["model.encoder"] for one in parameters}, {"encoder.pt"})

    def test_a_submission_keeps_the_files_that_it_was_made_of(self):
        os.mkdir(self.path("other"))
        self.python(SAVED + "save('other/decoder.pt', decoder)\n")
        self.write("e.yaml", EXPERIMENT)
        # One path starts at the experiment file, the other at the working folder.
        override = "model.decoder=other/decoder.pt"
        document = self.varia("submit", "e.yaml", override, "--no-send", "--json").json
        submission = self.path(document["folder"])
        expected = self.plan("e.yaml", override)
        self.assertEqual(expected, [("new", "")])

        newer = SAVED.replace("manual_seed(1)", "manual_seed(2)")
        self.python(newer + "save('other/decoder.pt', decoder)\n")
        job = ["bash", submission + "/job.sh", "0"]
        done = subprocess.run(job, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.plan("e.yaml", override), [("new", "")])
        self.python(SAVED + "save('other/decoder.pt', decoder)\n")
        self.assertEqual(self.plan("e.yaml", override), [("done", "")])

        with open(submission + "/files" + self.path("encoder.pt"), "ab") as copy:
            copy.write(b"x")
        done = subprocess.run(job, text=True, capture_output=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a file is not the one that was submitted", done.stdout)
        self.assertIn("/encoder.pt: FAILED", done.stdout)

    def test_the_networks_lie_beside_the_file_that_names_them(self):
        os.mkdir(self.path("networks"))
        self.python(SAVED.replace("save('", "save('networks/"))
        self.write("networks/e.yaml", "extends: ../base.yaml\n" + EXPERIMENT.split("\n")[2])
        self.varia("run", "networks/e.yaml")
        trial, = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.varia("sample", "results/e.h5", "--trial", trial["id"])

    def test_tied_weights_are_one_parameter_and_frozen_ones_stay(self):
        self.python(NETWORKS + """
encoder.body[1].weight.requires_grad = False
decoder = nn.Sequential(nn.Linear(4, 64), nn.Linear(64, 64), nn.Linear(64, 64))
decoder[2].weight = decoder[1].weight
save('encoder.pt', encoder); save('decoder.pt', decoder)
import numpy
numpy.save('frozen.npy', encoder.body[1].weight.detach().numpy())
""")
        self.write("e.yaml", EXPERIMENT)
        self.varia("run", "e.yaml", "model.initial=permuted")
        kept = read_parameters(glob.glob(self.path("results/e/models/*.h5"))[0])
        np.testing.assert_array_equal(kept["model.encoder.body.1.weight"],
                                      np.load(self.path("frozen.npy")))
        self.assertIn("model.decoder.1.weight", kept)
        self.assertNotIn("model.decoder.2.weight", kept)

    def test_what_cannot_be_used_is_refused_with_its_place(self):
        self.python(SAVED + """
import zipfile
torch.save(encoder.state_dict(), 'state.pt')
open('text.pt', 'w').write('no network' * 100)
open('empty.pt', 'w').close()
open('cut.pt', 'wb').write(open('encoder.pt', 'rb').read()[:3000])
def rewritten(name, change):
    with zipfile.ZipFile('encoder.pt') as old, zipfile.ZipFile(name, 'w') as new:
        for entry in old.namelist():
            new.writestr(entry, change(entry, old.read(entry)))
rewritten('short.pt', lambda name, data: data[:100] if name.endswith('/data/0') else data)
rewritten('newer.pt', lambda name, data: b'99' if name.endswith('/version') else data)
rewritten('operator.pt', lambda name, data: data.replace(b'torch.dropout', b'torch.dripout'))
save('double.pt', encoder.double())
encoder.float()
torch.jit.freeze(torch.jit.script(encoder.eval())).save('frozen.pt')
torch.jit.freeze(torch.jit.script(decoder.eval())).save('frozen_decoder.pt')
torch.jit.trace(encoder.train(), torch.zeros(2, 1, 8, 8), check_trace=False).save('traced.pt')
save('sigmoid.pt', nn.Sequential(nn.Linear(4, 64), nn.Sigmoid(), nn.Unflatten(1, (1, 8, 8))))
class Loud(nn.Module):
    def forward(self, x):
        raise ValueError('not \x1b[31mtoday')
        return x
save('raises.pt', Loud())
class Two(nn.Module):
    def forward(self, x, y):
        return x + y
save('two.pt', Two())
""")
        self.write("e.yaml", EXPERIMENT)
        refusals = {
            "absent.pt": "there is no file absent.pt; write it from Python by torch.jit.script",
            ".": ". is not a regular file",
            "state.pt": "is not a TorchScript file, or is damaged; torch.jit.script(module).save(FILE) "
                        "writes one, and torch.save does not",
            "text.pt": "is not a TorchScript file",
            "empty.pt": "is not a TorchScript file",
            "cut.pt": "is not a TorchScript file",
            "short.pt": "is damaged: a tensor [32, 64] needs 8192 bytes, and the file has 100 for "
                        "it",
            "newer.pt": "was saved by a PyTorch that is too new; export it with PyTorch ",
            "operator.pt": "has an operator that is not known here (Unknown builtin op: "
                           "aten::dripout",
            "double.pt": "parameter body.1.weight is Double; Varia trains float32: call "
                         "module.float() before it is exported",
            "traced.pt": "forward gives other numbers when it is asked again in evaluation, so it "
                         "draws random ones there",
            "raises.pt": "forward of [3, 1, 8, 8] failed: builtins.ValueError: not  [31mtoday",
            "two.pt": "forward takes 2 arguments; expected one, a tensor",
            "decoder.pt": "forward of [3, 1, 8, 8] failed: mat1 and mat2 shapes cannot be "
                          "multiplied (24x8 and 4x32)"}
        for file, reason in refusals.items():
            with self.subTest(file):
                self.write("e.yaml", EXPERIMENT.replace("encoder.pt", file))
                place = "e.yaml:3:36: model torchscript: encoder: "
                line = self.refused("run", "e.yaml")
                self.assertIn(place + reason, line)
                self.assertNotIn("PytorchStreamReader", line)
        self.write("e.yaml", EXPERIMENT)
        for override, reason in (
                ("model.decoder=sigmoid.pt", "decoder: ends in a sigmoid, and the likelihood "
                                             "bernoulli takes logits"),
                ("model.gaussian=[5]", "encoder: expected from 3 images one tensor [3, 10] or a "
                                       "tuple of [3, 5], [3, 5] (means of z, log-variances of z), "
                                       "found [3, 4], [3, 4]"),
                ("model.encoder_sha256=12", "encoder_sha256: expected 64 hexadecimal digits"),
                ("model.encoder_sha256=" + 64 * "0", "encoder: encoder.pt is another file than it "
                                                     "was: expected the SHA-256 0000"),
                ("model.gaussian=[]", "gaussian: a model needs a code")):
            with self.subTest(override):
                self.assertIn("model torchscript: " + reason,
                              self.refused("run", "e.yaml", override))
        self.assertIn("neither the encoder nor the decoder has a parameter to train",
                      self.refused("run", "e.yaml", "model.encoder=frozen.pt",
                                   "model.decoder=frozen_decoder.pt"))
        # One of them may be as it is.
        self.varia("run", "e.yaml", "model.encoder=frozen.pt")
        self.varia("run", "e.yaml", "model.decoder=sigmoid.pt", "model.likelihood=gaussian")


if __name__ == "__main__":
    unittest.main()
