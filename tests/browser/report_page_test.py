"""The page of `varia report`, in a browser, against the numbers that h5py reads."""
import base64
import io
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np
from browser import Browser, contrast
from harness import EndToEnd
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HOSTILE = "<img src=x onerror=alert(1)>"
SCRIPT = "</script><script>alert(1)</script><!--"

EXPERIMENT = f"""
data: {{batch: 32, validation: 0.2}}
train: {{epochs: 3, record_every: 5}}
plugins: [{os.environ["VARIA_RINGS"]}]
views:
  - {{use: reconstructions, every: 1}}
  - {{use: samples, rows: 2, columns: 4}}
  - {{use: traversal, form: animation, steps: 4}}
  - {{use: rings, every: 1}}
sweep:
  loss.beta: [1, 4]
  model.latent: [2, 4]
  model.hidden: [[32], [16]]
replicates: 2
"""

# Student's 97.5% quantile for one degree of freedom: scipy.stats.t.ppf(0.975, 1).
STUDENT_1 = 12.706204736432095

QUIET = """return [...sectionDrawers.values()].every(
    (section) => !section.near || (!section.dirty && !section.drawing))"""
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

    def filter(self, text):
        box = self.find("#filter")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text or Keys.DELETE)

    def assert_clean(self):
        self.assertEqual(self.browser.errors(), [])
        requests = [url for url in self.browser.requests() if not url.startswith("data:")]
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

    def test_the_leaderboard_has_means_and_students_intervals_best_first(self):
        self.assertEqual(self.browser.run("return document.getElementById('metric').value"),
                         "validation/elbo")
        self.assertIn("Ranked on the validation split: highest validation/elbo first",
                      self.find("#ranked_on").text)
        values = self.finals("validation/elbo")
        truth = []
        for (beta, latent, hidden), rows in self.settings().items():
            mean = values[rows].mean()
            half = (STUDENT_1 * values[rows].std(ddof=1) / np.sqrt(2)) if len(rows) == 2 else None
            truth.append((mean, beta, latent, hidden, len(rows), half))
        truth.sort(reverse=True)
        heads = self.browser.run("return Array.from(document.querySelectorAll('#board_head th'),"
                                 "(cell) => cell.textContent)")
        rows = self.browser.run(ROWS)
        self.assertEqual(len(rows), 8)
        for rank, (row, expected) in enumerate(zip(rows, truth), 1):
            mean, beta, latent, hidden, count, half = expected
            cells = dict(zip(heads, row[1:]))
            self.assertEqual(cells["rank"], str(rank))
            self.assertEqual((float(cells["beta"]), float(cells["latent"])), (beta, latent))
            self.assertEqual(cells["hidden"], hidden)
            self.assertEqual(cells["n"], str(count))
            self.assertAlmostEqual(float(cells["validation/elbo"]), mean, delta=6e-3)
            interval = row[heads.index("validation/elbo") + 2]
            self.assertEqual(interval[:2], "± " if half else "")
            if half:
                self.assertAlmostEqual(float(interval[2:]) / half, 1, delta=0.05)
        self.browser.screenshot("report_leaderboard")

    def test_columns_sort_rows_hide_and_trials_are_listed(self):
        self.select("#board_rows", "trials")
        self.browser.wait("return document.querySelectorAll('#board_body tr').length === 16")
        button = [head for head in self.find("#board_head").find_elements(By.TAG_NAME, "button")
                  if head.text == "kl"][0]
        button.click()
        self.settle()
        kl = self.finals("validation/kl")
        order = [row[0] for row in self.browser.run(ROWS)]
        self.assertEqual(order, list(np.argsort(kl, kind="stable")))
        self.assertEqual(self.find("#board_head [aria-sort]").get_attribute("aria-sort"),
                         "ascending")
        self.find(f"#board_body tr[data-row='{order[0]}'] input").click()
        self.browser.wait(SHOWN + " === '15 of 16 trials'")
        self.find("#hide_all").click()
        self.browser.wait(SHOWN + " === '0 of 16 trials'")
        self.find("#show_all").click()
        self.browser.wait(SHOWN + " === '16 of 16 trials'")

    def test_curves_are_those_of_the_file(self):
        self.look_at("curves")
        with h5py.File(self.results) as file:
            elbo = file["metrics/validation/elbo"][:]
            steps = file["steps/loss"][:], file["steps/loss_step"][:]
            seconds = file["timing/seconds"][:].cumsum(axis=1)
        for rows in self.settings().values():
            label = self.browser.run("return settingOf[arguments[0]].label", rows[0])
            found = [one["data"] for one in self.browser.run(SERIES, "curves_chart")
                     if one["name"] == label]
            self.assertEqual(len(found), 1, label)
            truth = elbo[rows].mean(axis=0)
            if len(rows) == 2:  # with one, the failed trial's curve is beside it, and no mean
                np.testing.assert_allclose([y for _, y in found[0]], truth, rtol=1e-6)
                self.assertEqual([x for x, _ in found[0]], [1, 2, 3])
        self.select("#curves_x", "seconds")
        row = next(iter(self.settings().values()))[0]
        single = [one["data"] for one in self.browser.run(SERIES, "curves_chart")
                  if one["name"] == self.browser.run("return trialLabel(arguments[0])", row)]
        np.testing.assert_allclose(single[0], np.stack([seconds[row], elbo[row]], axis=1),
                                   rtol=1e-5)
        self.select("#curves_x", "step")
        self.assertIn("was not recorded per step. These were: train/elbo",
                      self.find("#curves_note").text)
        self.select("#metric", "train/loss")
        self.look_at("curves")
        single = [one["data"] for one in self.browser.run(SERIES, "curves_chart")
                  if one["name"] == self.browser.run("return trialLabel(arguments[0])", row)]
        there = steps[1][row] >= 0
        np.testing.assert_allclose(single[0], np.stack([steps[1][row], steps[0][row]], 1)[there],
                                   rtol=1e-6)

    def test_the_plane_has_rate_distortion_and_the_front(self):
        self.look_at("plane")
        rate, distortion = self.finals("validation/kl"), self.finals("validation/reconstruction")
        places = [(rate[rows].mean(), distortion[rows].mean()) for rows in self.settings().values()]
        front = sorted(place for place in places if not any(
            other[0] <= place[0] and other[1] <= place[1] and other != place for other in places))
        series = self.browser.run(SERIES, "plane_chart")
        found = [point["value"] for point in series[1]["data"]]
        np.testing.assert_allclose(found, front, rtol=1e-9)
        joined = sorted(point["value"] for one in series[2:] for point in one["data"])
        np.testing.assert_allclose(joined, sorted(places), rtol=1e-9)

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
        held = self.choose("hidden", "[32]")
        shown = [settings[beta, latent, held][0] for beta in (1, 4) for latent in (2, 4)]
        self.assertEqual(self.browser.run(cells), [[trial, 3] for trial in shown])
        np.testing.assert_array_equal(self.picture(shown[1]),
                                      self.stored("reconstructions", shown[1], 2))
        self.find("#matrix_epoch").send_keys(Keys.ARROW_LEFT)
        self.settle()
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

    def test_filters_choose_what_all_sections_show(self):
        self.filter("loss.beta=4 model.latent<4")
        self.browser.wait(SHOWN + " === '4 of 16 trials'")
        self.settle()
        self.assertEqual(len(self.browser.run(ROWS)), 2)
        self.filter("status=failed")
        self.browser.wait(SHOWN + " === '1 of 16 trials'")
        bound = float(np.sort(self.finals("test/elbo"))[-3])
        self.filter(f"test/elbo>={bound!r}")
        self.browser.wait(SHOWN + " === '3 of 16 trials'")
        self.filter("lss.beta=4")
        self.browser.wait("return document.getElementById('filter_error').textContent")
        self.assertEqual(self.find("#filter_error").text, "Nothing is called lss.beta.")
        self.filter("")
        self.browser.wait(SHOWN + " === '16 of 16 trials'")

    def test_brushing_an_axis_chooses_trials(self):
        self.look_at("parallel")
        self.browser.run(
            "document.getElementById('parallel_chart').scrollIntoView({block: 'center'})")
        values = np.sort(self.finals("validation/elbo"))
        gaps = np.diff(values)
        below = 4 + int(np.argmax(gaps[4:12]))  # where a pixel more or less makes no difference
        low, high = (values[below] + values[below + 1]) / 2, values[-1]
        count = 15 - below
        places = self.browser.run("""
            const chart = charts.get(document.getElementById("parallel_chart"));
            const plane = chart.getModel().getSeriesByIndex(0).coordinateSystem;
            const box = document.getElementById("parallel_chart").getBoundingClientRect();
            return arguments[0].map((value) => {
              const [x, y] = plane.dataToPoint(value, plane.dimensions.at(-1));
              return [box.x + x, box.y + y];
            })""", [low, high])
        mouse = ActionChains(self.browser.driver)
        (x, from_y), (_, to_y) = places
        pointer = mouse.w3c_actions.pointer_action
        pointer.move_to_location(round(x), round(from_y)).pointer_down()
        pointer.move_to_location(round(x), round((from_y + to_y) / 2))
        pointer.move_to_location(round(x), round(to_y) - 3).pointer_up()
        mouse.perform()
        self.browser.wait(SHOWN + " === arguments[0]", f"{count} of 16 trials")
        self.settle()
        series = self.browser.run(SERIES, "parallel_chart")
        self.assertEqual([len(one["data"]) for one in series], [count, 16 - count])
        self.browser.screenshot("report_parallel")
        self.find("#brushes button").click()
        self.browser.wait(SHOWN + " === '16 of 16 trials'")

    def test_heat_map_and_importance_agree_with_numpy(self):
        self.select("#metric", "test/elbo")
        self.look_at("heat")
        self.choose("Rows", "loss.beta")
        self.choose("Columns", "model.latent")
        held = self.choose("hidden", "[32]")
        values = self.finals("test/elbo")
        settings = self.settings()
        cells = {tuple(point["value"][:2]): point["value"][2]
                 for point in self.browser.run(SERIES, "heat_chart")[0]["data"]}
        for y, beta in enumerate((1, 4)):
            for x, latent in enumerate((2, 4)):
                rows = settings[beta, latent, held]
                self.assertAlmostEqual(cells[x, y], values[rows].mean(), places=9)
        self.look_at("importance")
        names, shares = self.browser.run("""
            const {yAxis, series} = charts.get(byId("importance_chart")).getOption();
            return [yAxis[0].data, series[0].data]""")
        with h5py.File(self.results) as file:
            beta = file["parameters/loss.beta"][:]
        groups = [values[beta == value] for value in (1, 4)]
        within = sum(((group - group.mean()) ** 2).sum() for group in groups)
        total = ((values - values.mean()) ** 2).sum()
        truth = max(0, (total - within - within / (len(values) - 2)) / total)
        self.assertAlmostEqual(shares[names.index("loss.beta")], truth, places=9)

    def test_arrays_are_shown_per_dimension(self):
        self.look_at("arrays")
        with h5py.File(self.results) as file:
            truth = file["metrics/validation/kl_per_dim_z"][0]
        data = self.browser.run(SERIES, "arrays_chart")[0]["data"]
        truth = truth[:, ~np.isnan(truth[0])]
        order = np.argsort(truth[-1], kind="stable")
        for epoch, place, value in data:
            self.assertAlmostEqual(value, truth[epoch, order[place]], places=4)
        self.assertEqual(len(data), truth.size)

    def test_two_trials_side_by_side(self):
        self.look_at("pair")
        tables = self.browser.run("""
            const rowTexts = ({cells}) => Array.from(cells, (cell) => cell.textContent);
            return Array.from(document.querySelectorAll("#pair_body table"),
                              ({rows}) => Array.from(rows, rowTexts))""")
        a, b = self.browser.run("return [Number(pair.a.select.value), Number(pair.b.select.value)]")
        differing = {row[0]: row[1:] for row in tables[0]}
        with h5py.File(self.results) as file:
            ids = file["trials/id"].asstr()[:]
            self.assertEqual(differing["id"], [ids[a], ids[b]])
        values = {row[0]: row[1:] for row in tables[1]}
        for metric in ("test/elbo", "train/loss"):
            truth = self.finals(metric)
            for found, expected in zip(values[metric], (truth[a], truth[b], truth[b] - truth[a])):
                self.assertAlmostEqual(float(found), expected, delta=1e-4 * abs(truth[a]))

    def test_texts_stay_texts_and_what_failed_is_told(self):
        self.assertEqual(self.find("h1").text, SCRIPT)
        self.assertIn(HOSTILE, self.find("#leaderboard").text)
        for details in self.find("#overview").find_elements(By.TAG_NAME, "summary"):
            details.click()
        text = self.find("#overview").text
        self.assertIn("1 failed", text)
        self.assertEqual(text.count(SCRIPT), 2)  # the YAML and the error
        for section in ("curves", "matrix", "slices", "pair"):
            self.look_at(section)
        sources = self.browser.run("return Array.from(document.images, (image) => image.src)")
        self.assertTrue(sources)
        self.assertEqual([url for url in sources if not url.startswith("data:image/png")], [])

    def test_the_keyboard_reaches_and_works_everything(self):
        driver = self.browser.driver
        reached = []
        for _ in range(60):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            active = driver.switch_to.active_element
            reached.append(active.get_attribute("id") or active.tag_name)
            if reached[-1] == "filter":
                active.send_keys("latent=2")
                self.browser.wait(SHOWN + " === '8 of 16 trials'")
            if reached[-1] == "curves_log":
                active.send_keys(Keys.SPACE)
                self.settle()
                break
        for name in ("theme", "metric", "filter", "board_rows", "hide_all", "show_all", "curves_x"):
            self.assertIn(name, reached)
        self.assertLess(reached.index("metric"), reached.index("filter"))
        kind = "return charts.get(byId('curves_chart')).getOption().yAxis[0].type"
        self.assertEqual(self.browser.run(kind), "log")
        unnamed = self.browser.run("""return Array.from(
            document.querySelectorAll("select, input, button"),
            (one) => one.labels?.length || one.textContent || one.ariaLabel ||
                one.getAttribute("aria-label") ? "" : one.outerHTML).filter((text) => text)""")
        self.assertEqual(unnamed, [])
        self.look_at("curves")
        self.assertIn("validation/elbo against epoch",
                      self.find("#curves_chart").get_attribute("aria-label"))

    def test_it_is_readable_on_wide_and_narrow_screens_light_and_dark(self):
        browser = self.browser
        for width in (1280, 390):
            browser.resize(width)
            browser.wait("return innerWidth === arguments[0]", width)
            for theme in ("light", "dark"):
                with self.subTest(theme=theme, width=width):
                    self.select("#theme", theme)
                    for section in browser.run(
                            "return Array.from(sectionDrawers.keys(), ({id}) => id)"):
                        self.look_at(section)
                        browser.screenshot(f"report_{theme}_{width}_{section}")
                    self.assertLessEqual(
                        browser.run("return document.documentElement.scrollWidth"), width)
                    self.check_contrast(theme)
                    browser.run("scrollTo(0, 0)")

    def check_contrast(self, theme):
        """WCAG 2.1 AA: 4.5 for text, 3 for lines and points."""
        colour = {name: self.browser.run("return css('--' + arguments[0])", name)
                  for name in ("paper", "panel", "ink", "faint", "accent", "bad")}
        for name in ("ink", "faint", "accent", "bad"):
            for ground in ("paper", "panel"):
                self.assertGreaterEqual(contrast(colour[name], colour[ground]), 4.5,
                                        (theme, name, ground))
        for line in self.browser.run("return [...Array.from({length: 10}, (_, i) => colour(i)), "
                                     "...lineScale()]"):
            self.assertGreaterEqual(contrast(line, colour["paper"]), 3, (theme, line))


class LittleToShow(EndToEnd):
    def open_report(self, name):
        browser = Browser()
        self.addCleanup(browser.close)
        self.varia("report", f"results/{name}.h5")
        browser.open("file://" + self.path(f"results/{name}.html"))
        browser.wait(SHOWN)
        for section in browser.run("return Array.from(document.querySelectorAll("
                                   "'main > section:not([hidden])'), ({id}) => id)"):
            browser.run("document.getElementById(arguments[0]).scrollIntoView()", section)
            browser.wait(QUIET)
        self.assertEqual(browser.errors(), [])
        return browser

    def shown_sections(self, browser):
        return [section.get_attribute("id") for section in browser.driver.find_elements(
            By.CSS_SELECTOR, "main > section") if section.is_displayed()]

    def test_one_trial_has_no_sections_that_compare(self):
        self.experiment("one", "train: {epochs: 1}\n")
        self.varia("run", "one.yaml", "-q")
        browser = self.open_report("one")
        self.assertEqual(self.shown_sections(browser),
                         ["overview", "leaderboard", "curves", "plane", "arrays"])
        self.assertIn("Ranked on the test set",
                      browser.driver.find_element(By.ID, "ranked_on").text)

    def test_trials_that_all_failed_are_told_with_their_reasons(self):
        self.experiment("bad", "optimizer: {use: sgd, lr: 1000}\nsweep: {loss.beta: [1, 4]}\n")
        self.varia("run", "bad.yaml", "-q", code=1)
        browser = self.open_report("bad")
        browser.driver.find_element(By.CSS_SELECTOR, "#problems summary").click()
        text = browser.driver.find_element(By.ID, "overview").text
        self.assertIn("2 failed", text)
        self.assertIn("not finite", text)


class ReportCommand(EndToEnd):
    def test_pictures_beyond_the_limit_are_left_out_and_counted(self):
        self.experiment("e", "views: [{use: reconstructions, every: 1}]\n"
                             "sweep: {loss.beta: [1, 4]}\n")
        self.varia("run", "e.yaml", "-q")
        told = self.varia("report", "results/e.h5", "--json").json
        self.assertEqual((told["file"], told["trials"]), ("results/e.html", 2))
        self.assertEqual((told["pictures"], told["pictures_left_out"]), (4, 0))
        self.assertEqual(told["bytes"], os.path.getsize(self.path("results/e.html")))
        out = self.varia("report", "results/e.h5", "-o", "none.html", "--pictures", "0").out
        self.assertIn("4 pictures did not fit into 0 MB and were left out", out)
        both = self.varia("report", "results/e.h5", "results/e.h5", "-o", "both.html",
                          "--json").json
        self.assertEqual(both["trials"], 4)

    def test_what_is_no_results_file_is_refused_and_results_are_not_replaced(self):
        self.write("no.h5", "text")
        self.refused("report", "no.h5")
        self.assertFalse(os.path.exists(self.path("no.html")))
        self.experiment("e", "train: {epochs: 1}\n")
        self.varia("run", "e.yaml", "-q")
        self.assertIn("is the results file itself", self.refused("report", "results/e.h5", "-o",
                                                                 "results/e.h5"))
        self.varia("status", "e")


if __name__ == "__main__":
    unittest.main()
