"""The page of `varia run --live`, in a browser."""
import os
import shutil
import signal
import threading
import unittest

from browser import Browser, contrast
from harness import EndToEnd
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# A file's name is a parameter, and may be any text.
HOSTILE = "<img src=x onerror=alert(1)>.idx"

# Trials 1 and 3 fail at once. The others take 10 s at least, so that a slow browser sees them run.
EXPERIMENT = f"""
data: {{batch: 1}}
optimizer: {{use: sgd}}
train: {{epochs: 200}}
views: [{{use: reconstructions, every: 1}}, {{use: samples, rows: 2, columns: 4, every: 2}}]
sweep:
  data.images: [train.idx, "{HOSTILE}"]
  optimizer.lr: [1e-3, 1000]
"""

# The points of a trial's curve.
POINTS = """return charts.get(document.getElementById("curves"))?.getOption().series
    .find(({name}) => name === trials[arguments[0]].label)?.data.length"""
CURVES = """return charts.get(document.getElementById("curves")).getOption().series
    .filter(({data}) => data.length).length"""
TITLE = "return charts.get(document.getElementById('curves'))?.getOption().yAxis[0].name"
STATE = "return document.querySelector(`tr[data-row='${arguments[0]}']`)?.dataset.state"
# Whether the canvas of a view has anything but black.
DRAWN = """
const figure = document.querySelector(`figure[data-view=${arguments[0]}]`);
const canvas = figure?.querySelector("canvas");
if (!figure?.dataset.epoch || !canvas.width) return false;
const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
return data.some((value, i) => i % 4 !== 3 && value > 50);"""
EPOCH = "return Number(document.querySelector(`figure[data-view=${arguments[0]}]`)?.dataset.epoch)"


class LivePage(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        shutil.copy(self.path("train.idx"), self.path(HOSTILE))
        self.experiment("e", EXPERIMENT)

    def watch(self, *arguments, **start):
        """A run whose page is open in the browser."""
        process = self.start("run", "e.yaml", "--live", "--live-port", "0", *arguments,
                             preexec_fn=lambda: os.nice(10), **start)  # the browser comes first
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        line = process.stderr.readline()
        # A run whose messages nobody reads stands still when the pipe is full.
        messages, process.stderr = process.stderr, None
        reader = threading.Thread(target=lambda: [None for _ in messages])
        reader.start()
        self.addCleanup(messages.close)
        self.addCleanup(reader.join)
        self.addCleanup(process.kill)
        self.assertRegex(line, r"^live page: http://127\.0\.0\.1:\d+/\n$")
        self.url = line.split()[-1]
        self.browser.open(self.url)
        return process

    def end(self, process, code, state):
        """The run ends, and the page says so. @returns what the run printed"""
        self.browser.wait("return document.getElementById('status').dataset.state === arguments[0]",
                          state)
        out, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, code)
        return out

    def look_at_pictures(self):
        """They are fetched when they come into sight."""
        self.browser.run("document.getElementById('pictures_heading').scrollIntoView()")

    def assert_clean(self):
        self.assertEqual(self.browser.errors(), [])
        requests = self.browser.requests()
        self.assertIn(self.url + "events", requests)
        own = (self.url, "data:image/png")  # the latter: a picture that is enlarged
        self.assertEqual([url for url in requests if not url.startswith(own)], [])

    def label(self, index):
        return self.browser.run("return document.querySelector("
                                "`tr[data-row='${arguments[0]}'] .trial_name`).textContent", index)

    def test_curves_and_pictures_change_until_the_run_is_finished(self):
        browser = self.browser
        process = self.watch()
        browser.run("window.same_page = true")
        browser.wait(STATE + " === 'running'", 0)
        browser.wait(POINTS + " >= 2", 0)
        self.look_at_pictures()
        browser.wait(DRAWN, "reconstructions")
        browser.wait(DRAWN, "samples")
        points, epoch = browser.run(POINTS, 0), browser.run(EPOCH, "reconstructions")
        browser.wait(POINTS + " > arguments[1]", 0, points)
        browser.wait(EPOCH + " > arguments[1]", "reconstructions", epoch)
        # A trial that fails says why, while others go on.
        browser.wait(STATE + " === 'failed'", 1)
        error = browser.run(
            "return document.querySelector('tr[data-row=\"1\"] .error').textContent")
        self.assertIn("not finite", error)
        browser.wait(POINTS + " >= 3", 2)
        browser.screenshot("running")

        out = self.end(process, 1, "finished")
        self.assertIn("2 trained, 0 kept, 2 failed", out)
        self.assertEqual(browser.run("return document.getElementById('status').textContent"),
                         "finished: 2 of 4 trials done, 2 failed")
        self.assertEqual([browser.run(STATE, i) for i in range(4)],
                         ["done", "failed", "done", "failed"])
        self.assertEqual([browser.run(POINTS, i) for i in (0, 2)], [200, 200])
        epochs = browser.run("return Array.from(document.querySelectorAll('figure'), "
                             "(figure) => [figure.dataset.view, Number(figure.dataset.epoch)])")
        self.assertEqual(epochs, [["reconstructions", 200], ["samples", 200]] * 2)
        self.assertTrue(browser.run("return window.same_page"))
        # Texts stay texts.
        self.assertEqual(self.label(2), f"data.images={HOSTILE} optimizer.lr=0.001")
        self.assertEqual(browser.run("return document.images.length"), 0)
        self.assert_clean()

    def test_events_may_tell_of_trials_in_any_order(self):
        self.watch()
        self.browser.wait(STATE + " === 'running'", 0)
        # As a burst of events may come: the last trial before the others.
        rows = self.browser.run("""
            reset();
            take({experiment: "e", state: "running", default_metric: "", notes: [], metrics: [],
                  trials: [{index: 3, id: "c", label: "last", status: "partial", running: true,
                            error: "", step: 1, steps: 2, target_epochs: 2, records: [],
                            first_record: 0, pictures: [], points: []}]});
            draw();
            return Array.from(document.querySelectorAll("#trials_body tr"),
                              (row) => row.dataset.row);""")
        self.assertEqual(rows, ["3"])
        self.assertEqual([error for error in self.browser.errors() if "Error: " in error], [])

    def test_the_keyboard_chooses_what_is_shown(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=20000", "--jobs", "1")
        browser.wait(POINTS + " >= 2", 0)
        browser.wait(TITLE + " === 'test/elbo [nats]'")
        order = []
        for _ in range(12):
            browser.driver.switch_to.active_element.send_keys(Keys.TAB)
            active = browser.driver.switch_to.active_element
            order.append(active.get_attribute("id") or active.get_attribute("class")
                         or active.get_attribute("title") or active.get_attribute("type"))
            if order[-1] == "metric":
                active.send_keys("train/kl")
                browser.wait(TITLE + " === 'train/kl [nats]'")
            elif order[-1] == "logarithmic":
                active.send_keys(Keys.SPACE)
                browser.wait("return charts.get(document.getElementById('curves')).getOption()"
                             ".yAxis[0].type === 'log'")
            elif order[-1] == "trial":
                active.send_keys(Keys.ENTER)
                browser.wait("return document.querySelector('[data-key=trial]').ariaSort")
                browser.wait("return document.activeElement.title === 'trial'")
            elif order[-1] == "view":
                break
        self.assertEqual(order, ["metric", "logarithmic", "table", "trial", "state", "epochs",
                                 "train/kl", "checkbox", "checkbox", "view"])
        browser.wait(CURVES + " >= 1")
        box = browser.driver.find_element(By.CSS_SELECTOR, "tr[data-row='0'] input")
        box.send_keys(Keys.SPACE)
        browser.wait(POINTS + " === undefined", 0)
        self.assertEqual(browser.driver.switch_to.active_element, box)
        box.send_keys(Keys.SPACE)
        browser.wait(POINTS + " >= 2", 0)
        browser.wait("return document.querySelector('figure[data-view=samples]')")
        browser.driver.find_element(By.ID, "view").send_keys("samples")
        browser.wait("return document.querySelector('figure[data-view=reconstructions]').hidden")
        # What is chosen stays chosen while events arrive.
        points = browser.run(POINTS, 0)
        browser.wait(POINTS + " > arguments[1]", 0, points)
        self.assertEqual(browser.run(TITLE), "train/kl [nats]")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_ctrl_c_ends_the_run_as_ever_and_the_page_keeps_what_it_has(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        browser.wait(POINTS + " >= 2", 0)
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assertEqual(browser.run(STATE, 0), "partial")
        self.assertGreaterEqual(browser.run(POINTS, 0), 2)
        self.assertTrue(browser.run(DRAWN, "reconstructions"))
        self.assert_clean()

    def test_a_run_that_is_killed_is_noticed(self):
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        self.browser.wait(POINTS + " >= 1", 0)
        process.kill()
        self.browser.wait("return document.getElementById('status').dataset.state === 'lost'")

    def test_trials_of_an_earlier_run_are_shown(self):
        self.varia("run", "e.yaml", "optimizer.lr=1e-3", "data.images=train.idx", "train.epochs=3")
        process = self.watch("optimizer.lr=1e-3", "train.epochs=3", "replicates=200", "--jobs", "1")
        browser = self.browser
        browser.wait(STATE + " === 'done'", 0)
        browser.wait(POINTS + " === 3", 0)
        self.look_at_pictures()
        browser.wait(EPOCH + " === 3", "reconstructions")
        self.assertTrue(browser.run(DRAWN, "reconstructions"))
        self.assertEqual(self.label(1), "data.images=train.idx replicate 1")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")

    def test_scatter_plots_are_drawn(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000",
                             f"plugins=[{os.environ['VARIA_RINGS']}]",
                             "views=[{use: rings, every: 1}]")
        browser.wait(STATE + " === 'running'", 0)
        browser.wait("return document.querySelector('figure[data-view=rings]')")
        self.look_at_pictures()
        browser.wait("return document.querySelector('figure[data-view=rings]').dataset.epoch > 1")
        browser.screenshot("scatter")
        labels, points, text = browser.run("""
            const figure = document.querySelector("figure[data-view=rings]");
            const {series} = charts.get(figure.querySelector(".chart")).getOption();
            return [series.map(({name}) => name),
                    series.reduce((sum, {data}) => sum + data.length, 0),
                    figure.querySelector("figcaption").textContent]""")
        self.assertEqual(labels, [str(label) for label in range(10)])
        self.assertEqual(points, 4000)
        # Both axes hold all points, and little more.
        for low, lowest, highest, high in browser.run("""
            const chart = charts.get(document.querySelector("figure .chart"));
            const points = chart.getOption().series.flatMap(({data}) => data);
            return ["xAxis", "yAxis"].map((name, i) => {
              const [low, high] = chart.getModel().getComponent(name).axis.scale.getExtent();
              const values = points.map((point) => point[i]);
              return [low, Math.min(...values), Math.max(...values), high];
            })"""):
            self.assertLessEqual(low, lowest)
            self.assertGreaterEqual(high, highest)
            self.assertLess(high - low, 1.5 * (highest - lowest))
        self.assertRegex(text, r"^rings, epoch \d+, 4000 of 12000 points$")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_without_the_chart_library_values_and_pictures_are_shown(self):
        browser = self.browser
        empty = self.path("empty")
        os.mkdir(empty)
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000", environment={
            "VARIA_DATA": empty, "HOME": empty})
        browser.wait("return document.getElementById('curves_note').textContent"
                     ".includes('fetch-data echarts')")
        browser.wait(STATE + " === 'running'", 0)
        browser.wait("return document.querySelector('tr[data-row=\"0\"]').cells[5].textContent"
                     ".startsWith('-')")
        self.look_at_pictures()
        browser.wait(DRAWN, "reconstructions")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_a_click_enlarges_a_picture(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        browser.wait(STATE + " === 'running'", 0)
        browser.wait("return document.querySelector('figure[data-view=samples]')")
        self.look_at_pictures()
        browser.wait(DRAWN, "samples")
        browser.driver.find_element(By.CSS_SELECTOR, "figure[data-view=samples] button").click()
        browser.wait("return document.querySelector('dialog[open] img')?.naturalWidth > 0")
        browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        browser.wait("return document.querySelector('dialog') === null")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_it_is_readable_on_wide_and_narrow_screens_light_and_dark(self):
        browser = self.browser
        process = self.watch()
        browser.wait(STATE + " === 'failed'", 1)
        browser.wait(POINTS + " >= 3", 2)
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            for width in (1280, 390):
                with self.subTest(scheme=scheme, width=width):
                    browser.resize(width)
                    browser.wait("return innerWidth === arguments[0]", width)
                    self.assertLessEqual(
                        browser.run("return document.documentElement.scrollWidth"), width)
                    browser.screenshot(f"{scheme}_{width}")
            self.check_contrast(scheme)
        browser.prefer("light")
        browser.resize(1280)
        self.assert_clean()

    def check_contrast(self, scheme):
        """WCAG 2.1 AA: 4.5 for text, 3 for lines."""
        colour = {name: self.browser.run("return css('--' + arguments[0])", name)
                  for name in ("paper", "panel", "ink", "faint", "accent", "bad")}
        for name in ("ink", "faint", "accent", "bad"):
            for ground in ("paper", "panel"):
                self.assertGreaterEqual(contrast(colour[name], colour[ground]), 4.5,
                                        (scheme, name, ground))
        lines = self.browser.run("return Array.from({length: 10}, (_, i) => colour(i))")
        self.assertEqual(len(set(lines)), 10)
        for line in lines:
            self.assertGreaterEqual(contrast(line, colour["paper"]), 3, (scheme, line))


if __name__ == "__main__":
    unittest.main()
