"""The Python package with the program: what it says of a sweep that was just run."""
import os
import re
import subprocess
import sys
import unittest.mock

import matplotlib
import nbclient
import nbformat
import numpy as np
import pandas as pd
from harness import EndToEnd, unittest

matplotlib.use("Agg")

PACKAGE = os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python")
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402
from matplotlib import pyplot  # noqa: E402

with open(os.path.join(os.environ["VARIA_SOURCE_DIR"], "README.md"), encoding="utf-8") as page:
    (QUESTIONS,) = re.findall(r"```python\n(.*?)```", page.read(), re.S)

SWEEP = """
    model: {hidden: [8]}
    optimizer: {lr: 5e-4}
    train: {epochs: 1}
    views: [{use: samples, rows: 2, columns: 3}, traversal]
    sweep: {loss.beta: [0.5, 1], model.latent: [2, 3], data.shuffle: [true, false]}
    """


class PackageWithProgram(EndToEnd):
    def run_sweep(self):
        self.experiment("sweep", SWEEP)
        self.varia("run", "sweep.yaml", "--quiet")
        return varia.open(self.path("results", "sweep.h5"))

    def test_a_sweep_has_the_numbers_and_pictures_of_its_experiment_file(self):
        results = self.run_sweep()
        self.assertEqual(sorted(results.swept), ["data.shuffle", "loss.beta", "model.latent"])
        trials = results.trials
        self.assertEqual([(type(value), value) for value in trials["model.latent"].tolist()],
                         [(int, 2)] * 2 + [(int, 3)] * 2 + [(int, 2)] * 2 + [(int, 3)] * 2)
        self.assertEqual(trials["loss.beta"].tolist(), [0.5] * 4 + [1.0] * 4)
        self.assertEqual(trials["data.shuffle"].tolist(), [True, False] * 4)
        self.assertEqual(trials["stopped_early"].tolist(), [0] * 8)
        parameters = results.parameters.iloc[0]
        self.assertEqual((parameters["optimizer.lr"], parameters["data.batch"]), (5e-4, 64))
        self.assertEqual(parameters["model.hidden"], "[8]")
        shown = {trial["id"]: trial for trial in
                 self.varia("show", "results/sweep.h5", "--json").json["trials"]}
        for id, row in results.final().iterrows():
            for metric, value in shown[id]["metrics"].items():
                self.assertEqual(row[metric], value)
        (picture,) = results.pictures("samples", 0)
        self.assertEqual(picture.tiles.shape, (2, 3, 8, 8))
        np.testing.assert_array_equal(picture.tiles[1, 2], picture.image[12:20, 22:30])
        traversal = results.pictures("traversal", 3)[0]
        self.assertEqual(traversal.tiles.shape, (3, 12, 8, 8))
        self.assertEqual(traversal.labels["columns"][:2], ["original", "-3.0"])
        self.assertEqual(len(traversal.labels["rows"]), 3)


    def test_an_axis_may_be_called_as_a_column_of_the_comparison(self):
        self.experiment("named", """
            model: {hidden: [8]}
            train: {epochs: 1}
            sweep: {value: {small: {set: {model.latent: 2}}, large: {set: {model.latent: 5}}}}
            replicates: 2
            """)
        self.varia("run", "named.yaml", "--quiet")
        found = varia.open(self.path("results", "named.h5")).compare("test/elbo")
        for table, rows in ((found.table, 2), (found.seeds, 4)):
            self.assertEqual(len(table), rows)
            self.assertEqual(sorted(set(table["parameter value"])), ["large", "small"])
            self.assertEqual(table["value"].dtype, np.float64)

    def test_settings_that_lack_a_key_are_left_out_of_its_axis(self):
        self.experiment("e", """
            model: {hidden: [8]}
            train: {epochs: 1}
            sweep:
              goal:
                more: {set: {loss: {use: iwae}}, sweep: {train.samples: [2, 3]}}
                plain: {set: {loss: {use: elbo}}, sweep: {loss.beta: [1, 4]}}
            replicates: 2
            """)
        self.varia("run", "e.yaml", "--quiet")
        self.addCleanup(pyplot.close, "all")
        results = varia.open(self.path("results", "e.h5"))
        self.addCleanup(results.close)
        found = results.compare(["test/elbo"])
        self.assertEqual(found.table.columns[:len(found.keys) + 2].tolist(), ["rank", *found.keys, "metric"])
        self.assertEqual(str(found.table["rank"].dtype), "Int64")
        self.assertEqual(found.table["rank"].tolist(), [1, 2, 3, 4])
        self.assertEqual(found.seeds.columns[:len(found.keys)].tolist(), found.keys)
        table = found.table.dropna(subset=["loss.beta"]).sort_values("loss.beta")
        ax = results.plot.means("test/elbo", "loss.beta")
        self.assertEqual(ax.get_xlabel(), "loss.beta (left out: 2 settings without it)")
        self.assertEqual(results.plot.means("test/elbo", "train.samples", where={"train.samples": 2})
                         .get_xlabel(), "train.samples")
        drawn = sorted(tuple(point) for bars in ax.containers for point in bars.lines[0].get_xydata())
        np.testing.assert_allclose(drawn, table[["loss.beta", "value"]].astype(float))
        heat = results.plot.heat_map("test/elbo", "loss.beta", "goal", over="train.samples")
        self.assertIn("left out: 1 setting without it", heat.get_xlabel())
        with self.assertRaisesRegex(varia.VariaError, "no setting that is chosen has loss.beta"):
            results.plot.means("test/elbo", "loss.beta", where={"goal": "more"})

    def test_an_experiment_that_sweeps_nothing_has_one_bar(self):
        self.experiment("one", """
            model: {hidden: [8]}
            train: {epochs: 1}
            replicates: 2
            """)
        self.varia("run", "one.yaml", "--quiet")
        self.addCleanup(pyplot.close, "all")
        with varia.open(self.path("results", "one.h5")) as results:
            ax = results.plot.bars("test/elbo")
            values = results.final("test/elbo")["test/elbo"]
        self.assertEqual(len(values), 2)
        self.assertEqual([label.get_text() for label in ax.get_yticklabels()], ["all trials"])
        (bar,) = ax.patches
        self.assertAlmostEqual(bar.get_width(), values.mean())


class Settings(EndToEnd):
    """One sweep for all: two keys, two replicates, a validation split."""

    SWEEP = """
        name: beta_sweep
        data: {validation: 0.1}
        model: {hidden: [8]}
        metrics: [{use: nll, samples: 5}]
        views: [reconstructions, traversal, latent_scatter]
        sweep: {loss.beta: [1, 4], model.latent: [2, 10]}
        replicates: 2
        """

    @classmethod
    def setUpClass(cls):
        cls.sweep = EndToEnd()
        cls.sweep.setUp()
        cls.addClassCleanup(cls.sweep.doCleanups)
        cls.sweep.experiment("beta_sweep", cls.SWEEP)
        cls.sweep.varia("run", "beta_sweep.yaml", "--quiet")

    def setUp(self):
        self.folder = self.sweep.folder
        self.file = self.path("results", "beta_sweep.h5")
        self.results = varia.open(self.file)
        self.addCleanup(self.results.close)
        self.addCleanup(pyplot.close, "all")

    def test_the_questions_of_the_readme(self):
        names = {}
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        lines = QUESTIONS.split("\n")
        exec(compile(QUESTIONS, "README.md", "exec"), names)
        self.assertEqual(len(pyplot.get_fignums()), sum("r.plot." in line for line in lines))
        self.assertEqual(len(pyplot.get_fignums()), 5)
        best = self.varia("show", "results/beta_sweep.h5", "--json").json["trials"][0]["id"]
        self.assertEqual(names["best"], best)

    def test_a_comparison_has_the_numbers_of_the_program(self):
        for options, arguments in [
                ({}, []), ({"over": "model.latent"}, ["--over", "model.latent"]),
                ({"best": ["model.latent"]}, ["--best", "model.latent"]),
                ({"against": {"loss.beta": 1}}, ["--against", "loss.beta=1"]),
                ({"against": 3, "order": "lower"}, ["--against", "3", "--order", "lower"])]:
            with self.subTest(options=options):
                found = self.results.compare("test/nll", **options)
                asked = self.varia("compare", self.file, "--metric", "test/nll", "--json", *arguments).json
                self.assertEqual(found.keys, asked["keys"])
                self.assertEqual(found.ranked_by, asked["ranked_by"])
                self.assertEqual(len(found.table), len(asked["settings"]))
                for (_, row), setting in zip(found.table.iterrows(), asked["settings"]):
                    self.check_setting(row, setting)
                seeds = [seed["value"] for setting in asked["settings"]
                         for seed in setting["estimates"][0]["seeds"]]
                self.assertEqual(found.seeds["value"].tolist(), seeds)
                self.assertEqual(found.table["loss.beta"].dtype, np.int64)
                for note in asked["notes"]:
                    self.assertIn(note, repr(found))

    def check_setting(self, row, setting):
        (estimate,) = setting["estimates"]
        self.assertEqual({key: row[key] for key in setting["setting"]}, setting["setting"])
        self.assertEqual({key: row[key] for key in setting["best"]}, setting["best"])
        self.assertEqual([row["low"], row["high"]], estimate["interval"])
        for name in ("value", "n"):
            self.assertEqual(row[name], estimate[name])
        if estimate["difference"] is None:
            self.assertTrue(pd.isna(row["difference"]) and pd.isna(row["pairs"]))
            return
        difference = estimate["difference"]
        self.assertEqual([row["difference"], row["difference_low"], row["difference_high"]],
                         [difference["value"], *difference["interval"]])
        for name in ("p", "p_holm", "pairs"):
            self.assertEqual(row[name], difference[name])

    def test_two_metrics_have_a_front(self):
        found = self.results.compare("test/kl", "test/reconstruction").table
        self.assertEqual(len(found), 8)
        asked = self.varia("compare", self.file, "--metric", "test/kl", "--metric",
                           "test/reconstruction", "--json").json
        self.assertEqual(found["front"].tolist()[::2],
                         [setting["front"] for setting in asked["settings"]])

    def test_nothing_pools_a_swept_key_silently(self):
        self.assertIn("trials of one setting differ in model.latent",
                      self.refused_call(self.results.compare, by="loss.beta"))
        self.assertIn("the trials differ in model.latent, which must be named: `where`",
                      self.refused_call(self.results.plot.pictures, "reconstructions", "loss.beta"))
        self.assertIn("the settings differ in model.latent, which must be named: `over`",
                      self.refused_call(self.results.plot.heat_map, "test/nll", "loss.beta", "loss.beta"))
        # A line and a colour for each setting, a correlation for each.
        ax = self.results.plot.means("test/nll", "loss.beta")
        self.assertEqual(len(ax.containers), 2)
        low, high = ax.get_ylim()
        for line in ax.lines:
            self.assertTrue((line.get_ydata() > low).all() and (line.get_ydata() < high).all())
        self.assertEqual(len(self.results.correlation("test/elbo", "test/nll")), 4)
        by_beta = self.results.correlation("test/elbo", "test/nll", over="model.latent")
        self.assertEqual(by_beta["loss.beta"].tolist(), [1, 4])
        self.assertEqual(by_beta["n"].tolist(), [4, 4])
        final = self.results.final(where={"loss.beta": 4})
        self.assertAlmostEqual(by_beta["pearson"][1],
                               np.corrcoef(final["test/elbo"], final["test/nll"])[0, 1])

    def test_trials_of_an_earlier_version_of_the_experiment_are_told_apart(self):
        # Its trials stay in the file: they differ in a key that nothing sweeps.
        self.varia("run", "beta_sweep.yaml", "--quiet", "--results", "other", "optimizer.lr=1e-2")
        self.varia("run", "beta_sweep.yaml", "--quiet", "--results", "other")
        with varia.open(self.path("other", "beta_sweep.h5")) as results:
            self.assertEqual(len(results.trials), 16)
            found = results.correlation("test/elbo", "test/nll", over=["loss.beta", "model.latent"])
            self.assertEqual(sorted(found["optimizer.lr"]), [0.001, 0.01])
            self.assertIn("optimizer.lr", self.refused_call(
                results.plot.pictures, "reconstructions", "loss.beta", where={"model.latent": 2}))

    def refused_call(self, call, *arguments, **options):
        with self.assertRaises(varia.VariaError) as caught:
            call(*arguments, **options)
        self.assertNotIn("\n", str(caught.exception))
        return str(caught.exception)

    def test_error_bars_are_the_intervals_of_the_comparison(self):
        ax = self.results.plot.means("test/nll", "loss.beta", over="model.latent")
        table = self.results.compare("test/nll", over="model.latent").table.sort_values("loss.beta")
        (bars,) = ax.containers
        np.testing.assert_allclose(bars.lines[0].get_xydata(), table[["loss.beta", "value"]])
        segments = np.array([segment[:, 1] for segment in bars.lines[2][0].get_segments()])
        np.testing.assert_allclose(segments, table[["low", "high"]])
        self.assertEqual(ax.get_xlabel(), "loss.beta")
        self.assertEqual(ax.get_ylabel(), "test/nll [nats per sample]")
        self.assertEqual([label.get_text() for label in ax.get_xticklabels()], ["1", "4"])
        self.assertIn("mean over model.latent", ax.get_title())

    def test_plots_draw_what_the_file_has(self):
        ax = self.results.plot.curves("test/elbo")
        curves = self.results.curves("test/elbo")
        self.assertEqual(len(ax.lines), 8)
        for line, values in zip(ax.lines, curves.values):
            np.testing.assert_array_equal(line.get_ydata(), values)
        legend = [text.get_text() for text in ax.get_legend().get_texts()]
        self.assertEqual(len(set(legend)), 4)
        self.assertIn("model.latent=10", legend[-1])
        bars = self.results.plot.per_dimension("test/kl_per_dim_z", 0)
        self.assertEqual([bar.get_height() for bar in bars.patches],
                         self.results.curves("test/kl_per_dim_z", 0)[-1].values.tolist())
        image = self.results.plot.picture("traversal", 0).images[0]
        np.testing.assert_array_equal(image.get_array(), self.results.pictures("traversal", 0)[-1].image)
        points = self.results.plot.points("latent_scatter", 0).collections[0].get_offsets()
        np.testing.assert_array_equal(points, self.results.points("latent_scatter", 0)[["x", "y"]])
        heat = self.results.plot.heat_map("test/nll", "loss.beta", "model.latent").images[0].get_array()
        table = self.results.compare("test/nll").table.set_index(["model.latent", "loss.beta"])["value"]
        np.testing.assert_array_equal(heat, [[table[2, 1], table[2, 4]], [table[10, 1], table[10, 4]]])
        ax = self.results.plot.rate_distortion(where={"loss.beta": 1})
        np.testing.assert_array_equal(
            ax.collections[0].get_offsets(),
            self.results.final("test/kl", "test/reconstruction",
                               where={"loss.beta": 1})[["test/kl", "test/reconstruction"]])

    def test_jupyter_shows_escaped_tables(self):
        page = self.results._repr_html_()
        self.assertIn("8 trials (8 done)", page)
        self.assertIn("<code>test/nll</code>", page)
        self.assertIn("<th>loss.beta</th>", self.results.compare()._repr_html_())
        self.varia("run", "beta_sweep.yaml", "--quiet", "--results", "evil", "replicates=1",
                   'notes.why="<script>alert(1)</script>"')
        with varia.open(self.path("evil", "beta_sweep.h5")) as results:
            self.assertNotIn("<script", results._repr_html_() + results.trials._repr_html_())
            compared = results.compare(by=["notes.why", "loss.beta", "model.latent"])._repr_html_()
            self.assertIn("&lt;script&gt;", compared)
            self.assertNotIn("<script", compared)


class Notebook(EndToEnd):
    def test_it_goes_from_a_sweep_to_a_figure(self):
        path = os.path.join(PACKAGE, "notebooks", "from_sweep_to_figure.ipynb")
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            self.assertFalse(cell.get("outputs"), "clear all outputs before a commit")
        with unittest.mock.patch.dict(os.environ, PYTHONPATH=PACKAGE, MPLBACKEND="",
                                      PYDEVD_DISABLE_FILE_VALIDATION="1",
                                      IPYTHONDIR=self.path("ipython")):
            nbclient.execute(notebook, cwd=self.folder, timeout=300)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        shown = [output.data for output in outputs if "data" in output]
        self.assertTrue(any("12 trials (12 done)" in data.get("text/html", "") for data in shown))
        self.assertTrue(any("test/nll" in data.get("text/html", "") for data in shown))
        self.assertGreaterEqual(sum("image/png" in data for data in shown), 3)
        self.assertEqual([output.text for output in outputs if output.output_type == "stream"], [])
        self.assertGreater(os.path.getsize(self.path("figure.png")), 10000)


class Sources(EndToEnd):
    def test_types(self):
        found = subprocess.run(["mypy", "--cache-dir", self.path("cache")], cwd=PACKAGE,
                               capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_pip_installs_the_folder(self):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
                   "--no-build-isolation", "--root-user-action", "ignore",
                   "--target", self.path("site"), PACKAGE]
        found = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        ask = ("import importlib.metadata, varia; "
               "print(varia.__file__, importlib.metadata.version('varia'), varia.__version__)")
        out = subprocess.run([sys.executable, "-c", ask], cwd=self.folder, text=True, check=True,
                             env={**os.environ, "PYTHONPATH": self.path("site")},
                             stdout=subprocess.PIPE).stdout.split()
        self.assertEqual(out[0], self.path("site", "varia", "__init__.py"))
        self.assertEqual(out[1], out[2])
        self.assertTrue(os.path.exists(self.path("site", "varia", "py.typed")))


if __name__ == "__main__":
    unittest.main()
