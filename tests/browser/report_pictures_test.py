"""The pictures and scatter plots of the report's page."""
import base64
import io
import unittest

import h5py
import numpy as np
from PIL import Image
from report_page import CLASSES, ReportPage
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class ReportPictures(ReportPage):
    def picture(self, trial):
        source = self.find(f"#matrix_table figure[data-trial='{trial}'] img").get_attribute("src")
        png = base64.b64decode(source.removeprefix("data:image/png;base64,"))
        return np.array(Image.open(io.BytesIO(png)).convert("L"))

    def stored(self, view, trial, frame):
        with h5py.File(self.results) as file:
            height, width = (file[f"views/{view}_{side}"][trial, frame]
                             for side in ("height", "width"))
            return file[f"views/{view}"][trial, frame, :height, :width]

    def test_pictures_stand_by_parameter_and_change_with_epoch_and_replicate(self):
        self.look_at("matrix")
        cells = ("return Array.from(document.querySelectorAll('#matrix_table figure'),"
                 "(figure) => [Number(figure.dataset.trial), Number(figure.dataset.epoch)])")
        settings = self.settings()
        self.select("#matrix_controls select", "reconstructions")
        self.choose("Rows", "loss.beta")
        self.choose("Columns", "model.latent")
        held = self.slide("hidden", "[32]")
        shown = [settings[beta, latent, held][0] for beta in (1, 4) for latent in (2, 4)]
        self.assertEqual(self.browser.run(cells), [[trial, 3] for trial in shown])
        np.testing.assert_array_equal(self.picture(shown[1]),
                                      self.stored("reconstructions", shown[1], 2))
        self.show_epoch("2")
        self.assertEqual(self.browser.run(cells), [[trial, 2] for trial in shown])
        np.testing.assert_array_equal(self.picture(shown[2]),
                                      self.stored("reconstructions", shown[2], 1))
        for button in self.find("#matrix_controls").find_elements(By.TAG_NAME, "button"):
            if button.text == "Next":
                button.click()
        self.settle()
        second = [settings[beta, latent, held][1] for beta in (1, 4) for latent in (2, 4)]
        self.assertEqual([trial for trial, _ in self.browser.run(cells)], second)
        self.browser.screenshot("report_matrix")

        # An animation's frames follow each other, and a picture can be enlarged.
        self.show_epoch("last")
        self.select("#matrix_controls select", "traversal")
        frame = "return document.querySelector('#matrix_table figure').dataset.frame"
        before = self.browser.run(frame)
        self.find("#matrix_play").click()
        self.browser.wait(frame + " !== arguments[0]", before)
        self.find("#matrix_play").click()
        self.find("#matrix_table figure button").click()
        self.assertTrue(self.find("dialog[open] img").is_displayed())
        self.find("dialog[open]").send_keys(Keys.ESCAPE)
        self.browser.wait("return document.querySelector('dialog') === null")

    def open_picture(self, view):
        """The labels of the first picture of a view, enlarged: {class: [[text, left, top, right, bottom],
        ...]}, and the picture's own rectangle."""
        self.look_at("matrix")
        self.select("#matrix_controls select", view)
        self.settle()
        self.find("#matrix_table figure button").click()
        found = self.browser.run("""
            const box = (part) => {
              const {left, top, right, bottom} = part.getBoundingClientRect();
              return [left, top, right, bottom];
            };
            const labels = {};
            for (const list of document.querySelectorAll("dialog .labelled > span"))
              labels[list.className] = list.children.length
                  ? [...list.children].map((part) => [part.textContent, ...box(part)])
                  : [[list.textContent, ...box(list)]];
            return [labels, box(document.querySelector("dialog .picture"))]""")
        self.browser.screenshot(f"report_{view}")
        self.find("dialog[open]").send_keys(Keys.ESCAPE)
        self.browser.wait("return document.querySelector('dialog') === null")
        return found

    def test_a_traversal_has_the_names_of_its_rows_and_columns_beside_them(self):
        labels, (left, top, right, bottom) = self.open_picture("strip")
        texts = [text for text, *_ in labels["columns"]]
        self.assertEqual(texts[0], "original")
        self.assertEqual(len(texts), 12)
        rows = [text for text, *_ in labels["rows"]]
        self.assertEqual(len(rows), 2)
        nats = [float(text.split(": ")[1].removesuffix(" nats")) for text in rows]
        self.assertEqual(nats, sorted(nats, reverse=True))
        for i, (_, start, _, end, _) in enumerate(labels["columns"]):
            middle = left + (i + 0.5) * (right - left) / 12
            self.assertAlmostEqual((start + end) / 2, middle, delta=3)
        for i, (_, _, start, end_x, end) in enumerate(labels["rows"]):
            self.assertAlmostEqual((start + end) / 2, top + (i + 0.5) * (bottom - top) / 2, delta=3)
            self.assertLessEqual(end_x, left)

    def test_a_density_has_axes_and_a_bar_of_its_colours(self):
        labels, (left, top, right, bottom) = self.open_picture("density_contour")
        self.assertEqual(labels["x_axis"][1][0], "code, dimension 0")
        self.assertEqual(labels["y_axis"][1][0], "code, dimension 1")
        self.assertEqual(labels["colour_name"][0][0], "negative log-density [nats]")
        self.assertEqual(len(labels["bar"]), 5)
        self.assertEqual(len(labels["edges"]), 6)
        edges = [float(text) for text, *_ in labels["edges"]]
        self.assertEqual(edges, sorted(edges, reverse=True))  # the largest above
        # The axis begins and ends with the picture, and the bar is as high.
        self.assertAlmostEqual(labels["x_axis"][0][1], left, delta=2)
        self.assertAlmostEqual(labels["x_axis"][2][3], right, delta=2)
        self.assertAlmostEqual(labels["bar"][0][2], top, delta=2)
        self.assertAlmostEqual(labels["bar"][-1][4], bottom, delta=2)

    def test_scatter_plots_have_every_label_and_say_what_was_thinned(self):
        self.look_at("scatter")
        self.browser.wait(
            "return document.querySelectorAll('#scatter_charts figcaption')[5]?.textContent")
        labels, points, caption = self.browser.run("""
            const figure = document.querySelector("#scatter_charts figure");
            const {series} = charts.get(figure.querySelector(".chart")).getOption();
            return [series.map(({name}) => name), series.flatMap(({data}) => data),
                    figure.querySelector("figcaption").textContent]""")
        self.assertEqual(labels, [f"{label} {CLASSES[label]}" if label in CLASSES else label
                                  for label in map(str, range(10))])
        self.assertEqual(caption, "epoch 3, 2000 of 12000 points")
        radius = np.hypot(*np.array(points).T)
        self.assertAlmostEqual(radius.max(), 10, delta=1e-3)


if __name__ == "__main__":
    unittest.main()
