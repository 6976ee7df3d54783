"""A model of which everything is known in closed form, loaded by `varia.load_model`."""
import copy
import importlib.util
import json
import math
import os
import sys
import unittest.mock

import numpy as np
import pypi  # noqa: F401
from harness import EndToEnd, unittest

sys.path.insert(0, os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python"))
import varia  # noqa: E402

HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_ONNX = importlib.util.find_spec("onnxruntime") is not None
if HAS_TORCH:
    import torch
if HAS_ONNX:
    import onnxruntime


def tensor(name, *shape, **more):
    return {"name": name, "type": "float32", "shape": list(shape), **more}


def write_linear_model(folder, weight, bias, variance):
    """The folder of a model p(x | z) = N(W z + b, variance), whose evidence is known in closed form.
    Its posterior is not the true one. Each script has W as a parameter and b as a buffer."""
    event, latent = weight.shape

    class Script(torch.nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function
            self.weight = torch.nn.Parameter(weight.clone())
            self.register_buffer("bias", bias.clone())

        def forward(self, *inputs):
            return self.function(self.weight, self.bias, *inputs)

    def encode(weight, bias, x):
        mean = (x - bias) @ weight
        mean = torch.sub(mean, mean, alpha=0.5)  # half of it: a trace keeps alpha as a number
        return mean, torch.full_like(mean, -1.0)

    def decode(weight, bias, z):
        return z @ weight.T + bias, torch.full_like(bias[:1], math.log(variance))

    def log_normal(value, mean, log_var):
        return -0.5 * (math.log(2 * math.pi) + log_var + (value - mean) ** 2 / log_var.exp()).sum(1)

    def log_weight(weight, bias, x, noise):
        mean, log_var = encode(weight, bias, x)
        z = mean + noise[0] * (0.5 * log_var).exp()
        nothing = torch.zeros_like(z)
        decoded, decoded_log_var = decode(weight, bias, z)
        return (log_normal(x, decoded, decoded_log_var.expand_as(x))
                + log_normal(z, nothing, nothing) - log_normal(z, mean, log_var),)

    scripts = {}

    def write(name, function, inputs, outputs):
        examples = tuple(torch.randn([4 if size == "batch" else size for size in one["shape"]])
                         for one in inputs)
        torch.jit.trace(Script(function), examples, strict=False).save(os.path.join(folder, name + ".pt"))
        scripts[name] = {"file": name + ".pt", "inputs": inputs, "outputs": outputs}

    os.mkdir(folder)
    z, x = tensor("z", "batch", latent), tensor("input", "batch", event)
    write("encoder", encode, [x], [tensor("z.mean", "batch", latent),
                                   tensor("z.log_var", "batch", latent)])
    write("decoder", decode, [z], [tensor("mean", "batch", event), tensor("log_var", 1)])
    write("prior", lambda weight, bias, noise: (noise[:, 0],),
          [tensor("noise0", "batch", 1, latent, noise="normal")], [z])
    write("log_weight", log_weight, [x, tensor("noise0", 1, "batch", latent, noise="normal")],
          [tensor("log_weight", "batch")])
    about = {"format": "varia-model", "version": 1, "trial": "t", "model": {"use": "linear"},
             "event": [event], "classes": 0, "units": {"scale": 2.0, "offset": 1.0},
             "latents": [{"name": "z", "family": "normal", "observed": False}], "scripts": scripts,
             "absent": {"posterior": "it is not needed."}}
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(about, file)


@unittest.skipUnless(HAS_TORCH, "not on this system: PyTorch for Python")
class LinearModel(EndToEnd):
    """Truth: x is N(b, W W' + variance)."""

    def setUp(self):
        super().setUp()
        random = torch.Generator().manual_seed(0)
        self.weight, self.bias = torch.randn(3, 2, generator=random), torch.randn(3, generator=random)
        write_linear_model(self.path("model"), self.weight, self.bias, 0.25)
        self.model = varia.load_model(self.path("model"))
        self.x = torch.randn(7, 3, generator=random)

    def test_it_is_a_module_with_parts(self):
        self.assertIsInstance(self.model, torch.nn.Module)
        self.assertEqual(self.model.event, (3,))
        codes = self.model.encode(self.x)
        self.assertEqual(list(codes["z"]), ["mean", "log_var"])
        torch.testing.assert_close(codes["z"]["mean"], (self.x - self.bias) @ self.weight * 0.5)
        z = torch.tensor([[1.0, 2.0]])
        torch.testing.assert_close(self.model.decode(z), z @ self.weight.T + self.bias)
        torch.testing.assert_close(self.model.decode({"z": z.numpy()}), self.model.decode(z))
        self.assertAlmostEqual(float(self.model.likelihood(z)["log_var"]), math.log(0.25), places=6)
        torch.testing.assert_close(self.model(self.x), self.model.decode(codes["z"]["mean"]))

    def test_log_prob_is_the_evidence_of_the_closed_form(self):
        covariance = self.weight @ self.weight.T + 0.25 * torch.eye(3)
        truth = torch.distributions.MultivariateNormal(self.bias, covariance).log_prob(self.x)
        found = [self.model.log_prob(self.x, 500, generator=torch.Generator().manual_seed(seed))
                 for seed in range(10)]
        error = torch.stack(found).std(0) / math.sqrt(10)
        # 500 draws are biased by less than half of their variance.
        bound = 4 * error + torch.stack(found).var(0)
        self.assertTrue(((torch.stack(found).mean(0) - truth).abs() < bound).all())
        self.assertTrue((self.model.log_prob(self.x, 1, generator=torch.Generator().manual_seed(0))
                         - truth).mean() < 0)

    def test_samples_are_those_of_the_prior(self):
        drawn = self.model.sample(20000, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(drawn.mean(0), self.bias, atol=0.05, rtol=0)
        torch.testing.assert_close(torch.cov(drawn.T), self.weight @ self.weight.T, atol=0.2, rtol=0)
        again = self.model.sample(20000, generator=torch.Generator().manual_seed(0))
        self.assertTrue(torch.equal(drawn, again))

    def test_it_computes_where_it_was_moved(self):
        """PyTorch's device without memory refuses to mix with the CPU, as a GPU does."""
        load = torch.jit.load
        path = self.path("model/model.json")
        with open(path) as file:
            about = json.load(file)
        del about["scripts"]["log_weight"]  # PyTorch 1.13 cannot read two constants there
        with open(path, "w") as file:
            json.dump(about, file)
        with unittest.mock.patch("torch.jit.load", lambda path, device: load(path, "meta")):
            model = varia.load_model(self.path("model")).to("meta")
        draws = torch.Generator().manual_seed(0)
        found = [model.encode(self.x)["z"]["mean"], model.decode(np.ones((4, 2))), model(self.x),
                 model.sample(5), model.sample(5, generator=draws), model.to_units(self.x),
                 model.to_event(self.x)]
        self.assertEqual([one.device.type for one in found], ["meta"] * len(found))
        self.assertEqual([list(one.shape) for one in found],
                         [[7, 2], [4, 3], [7, 3], [5, 3], [5, 3], [7, 3], [7, 3]])

    def test_what_is_moved_or_cast_still_has_its_parameters_once(self):
        model = copy.deepcopy(self.model).to(torch.float64)
        (weight,) = model.parameters()
        with torch.no_grad():
            weight.zero_()
        for script in model.about["scripts"]:
            module = model.get_submodule(script)
            self.assertEqual(float(module.weight.detach().norm()), 0.0)
            self.assertIs(module.bias, model.get_submodule("encoder").bias)

    def test_it_computes_in_the_type_to_which_it_was_cast(self):
        model = copy.deepcopy(self.model).double()
        exact = ((self.x.double() - self.bias.double()) @ self.weight.double()) / 2
        torch.testing.assert_close(model.encode(self.x)["z"]["mean"], exact, rtol=1e-14, atol=1e-14)
        for found in (model.sample(3), model(self.x), model.log_prob(self.x.numpy(), 2)):
            self.assertEqual(found.dtype, torch.float64)

    def test_what_is_trained_by_one_method_is_trained_in_all(self):
        (weight,) = self.model.parameters()
        z = torch.tensor([[1.0, 2.0]])
        optimizer = torch.optim.SGD([weight], lr=1.0)
        self.model.decode(z).sum().backward()  # its gradient by W has the rows z
        optimizer.step()
        trained = self.weight - z
        for model in (self.model, copy.deepcopy(self.model)):
            torch.testing.assert_close(model.encode(self.x)["z"]["mean"],
                                       (self.x - self.bias) @ trained * 0.5)
            torch.testing.assert_close(model.decode(z), z @ trained.T + self.bias)
            covariance = trained @ trained.T + 0.25 * torch.eye(3)
            truth = torch.distributions.MultivariateNormal(self.bias, covariance).log_prob(self.bias)
            found = model.log_prob(self.bias[None], 20000, generator=torch.Generator().manual_seed(0))
            torch.testing.assert_close(found, truth[None], atol=0.2, rtol=0)
            self.assertEqual(len(list(model.parameters())), 1)
        # What is copied is trained on its own.
        optimizer.step()
        self.assertFalse(torch.equal(model.decode(z), self.model.decode(z)))

    def test_arrays_of_any_byte_order_and_with_masks_are_taken(self):
        values = self.x.numpy()
        expected = self.model.encode(self.x)["z"]["mean"]
        for array in (values.astype(">f4"), values.astype(np.longdouble), values.tolist()):
            torch.testing.assert_close(self.model.encode(array)["z"]["mean"], expected)
        hidden = np.ma.masked_array(np.where(values > 1, -999, values), values > 1)
        self.assertEqual(np.isnan(self.model.to_event(hidden)).sum(), (values > 1).sum())
        self.assertEqual(self.model.to_units(np.array([0, 1], ">i2")).tolist(), [1, 3])

    def test_units_are_those_of_the_data(self):
        self.assertEqual(self.model.to_event([1.0, 3.0]).tolist(), [0, 1])
        self.assertEqual(self.model.to_units(torch.tensor([0.0, 1.0])).tolist(), [1, 3])

    def test_wrong_calls_say_what_was_expected(self):
        for call, expected in [
                (lambda: self.model.encode(torch.zeros(2, 4)),
                 r"expected samples \[batch, 3\], found \[2, 4\]"),
                (lambda: self.model.decode(torch.zeros(2, 5)),
                 r"expected z \[batch, 2\], found \[2, 5\]"),
                (lambda: self.model.decode({"x": torch.zeros(2, 2)}), "no latent variable is called 'x'"),
                (lambda: self.model.log_prob(self.x, 0), "expected at least 1, found 0"),
                (lambda: self.model.log_prob(self.x, 2.0), "samples: expected a whole number, found 2.0"),
                (lambda: self.model.sample(-1), "sample: count: expected at least 0, found -1"),
                (lambda: self.model.sample(2.5), "count: expected a whole number, found 2.5"),
                (lambda: self.model.decode({}), "the model needs z, which were not given"),
                (lambda: self.model.decode(1.0), r"expected z \[batch, 2\], found \[\]"),
                (lambda: self.model.decode(np.ma.masked_equal([[0.0, 1.0]], 0)),
                 "z: 1 of its numbers are masked"),
                (lambda: self.model.encode(np.array([["a"]])), "x: expected numbers, found an array of <U1"),
                (lambda: self.model.encode([[None]]), r"to_numpy\(float, na_value=nan\)"),
                (lambda: self.model.encode(self.x, labels=[0] * 7), "was trained without labels"),
                (lambda: varia.load_model(self.path("absent")), "there is no such file")]:
            with self.assertRaisesRegex(varia.VariaError, expected):
                call()

    @unittest.skipUnless(HAS_ONNX, "not on this system: onnxruntime")
    def test_onnx_files_compute_what_the_scripts_do(self):
        written = self.model.to_onnx(self.path("onnx"), ["encoder", "decoder", "log_weight"])
        self.assertEqual([path.name for path in written],
                         ["encoder.onnx", "decoder.onnx", "log_weight.onnx"])
        with open(self.path("onnx", "model.json")) as file:
            self.assertEqual(json.load(file)["scripts"]["encoder"]["file"], "encoder.onnx")
        session = onnxruntime.InferenceSession(written[0])
        mean, log_var = session.run(None, {"input": self.x.numpy()})
        np.testing.assert_allclose(mean, (self.x - self.bias) @ self.weight * 0.5, atol=1e-6)
        np.testing.assert_array_equal(log_var, np.full((7, 2), -1, np.float32))
        self.assertEqual([output.name for output in session.get_outputs()], ["z.mean", "z.log_var"])
        with self.assertRaisesRegex(varia.VariaError, "describes ONNX files. Load them by onnxruntime"):
            varia.load_model(self.path("onnx"))

    @unittest.skipUnless(HAS_ONNX, "not on this system: onnxruntime")
    def test_what_cannot_be_onnx_is_one_line_and_writes_nothing(self):
        class Other(torch.nn.Module):
            def forward(self, x):
                return torch.lgamma(x), x[:, :2]

        class Random(torch.nn.Module):
            def forward(self, z):
                return z @ torch.ones(2, 3) + torch.rand_like(z)[:, :1], torch.zeros(1)

        for name, module, expected in [
                ("encoder", Other(), "encoder cannot be written as ONNX: Exporting "
                 "the operator 'aten::lgamma' to ONNX opset version 16 is not supported"),
                ("decoder", Random(), "decoder cannot be written as ONNX: "
                 "onnxruntime computes another mean for 1 samples")]:
            setattr(self.model, name, torch.jit.script(module))
            with self.assertRaises(varia.VariaError) as caught:
                self.model.to_onnx(self.path("onnx"))
            self.assertTrue(str(caught.exception).startswith(expected), caught.exception)
            self.assertNotIn("\n", str(caught.exception))
            setattr(self.model, name, varia.load_model(self.path("model")).get_submodule(name))
        with self.assertRaisesRegex(varia.VariaError, "the model has no posterior.pt: it is not needed"):
            self.model.to_onnx(self.path("onnx"), ["posterior"])
        with self.assertRaisesRegex(varia.VariaError, "no script of the model is called 'encode'"):
            self.model.to_onnx(self.path("onnx"), ["encode"])
        self.assertFalse(os.path.exists(self.path("onnx")))

    def test_a_newer_format_is_refused(self):
        path = self.path("model", "model.json")
        with open(path) as file:
            about = json.load(file)
        with open(path, "w") as file:
            json.dump({**about, "version": 2}, file)
        with self.assertRaisesRegex(varia.VariaError, "has version 2 of the format, and this package"):
            varia.load_model(self.path("model"))

    def test_what_is_no_model_is_one_line(self):
        def refused(expected, folder="model"):
            with self.assertRaisesRegex(varia.VariaError, expected) as caught:
                varia.load_model(self.path(folder))
            self.assertNotIn("\n", str(caught.exception))

        self.write("q.yaml", "name: q\n")
        refused("q.yaml: is a file; expected the folder that varia export", "q.yaml")
        refused("none/model.json: there is no such file", "none")
        with open(self.path("model", "model.json")) as file:
            about = json.load(file)
        self.write("model/encoder.pt", "no TorchScript")
        refused("encoder.pt: is no TorchScript file")
        os.remove(self.path("model", "encoder.pt"))
        refused("encoder.pt: No such file or directory")
        encoder = about["scripts"]["encoder"]
        for wrong, expected in [
                ({"units": 3}, "units: expected dict, found 3"),
                ({"units": {"scale": 1}}, "units: offset is missing"),
                ({"scripts": [1]}, r"scripts: expected dict, found \[1\]"),
                ({"version": "x"}, "version: expected a whole number, found 'x'"),
                ({"scripts": {"encoder": {}}}, "scripts: encoder: file is missing"),
                ({"scripts": {"encoder": {**encoder, "file": "../model/encoder.pt"}}},
                 "scripts: encoder: file: expected a file of the folder, found '../model/encoder.pt'"),
                ({"scripts": {"encoder": {**encoder, "outputs": [{"name": "z.mean"}]}}},
                 "scripts: encoder: type is missing"),
                ({"latents": [{"name": "z"}]}, r"latents\[0\]: family is missing"),
                ({"event": None}, "event: expected list, found None")]:
            self.write("model/model.json", json.dumps({**about, **wrong}))
            refused("model.json: .*" + expected)
        os.remove(self.path("model", "model.json"))
        os.mkdir(self.path("model", "model.json"))
        refused("model.json: Is a directory")


if __name__ == "__main__":
    unittest.main()
