"""varia export --model: trained models as files that PyTorch reads without Varia."""
import glob
import importlib.util
import json
import os
import subprocess
import sys
import unittest

import h5py
import numpy as np
from harness import EndToEnd, read_parameters, write_idx

# Runs in a process of its own, which knows PyTorch alone: all scripts of the exported model in the
# folder argv[1], of the images in the file argv[2]; noise is drawn with a fixed seed.
USE = """
import json, sys
import numpy as np, torch
folder, images, results = sys.argv[1:]
model = json.load(open(folder + "/model.json"))
values = {"input": torch.from_numpy(np.load(images)["images"]),
          "labels": torch.from_numpy(np.load(images)["labels"])}
count = len(values["input"])
random = torch.Generator().manual_seed(1)
def run(name):
    about = model["scripts"][name]
    script, inputs = torch.jit.load(folder + "/" + about["file"]), []
    for given in about["inputs"]:
        if given["name"] not in values:
            size = [count if axis == "batch" else axis for axis in given["shape"]]
            drawn = (torch.randn if given["noise"] == "normal" else torch.rand)
            values[given["name"]] = drawn(size, generator=random)
        inputs.append(values[given["name"]])
    with torch.no_grad():
        outputs = script(*inputs)
    # PyTorch's device without memory refuses to mix with the CPU, as a GPU does. PyTorch 1.13 has
    # no convolutions there, and reads no two constants.
    try:
        moved = torch.jit.load(folder + "/" + about["file"], "meta")
        assert all(output.is_meta for output in moved(*[value.to("meta") for value in inputs])), name
    except RuntimeError as error:
        if ("convolution_overrideable not implemented" not in str(error)
                and "Could not run 'aten::equal' with arguments from the 'Meta'" not in str(error)):
            raise
    return {about["name"]: output.numpy() for about, output in zip(about["outputs"], outputs)}
found = {}
for name in ("encoder", "posterior", "log_weight"):
    if name in model["scripts"]:
        found.update(run(name))
for latent in model["latents"]:
    name = latent["name"]
    if name + ".mean" in found:
        values[name] = torch.from_numpy(found[name + ".mean"])
    elif name == "y":
        values[name] = torch.nn.functional.one_hot(values["labels"], model["classes"]).float()
if all(given["name"] in values for given in model["scripts"]["decoder"]["inputs"]):
    found.update({"x." + name: value for name, value in run("decoder").items()})
for name in [name for name in values if name.startswith("noise")]:
    del values[name]
found.update({"prior." + name: value for name, value in run("prior").items()})
np.savez(results, **found)
"""


class ModelExport(EndToEnd):
    def setUp(self):
        super().setUp()
        for name, count in (("train", 600), ("test", 200)):
            write_idx(self.path(name + "_labels.idx"), (np.arange(count) % 3).astype(np.uint8))

    def train(self, models):
        self.experiment("e", """
            data: {labels: train_labels.idx, test_labels: test_labels.idx}
            metrics: [{use: nll, samples: 200, images: 200}]
            sweep:
              variant:
""" + "".join(f"                {name}: {{set: {{model: {text}}}}}\n"
                          for name, text in models.items()))
        self.varia("run", "e.yaml", "--quiet")

    def export(self, row, folder="out", *more):
        return self.varia("export", "results/e.h5", "--trial", str(row), "--model", folder, *more)

    def model(self, folder="out"):
        with open(self.path(folder, "model.json")) as file:
            return json.load(file)

    def test_a_folder_appears_whole_or_not_at_all(self):
        self.varia("run", "base.yaml", "--name", "e", "--quiet")
        os.mkdir(self.path("mine"))
        self.write("mine/notes.txt", "mine")
        self.assertEqual(
            self.refused("export", "results/e.h5", "--trial", "0", "--model", "mine"),
            "--model: mine holds something else than an exported model; name a folder that is not "
            "there yet")
        self.assertEqual(os.listdir(self.path("mine")), ["notes.txt"])
        self.assertIn("Expected --trial ID",
                      self.refused("export", "results/e.h5", "--model", "out"))
        self.assertFalse(os.path.exists(self.path("out")))
        self.assertEqual(self.export(0, "new/out").out,
                         "new/out: the model mlp_vae, with the parameters of epoch 2\n")
        names = ["decoder.pt", "encoder.pt", "log_weight.pt", "model.json",
                 "parameters.safetensors", "posterior.pt", "prior.pt"]
        self.assertEqual(sorted(os.listdir(self.path("new/out"))), names)
        self.write("new/out/left.txt", "of an older export")
        # TAB in a shell adds the slash. There is a model in the one folder, none in the other.
        for folder in ("new/out/", "new/other//"):
            self.export(0, folder)
            self.assertEqual(sorted(os.listdir(self.path(folder))), names)
        self.assertEqual(sorted(os.listdir(self.path("new"))), ["other", "out"])  # and nothing beside

    def test_parameters_are_those_that_were_kept(self):
        self.varia("run", "base.yaml", "--name", "e", "--quiet")
        self.export(0)
        with open(self.path("out/parameters.safetensors"), "rb") as file:
            content = file.read()
        start = 8 + int.from_bytes(content[:8], "little")
        header = json.loads(content[8:start])
        found = {}
        for name, about in header.items():
            begin, end = (start + place for place in about["data_offsets"])
            self.assertEqual(about["dtype"], "F32")
            found[name] = np.frombuffer(content[begin:end], "<f4").reshape(about["shape"])
        kept = read_parameters(glob.glob(self.path("results/e/models/*.h5"))[0])
        for name, array in kept.items():
            if name.startswith("model."):
                np.testing.assert_array_equal(found.pop(name), array, name)
        self.assertEqual(sorted(found), ["prior.z.log_var", "prior.z.mean"])
        prior = self.model()["latents"][0]["prior"]
        self.assertEqual(prior, {"family": "normal", "parameters": {
            "mean": "prior.z.mean", "log_var": "prior.z.log_var"}})
        self.assertEqual(found["prior.z.mean"].tolist(), [0, 0, 0, 0])

    def used(self, folder):
        """What PyTorch computes of an exported model, by names."""
        self.write("use.py", USE)
        with open(self.path("test.idx"), "rb") as file:
            pixels = np.frombuffer(file.read()[16:], np.uint8).reshape(200, 1, 8, 8)
        np.savez(self.path("test.npz"), images=pixels.astype(np.float32) / 255,
                 labels=np.arange(200) % 3)
        subprocess.run([sys.executable, self.path("use.py"), self.path(folder),
                        self.path("test.npz"), self.path("found.npz")], check=True)
        return np.load(self.path("found.npz"))

    @unittest.skipUnless(importlib.util.find_spec("torch"), "not on this system: PyTorch for Python")
    def test_scripts_that_draw_categories_compute_where_their_inputs_are(self):
        self.experiment("e", """
            data: {labels: train_labels.idx, test_labels: test_labels.idx}
            loss: {use: joint_capacity}
            model: {use: joint_vae, hidden: [32], gaussian: [3], categorical: [4]}
""")
        self.varia("run", "e.yaml", "--quiet")
        self.export(0)
        found = self.used("out")
        self.assertEqual(found["prior.c"].shape, (200, 4))

    @unittest.skipUnless(importlib.util.find_spec("torch"), "not on this system: PyTorch for Python")
    def test_pytorch_computes_what_varia_does(self):
        models = {
            "mlp": "{use: mlp_vae, hidden: [32], latent: 4}",
            "conv": "{use: conv_vae, encoder: [{channels: 8}, {channels: 8}], latent: 4}",
            "flow": "{use: flow_vae, hidden: [32], latent: 4, flows: 3}",
            "iaf": "{use: iaf_vae, hidden: [32], latent: 4, steps: 2, step_hidden: [16], context: 8}",
            "ladder": "{use: ladder_vae, hidden: [32], latent: 4, top_latent: 2}",
            "vamp": "{use: vamp_vae, hidden: [32], latent: 4, pseudo_inputs: 20}",
            "told": "{use: conditional_vae, hidden: [32], latent: 4, label_to_encoder: true}",
            "sphere": "{use: sphere_vae, hidden: [32], latent: 4}",
            "student": "{use: mlp_vae, hidden: [32], latent: 4, likelihood: student_t}"}
        self.train(models)
        with h5py.File(self.path("results/e.h5")) as file:
            nll = file["final/test/nll"][:]
        for row, name in enumerate(models):
            with self.subTest(name):
                folder = "out_" + name
                outcome = self.export(row, folder)
                about = self.model(folder)
                self.assertEqual(about["format"], "varia-model")
                self.assertEqual(about["model"]["use"], models[name][6:].split(",")[0])
                self.assertEqual(about["absent"], {}, outcome.out)
                found = self.used(folder)
                self.varia("encode", "results/e.h5", "--trial", str(row), "--split", "test", "-o",
                           "codes.h5")
                with h5py.File(self.path("codes.h5")) as file:
                    codes = {key: array[:] for key, array in file["test"].items()}
                for latent in ("z", "z2"):
                    if latent + ".mean" in found and name not in ("flow", "iaf"):
                        np.testing.assert_allclose(found[latent + ".mean"], codes[latent + "_mean"],
                                                   rtol=1e-4, atol=1e-5)
                        np.testing.assert_allclose(
                            np.exp(found[latent + ".log_var"] / 2),
                            codes[latent + "_standard_deviation"], rtol=1e-4, atol=1e-5)
                if name in ("mlp", "conv", "vamp", "told"):
                    self.varia("reconstruct", "results/e.h5", "--trial", str(row), "--split", "test",
                               "-o", "values.h5")
                    with h5py.File(self.path("values.h5")) as file:
                        expected = file["test/reconstruction"][:] / 255
                    np.testing.assert_allclose(found["x.mean"], expected, rtol=1e-4, atol=1e-5)
                draws = [array for key, array in found.items() if key.startswith("prior.")]
                self.assertTrue(all(array.shape[0] == 200 for array in draws))
                if "log_weight" in found:  # one draw bounds what 200 draws estimate
                    bound = -found["log_weight"].mean()
                    self.assertGreater(bound, nll[row] - 0.2)
                    self.assertLess(bound, nll[row] + 6)


if __name__ == "__main__":
    unittest.main()
