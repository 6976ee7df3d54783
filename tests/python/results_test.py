"""The merged results file in Python: results_test.py PROGRAM README.

PROGRAM (make_results_example) writes the file, then h5py and both engines of xarray read it, and
every Python example of README (results/README.md) runs as it stands.
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

import h5py
import numpy as np
import xarray as xr
from example_file import PATH, ExampleFile

README = sys.argv[2]
ENGINES = ["h5netcdf", "netcdf4"]


def read(group, engine):
    with xr.open_dataset(PATH, group=group, engine=engine) as dataset:
        return dataset.load()


class Results(ExampleFile):
    def test_root(self):
        with h5py.File(PATH) as file:
            self.assertEqual(file.attrs["format"], "varia-results")
            self.assertEqual(file.attrs["version"], 1)
            self.assertEqual(file.attrs["experiment"], "name: beta_sweep\n")
            self.assertEqual(list(file["trial"]), list(range(9)))
            self.assertEqual(list(file["epoch"]), [1, 2, 3, 4])
            self.assertEqual(file["parameters/loss.beta"].attrs["swept"], 1)
            self.assertEqual(file["parameters/model.latent"].attrs["swept"], 0)
            self.assertEqual(file["metrics/test/elbo"].attrs["bound"], "log p(x)")
            for path in ("metrics/test/elbo", "final/test/elbo"):
                self.assertEqual(file[path].attrs["better"], "higher")
            self.assertNotIn("better", file["metrics/test/kl_per_dim_z"].attrs)

    def test_a_trial_file_is_hdf5_after_its_text(self):
        path = "results/beta_sweep/trials/00/0000000000000108.h5"
        with open(path, "rb") as file:
            lines = file.read(512).rstrip(b"\0").decode().split("\n")
        self.assertTrue(lines[0].startswith("varia-trial 1 "))
        self.assertEqual(int(lines[0].split()[2]), os.path.getsize(path))
        self.assertIn("status=failed", lines)
        with h5py.File(path) as file:
            self.assertEqual(file.userblock_size, 512)
            self.assertEqual(file.attrs["status"], "failed")
            self.assertEqual(file["table"].shape[0], 2)

    def test_dimensions_are_named(self):
        expected = {
            "trials": {"status": ("trial",), "seed": ("trial",)},
            "parameters": {"loss.beta": ("trial",), "data.use": ("trial",)},
            "metrics/test": {
                "elbo": ("trial", "epoch"),
                "kl_per_dim_z": ("trial", "epoch", "kl_per_dim_z_latent"),
            },
            "final/test": {"elbo": ("trial",)},
            "schedules": {"loss.beta": ("trial", "epoch")},
            "steps": {"train_loss": ("trial", "record"), "train_loss_step": ("trial", "record")},
            "timing": {"seconds": ("trial", "epoch")},
            "views": {
                "samples": ("trial", "frame_samples", "y_samples", "x_samples"),
                "samples_frame_epoch": ("trial", "frame_samples"),
                "samples_tile_height": ("trial",),
                "colour": ("trial", "frame_colour", "y_colour", "x_colour", "channel_colour"),
            },
            "points": {
                "plane": ("trial", "frame_plane", "point_plane", "axis_plane"),
                "plane_label": ("trial", "frame_plane", "point_plane"),
                "plane_axes": ("trial", "frame_plane", "axis_plane"),
                "plane_classes": ("trial", "frame_plane"),
            },
        }
        for engine in ENGINES:
            for group, variables in expected.items():
                dataset = read(group, engine)
                for name, dims in variables.items():
                    with self.subTest(engine=engine, group=group, name=name):
                        self.assertEqual(dataset[name].dims, dims)

    def test_values_are_the_same_in_both_engines(self):
        groups = ["trials", "parameters", "metrics/test", "metrics/train", "final/test",
                  "schedules", "steps", "timing", "views", "points"]
        for group in groups:
            with self.subTest(group=group):
                one, other = (read(group, engine) for engine in ENGINES)
                self.assertEqual(sorted(one.variables), sorted(other.variables))
                for name in one.data_vars:
                    np.testing.assert_array_equal(one[name].values, other[name].values)

    def test_coordinates_come_with_the_root(self):
        for engine in ENGINES:
            merged = xr.merge([read(None, engine), read("metrics/test", engine)])
            self.assertEqual(float(merged.elbo.sel(trial=4, epoch=3)), -100 - 20 + 1 + 3)

    def test_values(self):
        for engine in ENGINES:
            trials = read("trials", engine)
            self.assertEqual(list(trials.status.values), ["done"] * 8 + ["failed"])
            self.assertEqual(trials.error.values[8], "the loss is nan")
            self.assertEqual(int(trials.seed.values[8]), 2**63 + 8)
            self.assertEqual(list(read("parameters", engine)["data.use"].values), ["mnist"] * 9)
            metrics = read("metrics/test", engine)
            self.assertEqual(metrics.kl_per_dim_z.shape, (9, 4, 4))
            np.testing.assert_array_equal(metrics.kl_per_dim_z.values[0, 1],
                                          [2, 2.5, np.nan, np.nan])
            self.assertTrue(np.isnan(metrics.elbo.values[8, 2]))
            self.assertEqual(read("final/test", engine).elbo.values[8], -100 - 40 + 2 + 2)

    def test_pictures_are_images(self):
        with h5py.File(PATH) as file:
            samples = file["views/samples"]
            self.assertEqual(samples.shape, (9, 2, 22, 26))
            self.assertEqual(samples.chunks, (1, 1, 22, 26))
            self.assertEqual(samples.attrs["CLASS"], b"IMAGE")
            self.assertEqual(samples.attrs["IMAGE_SUBCLASS"], b"IMAGE_GRAYSCALE")
            self.assertEqual(file["views/colour"].attrs["IMAGE_SUBCLASS"], b"IMAGE_TRUECOLOR")
            self.assertEqual(samples.attrs["rows"], 2)
            height, width = file["views/samples_height"][0, 0], file["views/samples_width"][0, 0]
            self.assertEqual((height, width), (20, 24))
            pixels = np.arange(20 * 24, dtype=np.int64).reshape(20, 24) % 251
            np.testing.assert_array_equal(samples[0, 1, :20, :24], pixels)
            self.assertFalse(samples[0, 1, 20:].any() or samples[0, 1, :, 24:].any())
            label = file["points/plane_label"][0, 0]
            self.assertEqual(list(label[:6]), list(range(6)))
            self.assertTrue((label[6:] == -1).all())

    def test_trial_files_are_readable(self):
        with h5py.File("results/beta_sweep/trials/00/0000000000000100.h5") as file:
            self.assertEqual(file.attrs["status"], "done")
            columns = [path.decode() for path in file["columns"][:, 0]]
            self.assertIn("metrics/test/elbo", columns)
            self.assertEqual(file["views/samples/000001"].shape, (20, 24))

    def test_the_example_in_r(self):
        if shutil.which("Rscript") is None:
            self.skipTest("there is no R")
        with open(README, encoding="utf-8") as file:
            (example,) = re.findall(r"```r\n(.*?)```", file.read(), re.S)
        shown = 'cat(table$beta, table$elbo, dim(curves), curves[3, 5])'
        out = subprocess.run(["Rscript", "-e", example + shown], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        with h5py.File(PATH) as file:
            curve = file["metrics/test/elbo"][4, 2]
        self.assertEqual([float(word) for word in out.split()],
                         [1, 2, 4, -105, -115, -135.5, 4, 9, curve])

    def test_command_line_tools(self):
        subprocess.run(["h5dump", "-H", PATH], check=True, stdout=subprocess.DEVNULL)

    def test_netcdf_can_append(self):
        import netCDF4
        subprocess.run(["cp", PATH, "copy.h5"], check=True)
        with netCDF4.Dataset("copy.h5", "a") as dataset:
            dataset.createVariable("mine", "f8", ("trial",))[:] = 1
        with h5py.File("copy.h5") as file:
            self.assertEqual(list(file["mine"]), [1] * 9)

    def test_examples_of_the_reference(self):
        with open(README, encoding="utf-8") as file:
            examples = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertTrue(examples)
        for number, example in enumerate(examples):
            with self.subTest(example=number):
                names = {}
                exec(compile(example, f"{README} example {number}", "exec"), names)
        # The table of means: the trial of beta 4, replicate 2 failed and is left out.
        table = names["table"]
        np.testing.assert_allclose(table.loc[1.0, "mean"], -100 - 10 + 1 + 4)
        np.testing.assert_allclose(table.loc[4.0, "mean"], -100 - 40 + 0.5 + 4)
        np.testing.assert_allclose(table.loc[2.0, "sem"], 1 / np.sqrt(3))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
