"""Pictures and points of the Python package on a results file of known values: package_case.py."""
import json
import sys
import unittest

import h5py
import numpy as np
from package_case import PATH, Package

import varia


class Pictures(Package):
    def test_pictures_have_no_padding(self):
        with h5py.File(PATH) as file:
            for view, trial in (("samples", 0), ("samples", 4), ("samples", 8), ("colour", 1)):
                pictures = self.results.pictures(view, trial)
                heights, widths = (file[f"views/{view}_{name}"][trial] for name in ("height", "width"))
                self.assertEqual(len(pictures), np.count_nonzero(heights))
                for frame, picture in enumerate(pictures):
                    np.testing.assert_array_equal(
                        picture.image, file[f"views/{view}"][trial, frame, :heights[frame], :widths[frame]])
                    self.assertEqual(picture.epoch, 4)

    def test_tiles_are_what_lies_between_the_padding(self):
        tiles = np.arange(2 * 3 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 3, 4, 5, 3)
        image = np.full((2 * 5 + 1, 3 * 6 + 1, 3), 255, np.uint8)
        for row in range(2):
            for column in range(3):
                image[1 + 5 * row:, 1 + 6 * column:][:4, :5] = tiles[row, column]
        for chosen in (slice(None), 0):
            picture = varia.Picture("v", "t", 1, "", image[..., chosen], 2, 3, 4, 5, 1)
            np.testing.assert_array_equal(picture.tiles, tiles[..., chosen])
        plain = varia.Picture("v", "t", 1, "", image)
        with self.assertRaisesRegex(varia.VariaError, "is not laid out in tiles"):
            plain.tiles

    def with_labels(self, view, text):
        def change(file):
            shape = file[f"views/{view}_title"].shape
            file.create_dataset(f"views/{view}_labels", shape, h5py.string_dtype())
            file[f"views/{view}_labels"][0] = text
        results = varia.open(self.changed(change))
        self.addCleanup(results.close)
        return results

    def test_labels_stand_beside_a_picture(self):
        self.assertEqual(self.results.pictures("samples", 0)[-1].labels, {})
        results = self.with_labels("samples", '{"rows": ["2: 1.25 nats", "0: 0.10 nats"]}')
        self.assertEqual(results.pictures("samples", 0)[-1].labels["rows"],
                         ["2: 1.25 nats", "0: 0.10 nats"])
        self.assertEqual(results.pictures("samples", 1)[-1].labels, {})
        plot = results.plot
        ax = plot.picture("samples", 0)
        self.assertEqual([label.get_text() for label in ax.get_yticklabels()],
                         ["2: 1.25 nats", "0: 0.10 nats"])
        self.assertEqual(plot.data["row"].iloc[[0, -1]].tolist(), ["2: 1.25 nats", "0: 0.10 nats"])
        np.testing.assert_array_equal(plot.data["value"],
                                      results.pictures("samples", 0)[-1].image.ravel())
        results.close()
        self.assertIn("views/samples_labels is damaged",
                      self.refused(self.with_labels("samples", "{").pictures, "samples", 0))

    def test_names_of_tiles_stand_on_a_picture(self):
        picture = self.results.pictures("samples", 0)[-1]
        names = [[f"{row}, {column}" for column in range(picture.columns)] for row in range(picture.rows)]
        names[0][0] = "a name that is too long " * 10
        results = self.with_labels("samples", json.dumps({"tiles": names}))
        plot = results.plot
        ax = plot.picture("samples", 0)
        shown = [text.get_text() for text in ax.texts]
        self.assertTrue(shown[0].startswith("a name") and shown[0].endswith("…"), shown[0])
        self.assertEqual(shown[1:], sum(names, [])[1:])
        table = plot.data
        self.assertEqual(table["tile"].iloc[[0, -1]].tolist(), [names[0][0], names[-1][-1]])
        per_tile = table.groupby("tile").size()
        self.assertEqual(len(per_tile), picture.rows * picture.columns)

    def test_a_plot_has_its_axes_and_its_bands_as_numbers(self):
        results = self.with_labels("colour", """{
            "x": {"from": -1, "to": 1, "name": "a"}, "y": {"from": 0, "to": 4, "name": "b"},
            "colours": {"name": "nats", "colours": ["#000102", "#030405"], "edges": [0.5, 2, 9]}}""")
        plot = results.plot
        ax = plot.picture("colour", 0)
        self.assertEqual((ax.get_xlabel(), ax.get_ylabel()), ("a", "b"))
        self.assertEqual((*ax.get_xlim(), *ax.get_ylim()), (-1, 1, 0, 4))
        bar = ax.figure.axes[1]
        self.assertEqual(bar.get_ylabel(), "nats")
        self.assertEqual([label.get_text() for label in bar.get_yticklabels()], ["0.5", "2", "9"])
        table = plot.data.iloc[:3]  # its first pixels are 0 1 2, 3 4 5, 6 7 8
        np.testing.assert_allclose(table["x"], [-0.95, -0.85, -0.75])
        np.testing.assert_allclose(table["y"], [3.9] * 3)
        self.assertEqual(table["from"].tolist()[:2], [0.5, 2])
        self.assertEqual(table["to"].tolist()[:2], [2, 9])
        self.assertTrue(np.isnan(table["from"].iloc[2]))  # of no band

    def test_a_map_of_bands_is_drawn_as_areas_whose_edges_are_those_of_the_values(self):
        from matplotlib.figure import Figure
        from varia.picture_plots import show
        from varia.pictures import Picture

        # The distance from a place between pixels, in bands of width 1, with lines and dots in the way.
        size, reach = 120, 3.0
        places = -reach + 2 * reach * (np.arange(size) + 0.5) / size
        band = np.minimum(np.hypot(places[None] - 0.31, places[::-1, None] + 0.17).astype(int), 4)
        image = np.array([[0, 0, 200], [0, 0, 160], [0, 0, 120], [0, 0, 80], [0, 0, 40]], np.uint8)[band]
        image[:-1][band[:-1] != band[1:]] = 255
        image[:, :-1][band[:, :-1] != band[:, 1:]] = 255
        image[::17, ::13] = 0
        axis = {"from": -reach, "to": reach, "name": "x"}
        colours = [f"#0000{blue:02x}" for blue in (200, 160, 120, 80, 40)]
        ax = Figure().subplots()
        show(ax, Picture("map", "0", 1, "", image, labels={
            "x": axis, "y": axis, "colours": {"name": "", "colours": colours,
                                              "edges": [0, 1, 2, 3, 4, 5]}}))
        self.assertEqual(list(ax.images), [])
        self.assertEqual((ax.get_xlim(), ax.get_ylim()), ((-reach, reach), (-reach, reach)))
        found = [path for collection in ax.collections if not collection.get_fill()
                 for path in collection.get_paths() if len(path.vertices)]
        radii = [np.hypot(*(path.vertices - [0.31, -0.17]).T) for path in found]
        self.assertEqual({round(float(radius.mean())) for radius in radii}, {1, 2, 3, 4})
        for radius in radii:
            np.testing.assert_allclose(radius, round(float(radius.mean())), atol=3 * reach / size)

    def test_the_area_below_a_curve_is_drawn_as_one(self):
        from matplotlib.figure import Figure
        from varia.picture_plots import show
        from varia.pictures import Picture

        heights = 50 * np.exp(-np.linspace(-3, 3, 80) ** 2)
        covered = np.clip(heights - np.arange(59, -1, -1)[:, None], 0, 1)
        image = np.rint(255 - covered[..., None] * (255 - np.array([31, 119, 180]))).astype(np.uint8)
        labels = {"x": {"from": -3, "to": 3, "name": "x"}, "y": {"from": 0, "to": 1.2, "name": "y"}}
        ax = Figure().subplots()
        show(ax, Picture("curve", "0", 1, "", image, labels=labels))
        self.assertEqual(list(ax.images), [])
        self.assertAlmostEqual(ax.collections[0].get_paths()[0].vertices[:, 1].max(), heights.max() / 50,
                               delta=0.001)
        # Another picture stays one.
        for other in (image[::-1], np.full_like(image, 255), image[..., 0]):
            ax = Figure().subplots()
            show(ax, Picture("other", "0", 1, "", other, labels=labels))
            self.assertEqual(len(ax.images), 1)

    def test_pictures_of_trials_without_the_key_come_last(self):
        def change(file):
            file["parameters/loss.beta"][:3] = np.nan
        def change_texts(file):
            file["parameters/loss.beta"].attrs["swept"] = 0
            file["parameters/data.use"][:] = [""] * 3 + ["b"] * 3 + ["a"] * 3
            file["parameters/data.use"].attrs["swept"] = 1
        for by, change, named in (("loss.beta", change, ["2", "4"]), ("data.use", change_texts, ["a", "b"])):
            file = self.changed(lambda file: (change(file), file["trials/status"].__setitem__(8, "done")))
            with varia.open(file) as results:
                plot = results.plot
                figure = plot.pictures("samples", by)
                self.assertEqual([ax.get_title() for ax in figure.axes],
                                 [*(f"{by}={value}" for value in named), f"without {by}"])
                self.assertEqual([str(value) for value in plot.data[by].dropna().unique()], named)
                self.assertEqual(plot.data[by].isna().sum(),
                                 results.pictures("samples", 0)[-1].image.size)

    def test_jupyter_shows_the_pixels(self):
        from io import BytesIO

        from PIL import Image
        for view in ("samples", "colour"):
            picture = self.results.pictures(view, 5)[0]
            shown = np.asarray(Image.open(BytesIO(picture._repr_png_())))
            np.testing.assert_array_equal(shown, picture.image)

    def test_points_are_those_of_the_last_frame(self):
        points = self.results.points("plane", 2)
        self.assertEqual(points.x.tolist(), list(range(8)))
        self.assertEqual(points.label.tolist(), list(range(8)))
        self.assertEqual(points.attrs["axes"], ["code, dimension 0", ""])
        self.assertEqual(points.attrs["classes"], {0: "cat", 7: "dog, 3 paws"})
        axes = self.results.plot.points("plane", 2)
        self.assertEqual((axes.get_xlabel(), axes.get_ylabel()), ("code, dimension 0", "y"))
        texts = [text.get_text() for text in axes.get_legend().get_texts()]
        self.assertEqual(texts, ["0 cat", *map(str, range(1, 7)), "7 dog, 3 paws"])
        self.assertIn("Known: plane.", self.refused(self.results.points, "plan", 2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
