"""A sweep of 16 trials, its report, and the ways to look at it in a browser."""
import json
import os
import shutil
import tempfile

import h5py
import numpy as np
from browser import Browser
from harness import EndToEnd
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HOSTILE = "<img src=x onerror=alert(1)>"
CLASSES = {"3": "cat, 4 dogs", "4": HOSTILE}
SCRIPT = "</script><script>alert(1)</script><!--"

EXPERIMENT = f"""
data: {{batch: 32, validation: 0.2}}
train: {{epochs: 3, record_every: 5}}
plugins: [{os.environ["VARIA_RINGS"]}]
views:
  - {{use: reconstructions, every: 1}}
  - {{use: samples, rows: 2, columns: 4}}
  - {{use: traversal, form: animation, columns: 3, images: 3}}
  - {{use: rings, every: 1}}
  - {{use: density_contour, size: 200, bands: 5, count: 200, density: kde}}
  - {{use: traversal, as: strip}}
sweep:
  loss.beta: [1, 4]
  model.latent: [2, 4]
  model.hidden: [[32], [16]]
replicates: 2
"""

QUIET = """return changing.then(() => !changedSoon.isWaiting() && [...sectionDrawers.values()].every(
    (section) => !section.near || (!section.dirty && !section.drawing)))"""
SHOWN = "return document.getElementById('shown').textContent"
SERIES = """return charts.get(document.getElementById(arguments[0])).getOption().series
    .map(({name, type, data}) => ({name, type, data}))"""
ROWS = """return Array.from(document.querySelectorAll('#board_body tr'),
    (row) => [Number(row.dataset.row), ...Array.from(row.cells, (cell) => cell.textContent)])"""


class ReportPage(EndToEnd):
    kept = None

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.mkdtemp(prefix="varia_report_")
        cls.addClassCleanup(shutil.rmtree, cls.kept)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    @property
    def results(self):
        return os.path.join(self.kept, "sweep.h5")

    def setUp(self):
        super().setUp()
        page = os.path.join(self.kept, "sweep.html")
        if not os.path.exists(page):
            self.make_results()
            self.varia("report", self.results, "-o", page)
        self.url = "file://" + page
        self.browser.prefer("light")
        self.browser.resize(1280)
        self.browser.open(self.url)
        self.browser.wait(SHOWN)
        self.settle()

    def make_results(self):
        """A sweep, in which then one trial has failed, and texts are such as nobody writes."""
        self.experiment("sweep", EXPERIMENT)
        self.varia("run", "sweep.yaml", "-q")
        shutil.copy(self.path("results/sweep.h5"), self.results)
        with h5py.File(self.results, "r+") as file:
            self.assertEqual(len(file["trial"]), 16)
            file["trials/status"][15] = "failed"
            file["trials/error"][15] = SCRIPT
            hidden = file["parameters/model.hidden"].asstr()[:]
            file["parameters/model.hidden"][:] = [
                HOSTILE if text == "[16]" else text for text in hidden]
            file["points/rings_classes"] = np.full(
                file["points/rings_count"].shape, json.dumps(CLASSES), h5py.string_dtype())
            for name in ("experiment", "name", "plugins"):
                file.attrs[name] = SCRIPT

    def settle(self):
        self.browser.wait(QUIET)

    def look_at(self, section):
        self.browser.run("document.getElementById(arguments[0]).scrollIntoView()", section)
        self.browser.wait("return [...sectionDrawers].find(([box]) => box.id === arguments[0])"
                          "[1].near", section)
        self.settle()

    def find(self, selector):
        return self.browser.driver.find_element(By.CSS_SELECTOR, selector)

    def select(self, selector, text):
        """Chooses in a select as a person does."""
        for option in self.find(selector).find_elements(By.TAG_NAME, "option"):
            if option.text == text:
                option.click()
                self.settle()
                return
        self.fail(f"{selector} has no option {text}")

    def choose(self, label, text):
        """Chooses in the select of that label that is nearest to the top of the window."""
        labels = [one for one in self.browser.driver.find_elements(By.TAG_NAME, "label")
                  if one.text.split("\n")[0].strip() == label and one.is_displayed()]
        near = min(labels, key=lambda one: abs(self.browser.run(
            "return arguments[0].getBoundingClientRect().top", one) - 150))
        for option in near.find_elements(By.TAG_NAME, "option"):
            if option.text == text:
                option.click()
        self.settle()
        return text

    def slide(self, label, text):
        """Moves the slider of that label until it says `text`, as a person does by keys."""
        for box in self.browser.driver.find_elements(By.TAG_NAME, "label"):
            if box.text.split("\n")[0].startswith(label) and box.is_displayed():
                slider = box.find_element(By.TAG_NAME, "input")
                output = box.find_element(By.TAG_NAME, "output")
                slider.send_keys(Keys.HOME)
                while output.text != text:
                    before = output.text
                    slider.send_keys(Keys.ARROW_RIGHT)
                    self.assertNotEqual(output.text, before, f"{label} has no {text}")
                self.settle()
                return text
        self.fail(f"there is no slider {label}")

    def show_epoch(self, text):
        """Moves the slider of the page."""
        self.slide("Epoch", text)
        self.browser.wait("return String(state.epoch ?? 'last') === arguments[0]", text)
        self.settle()

    def filter(self, text):
        box = self.find("#filter")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text or Keys.DELETE)

    def assert_clean(self):
        self.assertEqual(self.browser.errors(), [])
        requests = [url for url in self.browser.requests() if not url.startswith(("data:", "blob:"))]
        self.assertEqual(requests, [self.url])

    def tearDown(self):
        self.assert_clean()

    def finals(self, metric):
        with h5py.File(self.results) as file:
            return file[f"final/{metric}"][:]

    def settings(self):
        """{(beta, latent, hidden): rows}, of trials that are done."""
        found = {}
        with h5py.File(self.results) as file:
            keys = [file["parameters/" + key] for key in ("loss.beta", "model.latent")]
            hidden = file["parameters/model.hidden"].asstr()
            for row in range(16):
                if file["trials/status"].asstr()[row] == "done":
                    found.setdefault((*(key[row] for key in keys), hidden[row]), []).append(row)
        return found
