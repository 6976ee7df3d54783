"""The pictures and scatter plots of the report's page."""
import base64
import io
import unittest

import h5py
import numpy as np
from PIL import Image
from report_page import ReportPage
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

    def test_scatter_plots_have_every_label_and_say_what_was_thinned(self):
        self.look_at("scatter")
        self.browser.wait(
            "return document.querySelectorAll('#scatter_charts figcaption')[5]?.textContent")
        labels, points, caption = self.browser.run("""
            const figure = document.querySelector("#scatter_charts figure");
            const {series} = charts.get(figure.querySelector(".chart")).getOption();
            return [series.map(({name}) => name), series.flatMap(({data}) => data),
                    figure.querySelector("figcaption").textContent]""")
        self.assertEqual(labels, [str(label) for label in range(10)])
        self.assertEqual(caption, "epoch 3, 2000 of 12000 points")
        radius = np.hypot(*np.array(points).T)
        self.assertAlmostEqual(radius.max(), 10, delta=1e-3)


if __name__ == "__main__":
    unittest.main()
