"""What reconstruct and sample write as values: in the units of the files, what was observed as it is."""
import csv
import io
import unittest

import h5py
import numpy as np
from harness import EndToEnd, blobs

MODEL = "model: {use: mlp_vae, hidden: [8], latent: 2}\ntrain: {epochs: 3}\n"


def cells(rows, seed=3):
    """Rows of text: an id that is not data, two numbers, a category, a label; some are missing."""
    draw = np.random.default_rng(seed)
    found = []
    for number in range(rows):
        size = draw.normal()
        row = [f"p{number}", f"{20 + 3 * size:.2f}", f"{1e-3 * size + 5e-3:.5f}",
               "dark, red" if size > 0 else 'pale "blue"', "ab"[number % 2]]
        for place in (1, 2, 3):
            if draw.random() < 0.2:
                row[place] = "NA"
        found.append(row)
    return found


HEADER = ["id", "length", "width", "colour", "kind"]


def csv_of(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER] + rows)
    return text.getvalue()


class Imputation(EndToEnd):
    def trained_table(self, rows, options=""):
        self.write("t.csv", csv_of(rows))
        self.experiment("t", "data: {use: table, file: t.csv, ignore: [id], label: kind, batch: 16, "
                        f"standardise: zscore{options}}}\n{MODEL}")
        self.varia("run", "t.yaml", "--quiet")
        with h5py.File(self.path("results/t.h5")) as file:
            self.id = file["trials/id"].asstr()[0]

    def use(self, command, *more):
        return self.varia(command, "results/t.h5", "--trial", "0", *more)

    def read(self, name):
        with open(self.path(name), newline="") as file:
            rows = list(csv.reader(file))
        return rows[0], rows[1:]

    def by_hand(self, rows, train):
        """The decoder's mean of each row in units of the file: [length, width, logits of colours]."""
        with h5py.File(self.path(f"results/t/models/{self.id}.h5")) as file:
            weights = {name.removeprefix("model."): item[()].astype(float)
                       for name, item in file["tensors"].items()}

        def layers(network, values):
            hidden = np.maximum(values @ weights[network + "weight0"].T +
                                weights[network + "bias0"], 0)
            return hidden @ weights[network + "weight1"].T + weights[network + "bias1"]

        numbers = np.array([[np.nan if cell == "NA" else np.float32(cell) for cell in row[1:3]]
                            for row in rows], float)
        mean = np.nanmean(numbers[train], 0)
        deviation = np.nanstd(numbers[train], 0)
        colours = sorted({row[3] for row in rows} - {"NA"})
        one_hot = np.array([[row[3] == colour for colour in colours] for row in rows], float)
        seen = np.nan_to_num(np.hstack([(numbers - mean) / deviation, one_hot]))
        code = layers("encoder.", seen)[:, :2]
        decoded = layers("decoder.network.", code)
        decoded[:, :2] = decoded[:, :2] * deviation + mean
        return decoded, colours

    def test_a_table_comes_back_with_its_missing_cells_filled_by_the_decoders_mean(self):
        rows = cells(90)
        self.trained_table(rows, ", test: 0.2, validation: 0.1")
        outcome = self.use("reconstruct")
        name = f"reconstruction-{self.id}.csv"
        self.assertIn(f"{name}: observed and imputed values of train, validation, test", outcome.out)
        header, found = self.read(name)
        self.assertEqual(header, HEADER + ["split", "imputed"])
        self.assertEqual(len(found), 90)  # in the order of the file
        train = [row[5] == "train" for row in found]
        self.assertEqual([sum(row[5] == split for row in found)
                          for split in ("train", "validation", "test")], [65, 7, 18])
        expected, colours = self.by_hand(rows, train)
        for before, after, mean in zip(rows, found, expected):
            missing = [place for place in (1, 2, 3) if before[place] == "NA"]
            self.assertEqual(after[6], ";".join(HEADER[place] for place in missing))
            for place in range(5):
                if place not in missing:
                    self.assertEqual(after[place], before[place])
            for place in set(missing) & {1, 2}:
                np.testing.assert_allclose(float(after[place]), mean[place - 1], rtol=2e-5)
            if 3 in missing:
                self.assertEqual(after[3], colours[int(mean[2:].argmax())])

    def test_one_split_as_tsv_or_hdf5(self):
        rows = cells(60)
        self.trained_table(rows, ", test: 0.25")
        self.use("reconstruct", "--split", "test", "-o", "test.tsv")
        with open(self.path("test.tsv"), newline="") as file:
            found = list(csv.reader(file, delimiter="\t"))[1:]
        self.assertEqual({row[5] for row in found}, {"test"})
        self.use("reconstruct", "--split", "test", "-o", "test.h5")
        with h5py.File(self.path("test.h5")) as file:
            self.assertEqual(file.attrs["format"], "varia-samples")
            self.assertEqual(list(file), ["test"])
            self.assertEqual(file["test/values"].attrs["names"].split(",")[:2], ["length", "width"])
            values, imputed = file["test/values"][:], file["test/imputed"][:].astype(bool)
            reconstruction = file["test/reconstruction"][:]
        np.testing.assert_array_equal(values[imputed], reconstruction[imputed])
        for row, numbers, guessed in zip(found, values, imputed):
            np.testing.assert_allclose(numbers[:2], [float(row[1]), float(row[2])], rtol=1e-6)
            self.assertEqual(";".join(name for name, one in zip(HEADER[1:4], guessed) if one), row[6])

    def test_a_table_without_missing_values_comes_back_as_the_model_has_it(self):
        rows = [row for row in cells(120) if "NA" not in row]
        self.trained_table(rows)
        self.assertIn(": reconstruction of train, by", self.use("reconstruct", "-o", "all.csv").out)
        header, found = self.read("all.csv")
        self.assertEqual(header, HEADER + ["split"])
        expected, colours = self.by_hand(rows, [True] * len(rows))
        for before, after, mean in zip(rows, found, expected):
            self.assertEqual((after[0], after[4]), (before[0], before[4]))
            np.testing.assert_allclose([float(after[1]), float(after[2])], mean[:2], rtol=2e-5)
            self.assertEqual(after[3], colours[int(mean[2:].argmax())])

    def test_samples_of_a_table_have_its_columns_and_units(self):
        self.trained_table(cells(80))
        self.use("sample", "-o", "drawn.csv", "--count", "600")
        header, found = self.read("drawn.csv")
        self.assertEqual(header, ["length", "width", "colour"])
        self.assertEqual(len(found), 600)
        self.assertLess(abs(np.mean([float(row[0]) for row in found]) - 20), 3)
        self.assertLess(abs(np.mean([float(row[1]) for row in found]) - 5e-3), 3e-3)
        self.assertLessEqual({row[2] for row in found}, {"dark, red", 'pale "blue"'})
        self.use("sample", "-o", "drawn.h5", "--count", "600")
        with h5py.File(self.path("drawn.h5")) as file:
            np.testing.assert_allclose(file["samples/values"][:, 0],
                                       [float(row[0]) for row in found], rtol=1e-6)

    def test_arrays_keep_what_was_observed_bit_by_bit(self):
        draw = np.random.default_rng(4)
        values = draw.normal(5, 2, (50, 6)).astype(np.float32)
        values[draw.random(values.shape) < 0.2] = np.nan
        np.save(self.path("x.npy"), values)
        for name, options in (("t", ""), ("ranged", ", range: [-10, 20]"),
                              ("scaled", ", scale: -0.5, offset: 3")):
            self.experiment("t", f"data: {{use: numpy, file: x.npy, missing: nan, batch: 16{options}}}\n"
                            + MODEL)
            self.varia("run", "t.yaml", "--quiet", "--name", name)
            self.varia("reconstruct", f"results/{name}.h5", "--trial", "0", "-o", name + ".h5")
            with h5py.File(self.path(name + ".h5")) as file:
                found, imputed = file["train/values"][:], file["train/imputed"][:]
                reconstruction = file["train/reconstruction"][:]
                axes = [axis[0].name for axis in file["train/values"].dims]
            self.assertEqual(axes, ["/train/image", "/train/feature"])
            np.testing.assert_array_equal(imputed, np.isnan(values))
            np.testing.assert_array_equal(found[imputed == 1], reconstruction[imputed == 1])
            observed = imputed == 0
            if options:
                np.testing.assert_allclose(found[observed], values[observed], rtol=1e-5, atol=1e-5)
            else:
                np.testing.assert_array_equal(found[observed], values[observed])
            if name == "ranged":
                self.assertTrue(np.all((reconstruction > -10) & (reconstruction < 20)))

    def test_pictures_are_given_as_bytes_count_them(self):
        self.experiment("t", "train: {epochs: 1}\n")
        self.varia("run", "t.yaml", "--quiet")
        self.use("reconstruct", "--split", "test", "-o", "r.h5")
        with h5py.File(self.path("r.h5")) as file:
            self.assertEqual(set(file["test"]) - {"image", "channel", "row", "column"},
                             {"reconstruction", "values"})
            np.testing.assert_array_equal(np.rint(file["test/values"][:, 0]), blobs(200, 1))
            self.assertEqual(file["test/reconstruction"].shape, (200, 1, 8, 8))
            self.assertGreater(file["test/reconstruction"][:].max(), 2)
            self.assertLessEqual(file["test/reconstruction"][:].max(), 255)
        self.assertIn("samples are not rows of one. Expected a file that ends in .h5",
                      self.refused("reconstruct", "results/t.h5", "--trial", "0", "-o", "r.csv"))
        self.assertIn("expected a file that ends in .png or .gif, or in .csv, .tsv or .h5",
                      self.refused("sample", "results/t.h5", "--trial", "0", "-o", "r.jpg"))
        self.assertIn("KEY=VALUE are settings of a view, and r.h5 has values.",
                      self.refused("sample", "results/t.h5", "--trial", "0", "rows=2", "-o", "r.h5"))


if __name__ == "__main__":
    unittest.main()
