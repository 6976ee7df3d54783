"""The Python package on a results file of known values (package_case.py). h5py tells what the package
has to give back.
"""
import doctest
import importlib
import os
import pkgutil
import re
import shutil
import sys
import unittest
from unittest import mock

import h5py
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import pyplot
from package_case import PACKAGE, PATH, Package

import varia

REPOSITORY = os.path.dirname(os.path.dirname(PACKAGE))


class Trials(Package):
    def test_numbers_are_those_of_the_experiment_file(self):
        trials = self.results.trials
        self.assertEqual(trials["loss.beta"].tolist(), [1] * 3 + [2] * 3 + [4] * 3)
        self.assertEqual(trials["loss.beta"].dtype, np.int64)
        self.assertEqual(self.results.parameters["model.latent"].tolist(), [2] * 3 + [3] * 3 + [4] * 3)
        self.assertEqual(trials.seed.iloc[8], 2**63 + 8)
        self.assertEqual(trials.index.tolist(), [f"0000000000000{n}" for n in range(100, 109)])
        self.assertEqual(trials.status.tolist(), ["done"] * 8 + ["failed"])
        self.assertEqual(trials.error.iloc[8], "the loss is nan")

    def test_a_key_that_some_trials_do_not_have_is_missing_in_them(self):
        def change(file):
            file["parameters/loss.beta"][0] = np.nan
            file["parameters/data.use"][0] = ""
        results = varia.open(self.changed(change))
        self.assertIs(results.trials["loss.beta"].iloc[0], pd.NA)
        self.assertEqual(results.trials["loss.beta"].iloc[1:].tolist(), [1, 1, 2, 2, 2, 4, 4, 4])
        self.assertIs(results.parameters["data.use"].iloc[0], pd.NA)

    def test_an_axis_may_be_called_as_another_column_is(self):
        own, state = ("latent", "host", "y", "n"), ("trial", "epoch", "seed", "status", "error")
        for key in (*own, *state):
            with self.subTest(key):
                def change(file):
                    file.copy("parameters/loss.beta", f"parameters/{key}")
                    file["parameters/loss.beta"].attrs["swept"] = 0
                with varia.open(self.changed(change)) as results:
                    self.check_axis(results, key, f"parameter {key}" if key in state else key)

    def check_axis(self, results, key, column):
        values = [1] * 3 + [2] * 3 + [4] * 3
        self.assertEqual(results.swept, [key])
        chosen = results.final("test/elbo", where={key: 2})
        self.assertEqual([id[-1] for id in chosen.index], ["3", "4", "5"])
        for table in (results.trials, results.final(status=None)):
            self.assertTrue(table.columns.is_unique)
            self.assertEqual(table[column].tolist(), values)
        self.assertEqual(results.provenance.host.tolist(), ["host"] * 9)
        self.assertIn(f"<th>{column}</th>", results._repr_html_())
        self.assertEqual(results.curves("test/elbo", status=None)[column].values.tolist(), values)
        curves = results.curves("test/kl_per_dim_z", status=None)
        self.assertEqual(curves.dims, ("trial", "epoch", "latent"))
        self.assertEqual(curves[f"parameter {key}" if key == "latent" else column].values.tolist(), values)
        plot = results.plot
        for draw in (lambda: plot.curves("test/elbo"), lambda: plot.scatter("test/elbo", "test/elbo"),
                     lambda: plot.pictures("samples", key)):
            draw()
            self.assertTrue(plot.data.columns.is_unique)
            found = plot.data.get(f"parameter {key}", plot.data.get(key))
            self.assertLessEqual(set(found), {1, 2, 4})
        pyplot.close("all")
        found = results.correlation("test/elbo", "train/loss")
        self.assertTrue(found.columns.is_unique)
        self.assertEqual(found[f"parameter {key}" if key == "n" else key].tolist(), [1, 2, 4])

    def test_fractions_and_truth_values_keep_what_they_are(self):
        def change(file):
            file["parameters/loss.beta"][:] = np.arange(9) / 2
            file["parameters/data.use"][:] = ["true", "false", "true"] * 3
        results = varia.open(self.changed(change))
        self.assertEqual(results.trials["loss.beta"].tolist(), list(np.arange(9) / 2))
        self.assertEqual(results.parameters["data.use"].tolist(), [True, False, True] * 3)

    def test_a_trial_is_named_by_id_beginning_or_row(self):
        for trial in ("0000000000000104", 4, np.int64(4)):
            self.assertEqual(float(self.results.curves("test/elbo", trial)[2]), -100 - 20 + 1 + 3)
        self.assertIn("begins the ids of 9 trials", self.refused(self.results.config, "00000"))
        self.assertIn("no trial is called 'x'", self.refused(self.results.config, "x"))
        self.assertIn("no row 9", self.refused(self.results.config, 9))
        self.assertIn("no row -1", self.refused(self.results.config, -1))
        for several in ([0], ["0000000000000104"], None):
            self.assertEqual(self.refused(self.results.config, several),
                             f"{PATH}: expected one trial, its id or its row; found {several!r}")

    def test_keys_that_only_say_how_a_trial_is_run_are_those_of_the_program(self):
        from varia.trials import HOW_IT_IS_RUN
        source = os.path.join(REPOSITORY, "framework", "analysis", "settings.cpp")
        with open(source, encoding="utf-8") as file:
            found = re.search(r"kHowItIsRun = \{(.*?)\};", file.read(), re.S)
        self.assertEqual(sorted(HOW_IT_IS_RUN), sorted(re.findall(r'"(.*?)"', found[1])))

    def test_notes_are_columns(self):
        def change(file):
            file["trials/notes"][0] = '{"why": "<b>"}'
        results = varia.open(self.changed(change))
        self.assertEqual(results.trials["notes.why"].iloc[0], "<b>")
        self.assertTrue(pd.isna(results.trials["notes.why"].iloc[1]))


class Values(Package):
    def test_final_values_are_of_trials_that_are_done(self):
        final = self.results.final()
        self.assertEqual(final.columns.tolist(), ["loss.beta", "replicate", "status", "test/elbo",
                                                  "train/loss"])
        with h5py.File(PATH) as file:
            np.testing.assert_array_equal(final["test/elbo"], file["final/test/elbo"][:8])
            np.testing.assert_array_equal(self.results.final("test/elbo", status=None)["test/elbo"],
                                          file["final/test/elbo"][:])

    def test_trials_are_chosen_by_their_values(self):
        chosen = self.results.final(where={"loss.beta": [1, 4], "replicate": 1})
        self.assertEqual(chosen.index.tolist(), ["0000000000000101", "0000000000000107"])
        self.assertEqual(self.results.curves("test/elbo", where={"loss.beta": 2}).trial.values.tolist(),
                         ["0000000000000103", "0000000000000104", "0000000000000105"])
        self.assertEqual(self.refused(self.results.final, where={"loss.beta": 3}),
                         f"{PATH}: no trial has loss.beta=3. Known: 1, 2, 4.")
        self.assertIn("Did you mean 'loss.beta'?",
                      self.refused(self.results.final, where={"loss.bta": 3}))

    def test_a_choice_may_be_of_lists(self):
        def change(file):
            file["parameters/data.use"][:] = ["[32]"] * 3 + ["[16, 8]"] * 3 + ["[1e-3, a]"] * 3
        with varia.open(self.changed(change)) as results:
            for wanted, rows in [([32], [0, 1, 2]), ("[32]", [0, 1, 2]), ([[16, 8]], [3, 4, 5]),
                                 ([16, 8], [3, 4, 5]), ("[16,8]", [3, 4, 5]), ((np.int64(16), 8), [3, 4, 5]),
                                 ([[32], "[16, 8]"], range(6)), ([0.001, "a"], [6, 7, 8])]:
                found = results.final("test/elbo", where={"data.use": wanted}, status=None)
                self.assertEqual(found.index.tolist(), [f"000000000000010{row}" for row in rows])
            self.assertEqual(self.refused(results.final, where={"data.use": [8, 16]}),
                             "changed.h5: no trial has data.use=8. "
                             "Known: '[32]', '[16, 8]', '[1e-3, a]'.")
            self.assertIn("no trial has data.use=[8].",
                          self.refused(results.final, where={"data.use": [[8]]}))
        self.assertIn("no trial has loss.beta='1'. Known: 1, 2, 4.",
                      self.refused(self.results.final, where={"loss.beta": "1"}))
        self.assertIn("loss.beta: expected a value or several, found none",
                      self.refused(self.results.final, where={"loss.beta": []}))

    def test_the_status_of_trials_is_a_known_word(self):
        self.assertEqual(len(self.results.final(status="failed")), 1)
        self.assertEqual(len(self.results.final(status=["done", "failed"])), 9)
        self.assertEqual(len(self.results.final(status="partial")), 0)
        for call in (self.results.final, lambda status: self.results.curves("test/elbo", status=status)):
            self.assertEqual(self.refused(call, status="finished"),
                             f"{PATH}: no status is called 'finished'. Known: done, failed, partial.")

    def test_metrics_may_be_a_list(self):
        found = self.results.final(["test/elbo", "train/loss"])
        pd.testing.assert_frame_equal(found, self.results.final("test/elbo", "train/loss"))

    def without_keys(self):
        """A file whose trials 0 to 2 have no loss.beta, and 3 to 5 no data.use, which is swept, too."""
        def change(file):
            file["parameters/loss.beta"][:3] = np.nan
            file["parameters/data.use"][3:6] = ""
            file["parameters/data.use"].attrs["swept"] = 1
        results = varia.open(self.changed(change))
        self.addCleanup(results.close)
        return results

    def test_trials_without_a_key_have_coordinates(self):
        results = self.without_keys()
        curves = results.curves("test/elbo")
        self.assertEqual(curves["loss.beta"].dtype, np.float64)
        np.testing.assert_array_equal(curves["loss.beta"], [np.nan] * 3 + [2] * 3 + [4] * 2)
        self.assertEqual(curves["data.use"].values.tolist(), ["mnist"] * 3 + [""] * 3 + ["mnist"] * 2)
        np.testing.assert_array_equal(curves.where(curves["loss.beta"] == 2, drop=True), curves[3:6])
        np.testing.assert_array_equal(curves.sel(trial=curves["data.use"] == ""), curves[3:6])
        for key, ids in (("loss.beta", "012"), ("data.use", "345")):
            for value in (None, pd.NA, np.nan):
                self.assertEqual([id[-1] for id in results.final(where={key: value}).index], list(ids))
        self.assertIn("no trial has loss.beta=None",
                      self.refused(self.results.final, where={"loss.beta": None}))

    def test_curves_are_written_as_netcdf(self):
        if not xr.backends.list_engines().keys() & {"netcdf4", "h5netcdf"}:
            self.skipTest("not on this system: netCDF4 or h5netcdf")
        results = self.without_keys()
        for name, found in [("test_elbo", results.curves("test/elbo")),
                            ("schedules_loss.beta", results.curves("schedules/loss.beta")),
                            ("test_kl_per_dim_z", results.curves("test/kl_per_dim_z", 0))]:
            found.to_netcdf("curves.nc")
            with xr.open_dataarray("curves.nc") as again:
                self.assertEqual(again.name, name)
                self.assertEqual(again.attrs["metric"], name.replace("_", "/", 1))
                xr.testing.assert_equal(again.load(), found)

    def test_curves_have_names_and_coordinates(self):
        curves = self.results.curves("test/elbo", status=None)
        self.assertEqual(curves.dims, ("trial", "epoch"))
        self.assertEqual(curves.epoch.values.tolist(), [1, 2, 3, 4])
        self.assertEqual(curves["loss.beta"].values.tolist(), [1] * 3 + [2] * 3 + [4] * 3)
        self.assertEqual(curves.attrs["units"], "nats")
        with h5py.File(PATH) as file:
            np.testing.assert_array_equal(curves, file["metrics/test/elbo"])
            np.testing.assert_array_equal(self.results.curves("schedules/loss.beta", 3),
                                          file["schedules/loss.beta"][3])
        self.assertEqual(self.results.curves("timing/seconds").shape, (8, 4))

    def test_a_curve_of_one_trial_has_no_padding(self):
        self.assertEqual(self.results.curves("test/elbo", 8).shape, (2,))
        per_dimension = self.results.curves("test/kl_per_dim_z", 0)
        self.assertEqual(per_dimension.dims, ("epoch", "latent"))
        np.testing.assert_array_equal(per_dimension[-1], [4, 4.5])
        self.assertEqual(self.results.curves("test/kl_per_dim_z").shape, (8, 4, 4))

    def test_plots_of_no_trial_are_refused(self):
        def take_back(file):
            file["trials/status"][:] = "partial"
        results = varia.open(self.changed(take_back))
        self.addCleanup(results.close)
        for call in (lambda: results.plot.curves("test/elbo"),
                     lambda: results.plot.scatter("test/elbo", "test/elbo")):
            self.assertEqual(self.refused(call), "changed.h5: no trial that is chosen is done")

    def test_curves_per_step_end_with_the_trial(self):
        steps = self.results.steps("train_loss", 8)
        self.assertEqual(steps.to_dict(), {10: 139, 20: 138})
        self.assertIn("Known: train_loss.", self.refused(self.results.steps, "loss", 8))

    def test_the_best_trial_follows_the_direction_of_the_metric(self):
        self.assertEqual(self.results.best("test/elbo"), "0000000000000102")
        self.assertEqual(self.results.best("test/elbo", order="lower"), "0000000000000106")
        self.assertEqual(self.results.best("test/elbo", where={"loss.beta": 2}), "0000000000000105")
        self.assertIn("give order=", self.refused(self.results.best, "train/loss",
                                                  where={"loss.beta": 2}))

    def test_the_best_loss_of_several_weights_is_refused(self):
        self.assertIn("train/loss is another quantity if loss.beta differs",
                      self.refused(self.results.best, "train/loss", order="lower"))

    def test_names_that_are_not_there_name_the_nearest(self):
        for call, name in [(self.results.final, "test/elbow"), (self.results.curves, "test/elbow")]:
            self.assertIn("Did you mean 'test/elbo'?", self.refused(call, name))
        self.assertIn("test/kl_per_dim_z is an array [trial, epoch, latent]: take "
                      "curves('test/kl_per_dim_z')",
                      self.refused(self.results.final, "test/kl_per_dim_z"))
        self.assertIn("Did you mean 'samples'?", self.refused(self.results.pictures, "sample", 0))
        self.assertIn("Known: loss.beta", self.refused(self.results.curves, "schedules/lr"))


class Files(Package):
    def test_a_byte_that_is_not_the_one_that_was_written_is_noticed(self):
        size = os.path.getsize(PATH)
        for place in (4096, size // 2, size - 60, size - 3):
            with self.subTest(place):
                self.assertIn("its checksum is not that of its content",
                              self.refused(varia.open, self.flipped(place)))
        # What is too large is not compared, nor is what another program has written to.
        with mock.patch("varia.checksum.QUICK_TO_CHECK", size - 56):
            varia.open(self.flipped(size - 3)).close()
        varia.open(self.changed(lambda file: file.attrs.update(name="other"))).close()

    def test_what_the_system_refuses_is_one_line(self):
        with open("file.yaml", "w") as file:
            file.write("name: a")
        self.assertIn("file.yaml/q.h5", self.refused(varia.open, "file.yaml/q.h5"))
        self.assertIn("file.yaml", self.refused(varia.fit, np.zeros((4, 2)), folder="file.yaml/in"))
        with open("none", "w") as file:
            file.write("no program")
        os.chmod("none", 0o755)
        with mock.patch.dict(os.environ, {"VARIA_PROGRAM": os.path.abspath("none")}):
            self.assertIn("none: Exec format error", self.refused(varia.run, "file.yaml"))

    def test_a_newer_layout_is_refused(self):
        path = self.changed(lambda file: file.attrs.modify("version", np.int64(2)))
        self.assertEqual(self.refused(varia.open, path),
                         "changed.h5: has version 2 of the layout, and this package reads versions up "
                         "to 1. Install the Python package of the Varia that wrote it")

    def test_other_files_are_refused(self):
        with open("text.h5", "w") as file:
            file.write("text")
        with h5py.File("other.h5", "w") as file:
            file["x"] = 1
        trial = "results/beta_sweep/trials/00/0000000000000100.h5"
        for path, expected in [("absent.h5", "there is no such file"), ("results", "is a folder"),
                               ("text.h5", "is not a results"),
                               ("other.h5", "is not a results file of Varia"),
                               (trial, "is the file of one trial")]:
            line = self.refused(varia.open, path)
            self.assertTrue(line.startswith(f"{path}: "), line)
            self.assertIn(expected, line)

    def test_what_is_damaged_is_one_line(self):
        def replaced(path, *arguments, **options):
            def change(file):
                attributes = dict(file[path].attrs)
                del file[path]
                # Without the references to the axes.
                file.create_dataset(path, *arguments, **options).attrs.update(
                    {key: value for key, value in attributes.items() if key in ("units", "rows")})
            return change

        def removed(path):
            return lambda file: file.pop(path)

        def attribute(path, name, value):
            return lambda file: file[path].attrs.update({name: value})

        def texts(*values):
            return {"data": np.array(values, object), "dtype": h5py.string_dtype()}

        def final(results):
            results.final("test/elbo")

        def curves(results):
            results.curves("test/elbo")

        def curve(results):
            results.curves("test/elbo", 0)

        def pictures(results):
            results.pictures("samples", 0)

        def points(results):
            results.points("plane", 0)

        def opened(results):
            self.fail("it was opened")

        deep = "[" * 100000
        for change, call, expected in [
                (replaced("final/test/elbo", data=np.zeros(5)), final, "expected the shape [9], found [5]"),
                (replaced("final/test/elbo", data=1.0), final, "expected the shape [9], found []"),
                (replaced("final/test/elbo", data=np.zeros((9, 2))), final, "the shape [9], found [9, 2]"),
                (replaced("final/test/elbo", **texts(*"a" * 9)), final, "expected numbers, found texts"),
                (replaced("final/test/elbo", data=np.zeros(9, [("a", "f8")])), final, "expected numbers"),
                (replaced("final/test/elbo", shape=(9,), dtype="f8"), final, "its values are missing"),
                (replaced("metrics/test/elbo", shape=(9, 4), dtype="f8", chunks=(3, 4)), curves,
                 "its values are missing"),
                (replaced("metrics/test/elbo", shape=(9, 10**12), dtype="f8", chunks=(1, 1000)), curves,
                 "expected the shape [9, 4, ...], found [9, 1000000000000]"),
                (replaced("metrics/test/elbo", data=np.zeros((3, 4))), curve, "the shape [9, 4, ...]"),
                (replaced("metrics/test/elbo", data=np.zeros(9)), curve, "the shape [9, 4, ...]"),
                (replaced("schedules/loss.beta", **texts(*["a"] * 9)),
                 lambda results: results.curves("schedules/loss.beta"), "expected numbers, found texts"),
                (replaced("steps/train_loss", data=np.zeros((9, 7))),
                 lambda results: results.steps("train_loss", 0), "expected the shape [9, 4], found [9, 7]"),
                (replaced("trials/config", data=np.zeros(9)), lambda results: results.config(0),
                 "expected texts, found numbers"),
                (replaced("trials/id", data=np.arange(9)), opened, "expected texts, found whole numbers"),
                (replaced("trials/id", **texts(*"aaaaaaaab")), opened, "two trials have the id a"),
                (removed("trials/status"), opened, "trials: no data set is called 'status'"),
                (removed("trials/replicate"), opened, "trials: no data set is called 'replicate'"),
                (removed("epoch"), opened, "no data set is called 'epoch'"),
                (replaced("trials/epochs_done", data=np.full(9, 10**9)), opened, "expected 0 to 4 epochs"),
                (replaced("trials/epochs_done", data=np.full(9, -1)), opened, "expected 0 to 4 epochs"),
                (replaced("parameters/loss.beta", data=np.zeros(5)), opened, "the shape [9], found [5]"),
                (replaced("trials/notes", **texts(*[deep] * 9)), opened, "trials/notes is damaged"),
                (replaced("views/samples_height", data=np.full((9, 2), 10**7)), pictures,
                 "it has no 10000000 x 24 pixels"),
                (replaced("views/samples_height", data=5), pictures, "expected the shape [9, 2], found []"),
                (replaced("views/samples", data=np.zeros((9, 2), "u1")), pictures, "is no view's"),
                (attribute("views/samples", "columns", "x"), pictures, "expected a whole number, found 'x'"),
                (replaced("points/plane_count", data=np.full((9, 1), 10**9)), points,
                 "it has no 1000000000 points"),
                (replaced("points/plane_classes", **texts(*[['{"a": 1}']] * 9)), points,
                 "points/plane_classes is damaged"),
                (attribute("/", "name", np.arange(5)), lambda results: results.name,
                 "its attribute name is no text and no number"),
                (attribute("/", "format", np.arange(5)), opened, "its attribute format is no text")]:
            with self.subTest(expected):
                line = self.refused(self.open_and_call, self.changed(change), call)
                self.assertTrue(line.startswith("changed.h5: "), line)
                self.assertIn(expected, line)

    def open_and_call(self, path, call):
        with varia.open(path) as results:
            call(results)

    def test_more_values_than_the_file_can_hold_are_not_read(self):
        def change(file):
            del file["metrics/test/elbo"]
            values = file.create_dataset("metrics/test/elbo", (9, 4, 10**8), "f8", chunks=(1, 1, 1000),
                                         compression=1)
            values[0, 0, :1000] = 1
        self.assertIn("its values are missing", self.refused(
            self.open_and_call, self.changed(change), lambda results: results.curves("test/elbo", 0)))

    def test_what_lies_outside_the_file_is_not_read(self):
        def link(file):
            del file["final/test/elbo"]
            file["final/test/elbo"] = h5py.ExternalLink("results/beta_sweep.h5", "final/test/elbo")
        with varia.open(self.changed(link)) as results:
            self.assertIn("is a link", self.refused(results.final, "test/elbo"))

        def store_elsewhere(file):
            del file["final/test/elbo"]
            file.create_dataset("final/test/elbo", (9,), "f8", external=[("secret", 0, 72)])
        with varia.open(self.changed(store_elsewhere)) as results:
            self.assertIn("lies outside the file", self.refused(results.final, "test/elbo"))

    def test_results_that_are_closed_say_so(self):
        self.results.close()
        for call in (self.results.final, lambda: self.results.final("test/elbo"),
                     lambda: self.results.curves("test/elbo"), lambda: self.results.metrics,
                     lambda: self.results.pictures("samples", 0), lambda: self.results.config(0),
                     lambda: self.results.name):
            self.assertEqual(self.refused(call), f"{PATH}: was closed; open it again")

    def test_results_stay_what_they_were_when_a_run_replaces_the_file(self):
        shutil.copy(PATH, "kept.h5")
        with varia.open("kept.h5") as results:
            os.replace(self.changed(lambda file: file["final/test/elbo"].write_direct(np.zeros(9))),
                       "kept.h5")
            self.assertEqual(results.final("test/elbo")["test/elbo"].iloc[0], -106)
        with varia.open("kept.h5") as results:
            self.assertEqual(results.final("test/elbo")["test/elbo"].iloc[0], 0)


class Trackers(Package):
    def test_without_their_packages_there_is_one_clear_error(self):
        for call, package in [(lambda: self.results.to_tensorboard("absent"), "tensorboard"),
                              (self.results.to_wandb, "wandb")]:
            with mock.patch.dict(sys.modules):
                for name in [name for name in sys.modules if name.startswith(package)]:
                    del sys.modules[name]
                with mock.patch.object(sys, "path", ["/absent"]):
                    line = self.refused(call)
            self.assertIn(f"needs the package {package}, which is not installed: pip install", line)
        self.assertFalse(os.path.exists("absent"))

    def test_tensorboard_reads_back_what_the_file_has(self):
        try:
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        except ModuleNotFoundError:
            self.skipTest("not on this system: tensorboard")
        self.results.to_tensorboard("board")
        self.assertEqual(len(os.listdir("board")), 9)
        events = EventAccumulator("board/loss.beta=2,replicate=1")
        events.Reload()
        curve = self.results.curves("test/elbo", 4)
        self.assertEqual([(event.step, event.value) for event in events.Scalars("test/elbo")],
                         list(zip(curve.epoch.values, curve.values)))
        times = [event.wall_time for event in events.Scalars("test/elbo")]
        np.testing.assert_allclose(np.diff(times), 1.25, atol=1e-3)
        (image,) = events.Images("colour")
        self.assertEqual(image.encoded_image_string,
                         self.results.pictures("colour", 4)[0]._repr_png_())
        self.assertEqual(events.Tensors("_hparams_/session_start_info")[0].step, 0)
        self.assertIn("has events already", self.refused(self.results.to_tensorboard, "board"))

    def test_weights_and_biases_are_given_each_trial(self):
        wandb = mock.MagicMock()
        with mock.patch.dict(sys.modules, wandb=wandb):
            self.results.to_wandb(offline=True, where={"loss.beta": 4}, folder="there")
        self.assertEqual([call.kwargs["name"] for call in wandb.init.call_args_list],
                         [f"loss.beta=4,replicate={number}" for number in range(3)])
        first = wandb.init.call_args_list[0].kwargs
        self.assertEqual((first["mode"], first["project"], first["id"], first["group"]),
                         ("offline", "beta_sweep", "0000000000000106", "loss.beta=4"))
        self.assertEqual(first["config"], {"loss.beta": 4, "model.latent": 4, "data.use": "mnist"})
        self.assertIs(type(first["config"]["loss.beta"]), int)
        run = wandb.init.return_value
        logged = [(call.kwargs["step"], call.args[0]["test/elbo"]) for call in run.log.call_args_list]
        self.assertEqual(logged[:4], [(epoch, -140 + epoch) for epoch in (1, 2, 3, 4)])
        self.assertEqual(len(run.log.call_args_list[3].args[0]["samples"]), 2)
        self.assertEqual([call.kwargs["exit_code"] for call in run.finish.call_args_list], [0, 0, 1])


class Sources(Package):
    def test_examples_of_the_functions(self):
        modules = [varia] + [importlib.import_module(f"varia.{module.name}")
                             for module in pkgutil.iter_modules(varia.__path__)]
        tried = 0
        for module in modules:
            found = doctest.testmod(module, extraglobs={"varia": varia},
                                    optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
            self.assertEqual(found.failed, 0, module.__name__)
            tried += found.attempted
        self.assertGreater(tried, 20)

    def test_examples_of_the_reference(self):
        with open(os.path.join(PACKAGE, "README.md"), encoding="utf-8") as file:
            examples = re.findall(r"```pycon\n(.*?)```", file.read(), re.S)
        self.assertTrue(examples)
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        for example in examples:
            runner.run(doctest.DocTestParser().get_doctest(example, {}, "README.md", None, 0))
        self.assertEqual(runner.summarize().failed, 0)

    def test_the_package_has_the_version_of_the_program(self):
        with open(os.path.join(REPOSITORY, "CMakeLists.txt"), encoding="utf-8") as file:
            self.assertEqual(re.search(r"project\(Varia VERSION (\S+)", file.read())[1],
                             varia.__version__)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
