"""varia export --figure: figures for papers as SVG, PDF and PNG, and their numbers as CSV."""
import csv
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from harness import EndToEnd, unittest

sys.path.insert(0, os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python"))
import varia  # noqa: E402
from varia import figures  # noqa: E402

SWEEP = """
    model: {hidden: [8], latent: 3}
    train: {epochs: 2}
    views:
      - traversal
      - {use: density_contour, size: 40, bands: 4, count: 100}
      - {use: latent_scatter, count: 50}
    sweep: {loss.beta: [1, 4], optimizer.lr: [1e-3, 1e-2]}
    replicates: 2
    """

#: Every figure: what it takes, and texts that it must have.
FIGURES = {
    "curves": (["--metric", "test/elbo"], ["epoch", "test/elbo [nats per sample]", "loss.beta=4"]),
    "means": (["--metric", "test/elbo", "--by", "loss.beta"], ["loss.beta", "optimizer.lr=0.01"]),
    "bars": (["--metric", "test/kl"], ["test/kl [nats per sample]", "loss.beta=1, optimizer.lr=0.001"]),
    "heat_map": (["--metric", "test/elbo", "--by", "loss.beta", "--by", "optimizer.lr"],
                 ["loss.beta", "optimizer.lr", "test/elbo [nats per sample]"]),
    "scatter": (["--metric", "test/kl", "--metric", "test/active_units_z"],
                ["test/kl [nats per sample]", "test/active_units_z [count]"]),
    "rate_distortion": ([], ["rate: test/kl [nats per sample]", "distortion: test/reconstruction"]),
    "per_dimension": (["--metric", "test/kl_per_dim_z", "--trial", "0"],
                      ["dimension", "test/kl_per_dim_z [nats per sample]"]),
    "picture": (["--view", "traversal", "--trial", "0"], ["original", "+0.6", "nats"]),
    "pictures": (["--view", "traversal", "--by", "loss.beta", "--where", "optimizer.lr=0.01"],
                 ["loss.beta=1", "loss.beta=4", "original"]),
    "points": (["--view", "latent_scatter", "--trial", "0"],
               ["principal component 1", "principal component 2"]),
}


class Figures(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.sweep = EndToEnd()
        cls.sweep.setUp()
        cls.addClassCleanup(cls.sweep.doCleanups)
        cls.sweep.experiment("sweep", SWEEP)
        cls.sweep.varia("run", "sweep.yaml", "--quiet")

    def setUp(self):
        self.folder = self.sweep.folder
        self.addCleanup(shutil.rmtree, self.path("out"), ignore_errors=True)

    def start(self, *arguments, environment=None, **options):
        # Another python3 that is first in PATH need not have the packages.
        path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
        return super().start(*arguments, environment={"PATH": path, **(environment or {})}, **options)

    def figure(self, name, *arguments, output="out/figure", **options):
        return self.varia("export", "sweep", "--figure", name, *arguments, "-o", output, **options)

    def table(self, path):
        with open(self.path(path), newline="") as file:
            return list(csv.DictReader(file))

    def svg_texts(self, path):
        """The texts of an SVG, which must be well-formed, each as one piece."""
        root = ElementTree.parse(self.path(path)).getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]

    def pdf_text(self, path):
        return subprocess.run(["pdftotext", "-raw", self.path(path), "-"], check=True, text=True,
                              capture_output=True).stdout

    def test_every_figure_has_its_labels_as_text_in_svg_and_pdf(self):
        self.assertEqual(list(FIGURES), list(figures.FIGURES))
        for name, (arguments, labels) in FIGURES.items():
            with self.subTest(name):
                out = self.figure(name, *arguments).out.splitlines()
                self.assertEqual(out, [f"out/figure.{end}" for end in ("svg", "pdf", "png", "csv")])
                texts = self.svg_texts("out/figure.svg")
                # pdftotext gives upright text letter by letter in some versions.
                printed = re.sub(r"\s", "", self.pdf_text("out/figure.pdf"))
                for label in labels:
                    self.assertTrue(any(label in text for text in texts), (label, texts))
                    self.assertIn(re.sub(r"\s", "", label), printed)
                self.assertGreater(len(self.table("out/figure.csv")), 0)

    def test_the_figures_that_the_program_offers_are_those_of_the_package(self):
        line = self.refused("export", "sweep", "--figure", "curve")
        for name in figures.FIGURES:
            self.assertIn(name, line)
        plots = {name for name in dir(varia.results.Plots) if not name.startswith("_")}
        self.assertEqual(plots, set(figures.FIGURES))

    def test_a_figure_is_as_wide_as_is_asked_for(self):
        self.figure("curves", "--metric", "test/elbo", "--width", "120", output="out/a.svg")
        width = ElementTree.parse(self.path("out/a.svg")).getroot().get("width")
        self.assertAlmostEqual(float(width.removesuffix("pt")) / 72 * 25.4, 120, places=2)
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["a.csv", "a.svg"])
        self.figure("curves", "--metric", "test/elbo", output="out/b.png")
        with Image.open(self.path("out/b.png")) as image:
            self.assertAlmostEqual(image.width / 300 * 25.4, 85, delta=0.2)

    def test_a_figure_that_is_not_named_has_its_name_beside_a_folder_that_has_it_too(self):
        os.mkdir(self.path("curves"))
        self.addCleanup(os.rmdir, self.path("curves"))
        self.addCleanup(lambda: [os.remove(path) for path in self.files("curves.*")])
        names = [f"curves.{end}" for end in ("svg", "pdf", "png", "csv")]
        out = self.varia("export", "sweep", "--figure", "curves", "--metric", "test/elbo").out
        self.assertEqual(out.splitlines(), names)
        for name in names:
            self.assertGreater(os.path.getsize(self.path(name)), 0)

    def test_the_numbers_beside_a_figure_are_those_of_the_csv(self):
        values = {}
        out = self.varia("export", "sweep", "--csv", "-").out
        for row in csv.DictReader(out.splitlines()):
            place = (row["trial"], f"{row['split']}/{row['metric']}", row["index"], row["epoch"])
            values[place] = row["value"]
        self.figure("curves", "--metric", "test/elbo", output="out/a.svg")
        rows = self.table("out/a.csv")
        self.assertEqual(len(rows), 16)
        self.assertEqual({(row["trial"], "test/elbo", "", row["epoch"]): row["test/elbo"] for row in rows},
                         {place: value for place, value in values.items() if place[1] == "test/elbo"})
        self.figure("scatter", "--metric", "test/kl", "--metric", "test/loss", output="out/b.svg")
        for row in self.table("out/b.csv"):
            for metric in ("test/kl", "test/loss"):
                self.assertEqual(row[metric], values[row["trial"], metric, "", "2"])
        self.figure("per_dimension", "--metric", "test/kl_per_dim_z", "--trial", "0", output="out/c.svg")
        rows = self.table("out/c.csv")
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertEqual(row["test/kl_per_dim_z"],
                             values[row["trial"], "test/kl_per_dim_z", row["dimension"], "2"])

    def test_the_numbers_of_means_are_those_of_compare(self):
        self.figure("bars", "--metric", "test/elbo", "--over", "optimizer.lr", output="out/a.pdf")
        compared = self.varia("compare", "sweep", "--metric", "test/elbo", "--over", "optimizer.lr",
                              "--json").json
        rows = self.table("out/a.csv")
        self.assertEqual([row["loss.beta"] for row in rows],
                         [str(setting["setting"]["loss.beta"]) for setting in compared["settings"]])
        for row, setting in zip(rows, compared["settings"]):
            self.assertEqual([float(row["value"]), float(row["low"]), float(row["high"])],
                             [setting["estimates"][0]["value"], *setting["estimates"][0]["interval"]])

    def test_where_chooses_trials(self):
        self.figure("curves", "--metric", "test/elbo", "--where", "loss.beta=4", output="out/a.svg")
        self.assertEqual({row["loss.beta"] for row in self.table("out/a.csv")}, {"4"})
        self.assertIn("no trial has loss.beta=5. Known: 1, 4.",
                      self.refused("export", "sweep", "--figure", "curves", "--metric", "test/elbo",
                                   "--where", "loss.beta=5"))

    def test_a_traversal_has_its_rows_by_falling_kl_divergence(self):
        self.figure("picture", "--view", "traversal", "--trial", "0", output="out/a.svg")
        self.figure("per_dimension", "--metric", "test/kl_per_dim_z", "--trial", "0", output="out/b.svg")
        kl = {row["dimension"]: float(row["test/kl_per_dim_z"]) for row in self.table("out/b.csv")}
        pixels = self.table("out/a.csv")
        rows = list(dict.fromkeys(row["row"] for row in pixels))
        self.assertEqual([text.split(":")[0] for text in rows],
                         sorted(kl, key=lambda dimension: -kl[dimension]))
        for text in rows:
            dimension, nats = text.removesuffix(" nats").split(": ")
            self.assertAlmostEqual(float(nats), kl[dimension], places=2)
        columns = list(dict.fromkeys(row["column"] for row in pixels))
        self.assertEqual(columns, ["original", "-3.0", "-2.4", "-1.8", "-1.2", "-0.6", "0", "+0.6",
                                   "+1.2", "+1.8", "+2.4", "+3.0"])

    def test_density_contours_have_axes_a_bar_of_colours_and_bands_as_numbers(self):
        self.figure("picture", "--view", "density_contour", "--trial", "0", output="out/a.svg")
        texts = self.svg_texts("out/a.svg")
        for text in ("code, dimension 0", "code, dimension 1", "negative log-density [nats]"):
            self.assertIn(text, texts)
        with open(self.path("out/a.svg")) as file:
            self.assertNotIn("<image", file.read())
        rows = self.table("out/a.csv")
        self.assertEqual(len(rows), 40 * 40)
        bands = {(float(row["from"]), float(row["to"])) for row in rows if row["from"]}
        self.assertEqual(len(bands), 4)
        # They lie beside each other.
        self.assertEqual({low for low, _ in bands} - {high for _, high in bands},
                         {min(low for low, _ in bands)})
        x = sorted({float(row["x"]) for row in rows})
        np.testing.assert_allclose(np.diff(x), x[1] - x[0])

    def test_equal_calls_write_equal_files(self):
        for folder in ("out/a", "out/b"):
            self.figure("curves", "--metric", "test/elbo", output=f"{folder}/elbo")
        for name in ("elbo.svg", "elbo.pdf", "elbo.png", "elbo.csv"):
            with open(self.path("out/a", name), "rb") as a, open(self.path("out/b", name), "rb") as b:
                self.assertEqual(a.read(), b.read(), name)

    def test_a_wrong_call_is_one_line_and_writes_nothing(self):
        for arguments, expected in [
                (["curves", "--metric", "test/elbow"], "Did you mean 'test/elbo'?"),
                (["curves"], "--figure curves needs --metric once, found 0"),
                (["heat_map", "--metric", "test/elbo", "--by", "loss.beta"], "needs --by twice, found 1"),
                (["curves", "--metric", "test/elbo", "--view", "traversal"],
                 "--figure curves takes no --view; it takes --metric, --where"),
                (["rate_distortion", "--split", "test", "--split", "train"],
                 "--figure rate_distortion takes one --split, found 2"),
                (["picture", "--view", "traversl", "--trial", "0"], "Did you mean 'traversal'?"),
                (["picture", "--view", "traversal", "--trial", "99"], "there is no row 99"),
                (["curves", "--metric", "test/elbo", "--where", "loss.beta"], "expected KEY=VALUE"),
                (["curves", "--metric", "test/elbo", "--where", "loss.beta=x"], "found 'x'"),
                (["heat_map", "--metric", "test/elbo", "--by", "loss.beta", "--by", "loss.beta"],
                 "which must be named")]:
            with self.subTest(arguments):
                line = self.refused("export", "sweep", "--figure", *arguments, "-o", "out/a")
                self.assertIn(expected, line)
                self.assertEqual(self.files("out", "*"), [])
        self.assertIn("--metric requires --csv or --figure", self.refused("export", "sweep", "--yaml", "a.yaml",
                                                              "--trial", "0", "--metric", "test/elbo"))

    def test_an_ending_that_is_none_of_a_figure_is_refused(self):
        for name in ("a.xyz", "a.jpg", "a.svg.gz", "a.csv"):
            with self.subTest(name):
                line = self.refused("export", "sweep", "--figure", "curves", "--metric", "test/elbo",
                                    "-o", f"out/{name}")
                self.assertEqual(line, "--output: expected a name that ends in .svg, .pdf or .png, or one "
                                       f"without an ending for all three; found 'out/{name}'")
                self.assertEqual(self.files("out", "*"), [])

    def test_texts_go_to_python_as_they_are(self):
        name = "$(touch bad); 'a' \"b\" &"
        self.figure("curves", "--metric", "test/elbo", output=f"out/{name}.svg")
        self.assertEqual(sorted(os.listdir(self.path("out"))), [f"{name}.csv", f"{name}.svg"])
        self.assertFalse(os.path.exists(self.path("bad")))
        # A module in the folder is not taken for the package of that name.
        self.write("matplotlib.py", "raise SystemExit(3)")
        self.addCleanup(os.remove, self.path("matplotlib.py"))
        self.figure("curves", "--metric", "test/elbo")

    def test_a_missing_python_or_package_is_named_with_what_to_install(self):
        call = ["export", "sweep", "--figure", "curves", "--metric", "test/elbo", "-o", "out/a"]
        os.makedirs(self.path("bin"), exist_ok=True)
        self.addCleanup(shutil.rmtree, self.path("bin"))
        line = self.refused(*call, environment={"PATH": self.path("bin")})
        self.assertIn("no python3 in PATH", line)
        self.assertIn("apt install python3-matplotlib python3-h5py python3-pandas python3-xarray", line)
        # A Python that has no matplotlib.
        hide = "import sys; sys.modules['matplotlib'] = None\n"
        os.makedirs(self.path("hidden"))
        self.addCleanup(shutil.rmtree, self.path("hidden"))
        self.write("hidden/sitecustomize.py", hide)
        line = self.refused(*call, environment={"PYTHONPATH": self.path("hidden")})
        self.assertIn("matplotlib", line)
        self.assertIn("pip install matplotlib, or apt install python3-matplotlib for Debian's", line)
        # One that has none of them; all are named at once.
        self.write("hidden/sitecustomize.py", hide.replace("['matplotlib']", "['xarray'] = sys.modules['pandas']"))
        line = self.refused(*call, environment={"PYTHONPATH": self.path("hidden")})
        self.assertIn("the Python packages pandas, xarray, which ", line)
        self.assertIn("pip install pandas xarray, or apt install python3-pandas python3-xarray", line)
        self.assertEqual(self.refused(*call, environment={"VARIA_PYTHON": "no/python"}),
                         "VARIA_PYTHON: 'no/python' is not a program")
        self.varia(*call, environment={"PATH": self.path("bin"), "VARIA_PYTHON": sys.executable})
        shutil.rmtree(self.path("out"))
        self.assertEqual(self.files("out", "*"), [])

    def test_a_file_that_cannot_be_written_leaves_none_and_no_part(self):
        self.write("file", "a file\n")
        line = self.refused("export", "sweep", "--figure", "curves", "--metric", "test/elbo",
                            "-o", "file/figure")
        self.assertIn("file", line)
        os.makedirs(self.path("out", "a.csv"))  # in the place of the last file
        self.refused("export", "sweep", "--figure", "curves", "--metric", "test/elbo", "-o", "out/a")
        self.assertEqual(os.listdir(self.path("out")), ["a.csv"])


if __name__ == "__main__":
    unittest.main()
