"""What a reader takes from the report's page: columns, ids, CSV, LaTeX, SVG, and paper."""
import base64
import csv
import glob
import io
import os
import tempfile
import unittest
import xml.etree.ElementTree as ET

import h5py
import numpy as np
from PIL import Image
from report_page import CLASSES, ReportPage
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


# What is to happen after a time waits in window.held until a test calls it.
HOLD_TIMERS = """
window.held = new Map();
window.timers = 0;
const [start, stop] = [window.setTimeout, window.clearTimeout];
window.setTimeout = (call, delay, ...more) => {
  if (delay !== arguments[0]) return start(call, delay, ...more);
  window.timers += 1;
  window.held.set(-window.timers, call);
  return -window.timers;
};
window.clearTimeout = (timer) => window.held.delete(timer) || stop(timer);"""


class ReportSaving(ReportPage):
    def setUp(self):
        super().setUp()
        self.downloads = tempfile.mkdtemp(dir=self.folder)
        self.browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {
            "behavior": "allow", "downloadPath": self.downloads})

    def saved(self, selector, ending):
        """The file that a click on a button saves."""
        before = set(os.listdir(self.downloads))
        self.browser.run("document.querySelector(arguments[0]).click()", selector)
        path = WebDriverWait(self.browser.driver, 30, poll_frequency=0.05).until(
            lambda _: [one for one in glob.glob(self.downloads + "/*" + ending)
                       if os.path.basename(one) not in before], "waiting for " + ending)[0]
        with open(path, "rb") as file:
            return file.read()

    def show_columns(self, *names):
        self.browser.run("document.querySelector('.chooser').open = true")
        self.browser.wait("return document.querySelector('#board_columns input')")
        for name in names:
            self.browser.run("document.querySelector(`#board_columns input[value='${arguments[0]}"
                             "']`).click()", name)
            self.settle()

    def heads(self):
        return self.browser.run("return Array.from(document.querySelectorAll('#board_head th'),"
                                "(cell) => cell.textContent)")

    def test_no_text_of_a_saved_table_is_a_formula(self):
        text = self.browser.run(
            """return csvText([["=1+1", "@x", "+y", "-z", "-3", -3.5, "a,b"]])""")
        self.assertEqual(text, "'=1+1,'@x,'+y,'-z,-3,-3.5,\"a,b\"\r\n")

    def test_every_metric_can_be_a_column_and_is_saved_to_the_last_digit(self):
        self.assertNotIn("kl_z", self.heads())
        self.show_columns("validation/kl_z", "test/elbo", "validation/loss")
        self.assertIn("kl_z", self.heads())
        self.assertIn("test/elbo", self.heads())
        self.assertNotIn("loss", self.heads())
        self.browser.wait("return location.hash.includes('columns=')")
        rows = list(csv.DictReader(io.StringIO(self.saved("#board_csv", ".csv").decode())))
        self.assertEqual(len(rows), 8)
        kl, elbo = self.finals("validation/kl_z"), self.finals("test/elbo")
        settings = self.settings()
        for row in rows:
            key = (float(row["loss.beta"]), float(row["model.latent"]), row["model.hidden"])
            own = settings[key]
            self.assertAlmostEqual(float(row["validation/kl_z"]), kl[own].mean(), places=9)
            low, high = (float(row[f"test/elbo {end}"] or "nan") for end in ("low", "high"))
            if len(own) > 1:
                self.assertAlmostEqual((low + high) / 2, elbo[own].mean(), places=9)
        self.find("#board_columns button").click()
        self.settle()
        self.assertNotIn("kl_z", self.heads())

    def test_the_table_is_saved_as_latex(self):
        text = self.saved("#board_latex", ".tex").decode()
        self.assertIn("\\toprule", text)
        self.assertIn("active\\_units\\_z", text)
        self.assertRegex(text, r"\$-\d+\.\d+ \\pm [\d.]+\$")
        self.assertEqual(text.count("\\\\\n"), 9)
        self.assertNotIn("±", text)

    def allow_copying(self):
        self.browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})

    def test_a_button_that_copies_has_its_text_again_after_a_double_click(self):
        self.allow_copying()
        self.browser.run(HOLD_TIMERS, 1500)
        button = self.find("#board_body button.copy")
        text = button.text
        for clicks in (1, 2):
            button.click()
            self.browser.wait("return window.timers === arguments[0]", clicks)
            self.assertEqual(button.text, "copied")
        self.browser.run("for (const call of window.held.values()) call()")
        self.assertEqual(button.text, text)

    def test_ids_are_copied(self):
        self.allow_copying()
        button = self.find("#board_body button.copy")
        row = int(self.find("#board_body tr").get_attribute("data-row"))
        button.click()
        self.browser.wait("return arguments[0].textContent === 'copied'", button)
        text = self.browser.driver.execute_async_script(
            "navigator.clipboard.readText().then(arguments[0])")
        with h5py.File(self.results) as file:
            ids = file["trials/id"].asstr()[:]
        trials = self.browser.run("return settings[arguments[0]].trials", row)
        self.assertEqual(text, " ".join(ids[trials]))

    def test_a_chart_is_saved_as_a_drawing_with_texts_and_as_its_values(self):
        self.look_at("plane")
        svg = self.saved("#plane [data-format=svg]", ".svg")
        texts = ["".join(one.itertext()) for one in ET.fromstring(svg).iter()
                 if one.tag.endswith("}text")]
        self.assertIn("rate: validation/kl [nats]", texts)
        # What the page has beside the chart.
        for text in ("latent=2", "latent=4", "small: one trial", "Pareto front"):
            self.assertIn(text, texts)
        rows = list(csv.DictReader(io.StringIO(self.saved("#plane [data-format=csv]",
                                                          ".csv").decode())))
        single = [row for row in rows if row["series"] == "trials"]
        found = sorted(float(row["rate: validation/kl [nats]"]) for row in single)
        done = sorted(row for rows in self.settings().values() for row in rows)
        np.testing.assert_allclose(found, np.sort(self.finals("validation/kl")), rtol=1e-12)
        self.assertLessEqual(len(done), len(found))
        png = self.saved("#plane [data-format=png]", ".png")
        with Image.open(io.BytesIO(png)) as image:
            drawing = ET.fromstring(svg)
            self.assertEqual(image.size, tuple(3 * int(drawing.get(name)) for name in ("width", "height")))
            self.assertGreater(len(image.getcolors(1 << 24)), 20)

    def test_a_scatter_plot_is_saved_with_the_names_of_its_axes_and_classes(self):
        self.look_at("scatter")
        self.browser.wait("return document.querySelector('#scatter [data-format=svg]')")
        texts = ["".join(one.itertext()) for one in
                 ET.fromstring(self.saved("#scatter [data-format=svg]", ".svg")).iter()
                 if one.tag.endswith("}text")]
        for label in map(str, range(10)):
            self.assertIn(f"{label} {CLASSES[label]}" if label in CLASSES else label, texts)
        for text in ("across", "up [nats]"):
            self.assertIn(text, texts)

    def test_any_metric_stands_against_any_other_and_the_legend_says_what_marks_mean(self):
        self.look_at("plane")
        self.select("#plane_x", "train/loss")
        self.select("#plane_y", "test/active_units_z")
        legend = self.find("#plane_legend").text
        for text in ("beta=1", "beta=4", "latent=2", "latent=4"):
            self.assertTrue(text in legend or text.startswith("beta"), (text, legend))
        option = "return charts.get(byId('plane_chart')).getOption()"
        self.assertEqual(self.browser.run(option + ".xAxis[0].name"), "train/loss [nats]")
        self.assertEqual(self.browser.run(option + ".yAxis[0].name"),
                         "test/active_units_z [count]")

    def test_nothing_is_cut_on_paper(self):
        driver = self.browser.driver
        for theme in ("light", "dark"):
            self.browser.prefer(theme)
            self.browser.wait("return dark.matches === (arguments[0] === 'dark') && "
                              "'drawn' in document.documentElement.dataset", theme)
            wide, drawings, charts = driver.execute_async_script("""
                const done = arguments[0];
                dispatchEvent(new Event("beforeprint"));
                setTimeout(() => {
                  const edge = document.body.getBoundingClientRect().right;
                  const wide = Array.from(document.querySelectorAll("main *"))
                      .filter((one) => one.getClientRects().length && !one.closest("svg"))
                      .filter((one) => one.getBoundingClientRect().right > edge)
                      .map((one) => one.outerHTML.slice(0, 80));
                  done([wide, document.querySelectorAll("svg.printed").length,
                        [...charts.keys()].filter((box) => !box.closest("[hidden]")).length]);
                });""")
            self.assertEqual(wide, [])
            self.assertGreater(drawings, 8)
            self.assertEqual(drawings, charts)
            self.browser.run("dispatchEvent(new Event('afterprint'))")
            self.assertEqual(self.browser.run(
                "return document.querySelectorAll('svg.printed').length"), 0)
        pdf = base64.b64decode(driver.execute_cdp_cmd(
            "Page.printToPDF", {"preferCSSPageSize": True})["data"])
        self.assertIn(b"/MediaBox [0 0 594", pdf)
        self.assertGreater(len(pdf), 50_000)
        self.browser.prefer("light")
        self.settle()


if __name__ == "__main__":
    unittest.main()
