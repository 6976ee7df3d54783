"""The page of `varia run --live`, in a browser."""
import os
import shutil
import signal
import socket
import threading
import unittest

from browser import Browser
from harness import EndToEnd
from selenium.webdriver.common.action_chains import ActionChains
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

# The points of a setting's curve.
POINTS = """return charts.get(document.getElementById("curves_chart"))?.getOption().series
    .findLast(({name}) => name === trialLabel(arguments[0]) ||
                          name === settingOf[arguments[0]].label)?.data.length"""
TITLE = "return charts.get(document.getElementById('curves_chart'))?.getOption().yAxis[0].name"
STATE = "return told.trials[arguments[0]] && isOpen && field('status', arguments[0])"
# Whether the picture of a trial is there, and is not all black.
DRAWN = """
const image = document.querySelector(`#matrix_table figure[data-trial='${arguments[0]}'] img`);
if (!image?.naturalWidth) return false;
const canvas = Object.assign(document.createElement("canvas"),
                             {width: image.naturalWidth, height: image.naturalHeight});
const context = canvas.getContext("2d");
context.drawImage(image, 0, 0);
return context.getImageData(0, 0, canvas.width, canvas.height).data
    .some((value, i) => i % 4 !== 3 && value > 50);"""
EPOCH = """return Number(document.querySelector(
    `#matrix_table figure[data-trial='${arguments[0]}']`)?.dataset.epoch)"""
STATUS = "return document.getElementById('status').textContent"
# Tells of some trials as a run does: {swept, notes, loss} of each.
TELL = """
const [trials, done] = arguments;
window.like ??= knownTrials()[0];
forgetAll();
takeEvent({experiment: "e", state: "running", default_metric: "test/loss", notes: [],
           metrics: ["test/loss", "test/kl"].map((name) => ({name, units: "nats", better: "lower"})),
           trials: trials.map(({loss, ...more}, index) => ({
             ...like, index, id: `${index}`, step: 1, steps: 2, target_epochs: 2, first_record: 0,
             pictures: [], points: [], ...more,
             records: [{epoch: 1, seconds: 1, values: {"test/loss": loss, "test/kl": 1}}]}))});
draw().then(() => done(""), (error) => done(String(error)));"""


class LivePage(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        shutil.copy(self.path("train.idx"), self.path(HOSTILE))
        self.experiment("e", EXPERIMENT)

    def watch(self, *arguments, opened=False, **start):
        """A run whose page is open in the browser.
        @param opened the page is open already"""
        port = [] if "--live-port" in arguments else ["--live-port", "0"]
        process = self.start("run", "e.yaml", "--live", *port, *arguments,
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
        if not opened:
            self.browser.open(self.url)
        return process

    def end(self, process, code, state):
        """The run ends, and the page says so. @returns what the run printed"""
        out, _ = process.communicate(timeout=1000)  # beside others a run may take long
        self.assertEqual(process.returncode, code)
        self.browser.wait("return document.getElementById('status').dataset.state === arguments[0]",
                          state)
        return out

    def look_at(self, section):
        """Sections are drawn, and pictures fetched, when they come into sight."""
        self.browser.wait("return !document.getElementById(arguments[0]).hidden", section)
        self.browser.run("document.getElementById(arguments[0]).scrollIntoView()", section)

    def assert_clean(self):
        # After the end the page looks whether another run is at its address.
        self.assertEqual([error for error in self.browser.errors()
                          if not ("/events" in error and "ERR_CONNECTION_REFUSED" in error)], [])
        requests = self.browser.requests()
        self.assertIn(self.url + "events", requests)
        own = (self.url, "data:image/png")  # the latter: a picture that is enlarged
        self.assertEqual([url for url in requests if not url.startswith(own)], [])

    def test_curves_and_pictures_change_until_the_run_is_finished(self):
        browser = self.browser
        process = self.watch()
        browser.run("window.same_page = true")
        browser.wait(STATE + " === 'running'", 0)
        self.look_at("curves")
        browser.wait(POINTS + " >= 2", 0)
        points = browser.run(POINTS, 0)
        browser.wait(POINTS + " > arguments[1]", 0, points)
        self.look_at("matrix")
        browser.wait(DRAWN, 0)
        epoch = browser.run(EPOCH, 0)
        browser.wait(EPOCH + " > arguments[1]", 0, epoch)
        # A trial that fails says why, while others go on.
        browser.wait(STATE + " === 'failed'", 1)
        self.look_at("overview")
        browser.wait("return document.getElementById('problems').textContent"
                     ".includes('not finite')")
        status = browser.run(STATUS)
        self.assertRegex(status, r"^running: 0 of 4 trials done, [12] failed · .*epochs/(s|min) · about ")
        browser.screenshot("running")

        out = self.end(process, 1, "finished")
        self.assertIn("2 trained, 0 kept, 2 failed", out)
        self.assertRegex(browser.run(STATUS), r"^finished: 2 of 4 trials done, 2 failed · ")
        self.assertEqual([browser.run(STATE, i) for i in range(4)],
                         ["done", "failed", "done", "failed"])
        offer = browser.run("return document.querySelector('#report_offer code').textContent")
        self.assertEqual(offer, "varia report results/e.h5")
        self.look_at("curves")
        browser.wait(POINTS + " === 200", 0)
        browser.wait(POINTS + " === 200", 2)
        self.look_at("matrix")
        browser.wait(EPOCH + " === 200 && true", 0)
        browser.wait(DRAWN, 2)
        self.assertTrue(browser.run("return window.same_page"))
        # Texts stay texts.
        label = browser.run("return trialLabel(2)")
        self.assertEqual(label, f"images={HOSTILE}, lr=0.001")
        self.assertEqual(browser.run("return Array.from(document.images, ({src}) => src)"
                                     ".filter((src) => !src.startsWith('data:image/png'))"), [])
        self.assert_clean()

    def test_events_may_tell_of_trials_in_any_order(self):
        self.watch()
        self.browser.wait(STATE + " === 'running'", 0)
        # As a burst of events may come: the last trial before the others.
        rows = self.browser.driver.execute_async_script("""
            const [like] = knownTrials();
            forgetAll();
            takeEvent({experiment: "e", state: "running", default_metric: "test/loss", notes: [],
                       metrics: [{name: "test/loss", units: "nats", better: "lower"}],
                       trials: [{...like, index: 3, id: "c", step: 1, steps: 2, target_epochs: 2,
                                 first_record: 0, pictures: [], points: [],
                                 records: [{epoch: 1, seconds: 1, values: {"test/loss": 3}}]}]});
            draw().then(() => arguments[0](
                [trialCount, field("id", 0), field("epochs_done", 0)]));""")
        self.assertEqual(rows, [1, "c", 1])
        self.assertEqual([error for error in self.browser.errors() if "Error: " in error], [])

    def test_what_is_chosen_stays_chosen_while_events_arrive(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=20000", "--jobs", "1")
        self.look_at("curves")
        browser.wait(POINTS + " >= 2", 0)
        browser.wait(TITLE + " === 'test/elbo [nats]'")
        browser.driver.find_element(By.ID, "metric").send_keys("train/kl")
        browser.wait(TITLE + " === 'train/kl [nats]'")
        browser.driver.find_element(By.ID, "curves_log").send_keys(Keys.SPACE)
        browser.wait("return charts.get(byId('curves_chart')).getOption().yAxis[0].type === 'log'")
        browser.driver.find_element(By.ID, "filter").send_keys("train")
        browser.wait("return state.shown.length === 1")
        self.look_at("matrix")
        browser.driver.find_element(By.CSS_SELECTOR, "#matrix_controls select").send_keys("samples")
        browser.wait("return location.hash.includes('matrix.view=samples')")
        before = browser.run("return epochCount")
        browser.wait("return epochCount > arguments[0] + 2", before)
        # One slider moves all of it to an epoch, also while more come.
        browser.driver.find_element(By.ID, "epoch").send_keys(Keys.HOME)
        browser.wait("return state.epoch === 1")
        before = browser.run("return epochCount")
        browser.wait("return epochCount > arguments[0]", before)
        self.assertEqual(browser.run("return [state.epoch, state.metric, state.shown.length]"),
                         [1, "train/kl", 1])
        self.assertEqual(browser.run(TITLE), "train/kl [nats]")
        self.assertEqual(browser.run("return byId('filter').value"), "train")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_the_page_comes_back_when_a_run_starts_again_at_its_address(self):
        browser = self.browser
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        arguments = ["optimizer.lr=1e-3", "train.epochs=5000", "--live-port", port]
        process = self.watch(*arguments)
        browser.run("window.same_page = true")
        browser.wait("return isOpen && epochCount >= 2")
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        done = browser.run("return epochCount")
        again = self.watch(*arguments, opened=True)
        browser.wait("return told.run.state === 'running' && epochCount > arguments[0]", done)
        self.assertTrue(browser.run("return window.same_page"))
        self.assertIsNone(browser.run("return document.getElementById('report_offer')"))
        again.send_signal(signal.SIGINT)
        self.end(again, 75, "interrupted")

    def test_a_run_that_is_killed_is_noticed(self):
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        self.browser.wait("return isOpen && epochCount >= 1")
        process.kill()
        self.browser.wait("return document.getElementById('status').dataset.state === 'lost'")

    def test_a_filter_on_a_metric_holds_again_once_the_next_run_has_the_metric(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        browser.wait("return isOpen && epochCount >= 1")
        process.kill()
        browser.wait("return document.getElementById('status').dataset.state === 'lost'")
        browser.driver.find_element(By.ID, "filter").send_keys("test/loss>=2")
        browser.wait("return state.filter !== null")
        # The next run at the address has measured nothing yet, and then something.
        found = browser.driver.execute_async_script("""
            const [done] = arguments;
            const [like] = knownTrials();
            const trials = ["c", "d"].map((id, index) => ({
              ...like, index, id, running: true, step: 1, steps: 2, target_epochs: 2,
              first_record: 0, records: [], pictures: [], points: []}));
            const tell = async (metrics, records) => {
              takeEvent({experiment: "e", state: "running", default_metric: metrics[0]?.name ?? "",
                         notes: [], metrics,
                         trials: trials.map((trial, i) => ({...trial, records: records[i]}))});
              await draw();
              return [state.shown, byId("filter_error").textContent];
            };
            const record = (loss) => [{epoch: 1, seconds: 1, values: {"test/loss": loss}}];
            (async () => {
              forgetAll();
              const before = await tell([], [[], []]);
              const after = await tell([{name: "test/loss", units: "nats", better: "lower"}],
                                       [record(1), record(3)]);
              return [...before, ...after];
            })().then(done, (error) => done([String(error)]));""")
        self.assertEqual(found, [[0, 1], "Nothing is called test/loss.", [1], ""])

    def tell(self, *trials):
        """Shows what a run tells of trials; the run that was watched is gone.
        @param trials {"swept", "notes", "loss"}, the last of their only epoch"""
        self.assertEqual(self.browser.driver.execute_async_script(TELL, trials), "")

    def lose(self):
        """A page whose run nobody hears any more."""
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000")
        self.browser.wait("return isOpen && epochCount >= 1")
        process.kill()
        self.browser.wait("return document.getElementById('status').dataset.state === 'lost'")

    def test_parallel_coordinates_follow_the_range_of_the_metric_and_keep_brushes(self):
        browser = self.browser
        self.lose()

        def tell(*losses):
            self.tell(*({"swept": {"loss.beta": i}, "loss": loss} for i, loss in enumerate(losses)))
            browser.run("byId('parallel_chart').scrollIntoView({block: 'center'})")
            return browser.wait("""
                const option = charts.get(byId("parallel_chart"))?.getOption();
                if (option?.visualMap[0].max !== arguments[0]) return null;
                return [option.visualMap[0].min, option.parallelAxis.at(-1).type]""", max(losses))

        self.assertEqual(tell(2, 3, 4), [2, "value"])
        self.assertEqual(tell(1, 3, 5), [1, "value"])
        browser.run("state.brush.set('loss.beta', {texts: ['1', '2']}); parallel.fresh = true;"
                    "changed()")
        browser.wait("return state.shown.length === 2")
        self.assertEqual(tell(1, 3, 400), [1, "log"])
        self.assertEqual(browser.run("return state.shown"), [1, 2])
        browser.wait("""return charts.get(byId("parallel_chart")).getModel()
            .getComponent("parallelAxis", 0).activeIntervals.length === 1""")

        # What was dragged along an axis goes on when a range changes meanwhile.
        browser.run("state.brush.clear(); parallel.fresh = true; changed()")
        browser.wait("return state.shown.length === 3")
        self.assertEqual(tell(2, 3, 4), [2, "value"])
        (x, y), (_, middle), (_, top) = browser.run("""
            const plane = charts.get(byId("parallel_chart")).getModel().getSeriesByIndex(0)
                .coordinateSystem;
            const box = byId("parallel_chart").getBoundingClientRect();
            return ["0", "1", "2"].map((value) => {
              const [x, y] = plane.dataToPoint(value, plane.dimensions[0]);
              return [Math.round(box.x + x), Math.round(box.y + y)];
            })""")
        mouse = ActionChains(browser.driver)
        pointer = mouse.w3c_actions.pointer_action
        pointer.move_to_location(x, (y + middle) // 2).pointer_down()
        pointer.move_to_location(x, middle)
        mouse.perform()
        self.assertEqual(tell(1, 3, 5), [1, "value"])
        mouse = ActionChains(browser.driver)
        mouse.w3c_actions.pointer_action.move_to_location(x, top - 3).pointer_up()
        mouse.perform()
        browser.wait("return String(state.shown) === '1,2'")

    def test_a_number_that_some_trials_lack_stays_a_number(self):
        browser = self.browser
        self.lose()
        self.tell({"swept": {"loss.use": "elbo"}, "notes": {}, "loss": 1},
                  *({"swept": {"loss.use": "beta", "loss.beta": beta}, "notes": {"why": "to see"},
                     "loss": 2} for beta in (2, 10)))
        self.assertEqual(browser.run("return axes.map((key) => [key, isNumeric(key)])"),
                         [["loss.use", False], ["loss.beta", True]])
        for text, shown in [("beta >= 4", [2]), ("beta = none", [0]), ("notes.why != none", [1, 2])]:
            box = browser.driver.find_element(By.ID, "filter")
            box.clear()
            box.send_keys(text)
            browser.wait("return byId('filter_error').textContent === '' &&"
                         "JSON.stringify(state.shown) === arguments[0].replaceAll(' ', '')",
                         str(shown))
        browser.run("byId('filter').value = ''; takeFilter()")
        for section in ("plane", "slices", "parallel", "heat"):
            self.look_at(section)
            browser.wait("return charts.has(document.querySelector(`#${arguments[0]} .chart`))",
                         section)
        self.assertEqual(browser.run("return columnFields().includes('notes')"), False)
        self.assertIn("notes.why", browser.run("return otherParameters()"))
        self.assertEqual([error for error in browser.errors() if "Error: " in error], [])

    def test_replicates_are_one_curve_and_trials_of_an_earlier_run_are_shown(self):
        self.varia("run", "e.yaml", "optimizer.lr=1e-3", "data.images=train.idx", "train.epochs=3",
                   "replicates=2")
        process = self.watch("optimizer.lr=1e-3", "data.images=train.idx", "train.epochs=3",
                             "replicates=200", "--jobs", "1")
        browser = self.browser
        browser.wait(STATE + " === 'done'", 1)
        self.look_at("curves")
        browser.wait(POINTS + " === 3", 0)
        names = browser.run("return charts.get(byId('curves_chart')).getOption().series"
                            ".map(({name, type}) => [name, type])")
        self.assertIn("custom", [kind for _, kind in names])  # the band
        self.assertEqual(browser.run("return settings.length"), 1)
        self.assertTrue(browser.run("return trialLabel(0)").endswith("replicate 0"))
        self.look_at("matrix")
        browser.wait(EPOCH + " === 3", 0)
        browser.wait(DRAWN, 0)
        # Half-widths are Student's: those that scipy.stats.t.ppf(0.975, n - 1) gives.
        for degrees, quantile in [(1, 12.7062), (9, 2.26216), (10, 2.22814), (30, 2.04227)]:
            self.assertAlmostEqual(browser.run("return studentQuantile(arguments[0])", degrees),
                                   quantile, delta=2e-4)
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")

    def test_scatter_plots_are_drawn(self):
        browser = self.browser
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000",
                             f"plugins=[{os.environ['VARIA_RINGS']}]",
                             "views=[{use: rings, every: 1}]")
        browser.wait(STATE + " === 'running'", 0)
        self.look_at("scatter")
        browser.wait("return charts.has(document.querySelector('#scatter_charts .chart'))")
        browser.wait("return document.querySelector('#scatter_charts figcaption')?.textContent")
        browser.screenshot("scatter")
        labels, points, text = browser.wait("""
            const figure = document.querySelector("#scatter_charts figure");
            const series = charts.get(figure?.querySelector(".chart"))?.getOption().series;
            const text = figure?.querySelector("figcaption").textContent;
            return series && text && [series.map(({name}) => name),
                    series.reduce((sum, {data}) => sum + data.length, 0), text]""")
        self.assertEqual(labels, [str(label) for label in range(10)])
        self.assertEqual(points, 4000)
        self.assertRegex(text, r"^epoch \d+, 4000 of 12000 points$")
        self.assertEqual(browser.wait("""
            const option = charts.get(document.querySelector("#scatter_charts .chart"))?.getOption();
            return option && [option.xAxis[0].name, option.yAxis[0].name]"""), ["across", "up [nats]"])
        # Both axes hold all points, and little more.
        for low, lowest, highest, high in browser.wait("""
            const chart = charts.get(document.querySelector("#scatter_charts .chart"));
            const points = chart?.getOption().series.flatMap(({data}) => data);
            return points && ["xAxis", "yAxis"].map((name, i) => {
              const [low, high] = chart.getModel().getComponent(name).axis.scale.getExtent();
              const values = points.map((point) => point[i]);
              return [low, Math.min(...values), Math.max(...values), high];
            })"""):
            self.assertLessEqual(low, lowest)
            self.assertGreaterEqual(high, highest)
            self.assertLess(high - low, 1.5 * (highest - lowest))
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_without_the_chart_library_values_and_pictures_are_shown(self):
        browser = self.browser
        empty = self.path("empty")
        os.mkdir(empty)
        process = self.watch("optimizer.lr=1e-3", "train.epochs=5000", environment={
            "VARIA_DATA": empty, "HOME": empty})
        self.look_at("curves")
        browser.wait("return document.getElementById('curves_chart').textContent"
                     ".includes('fetch-data echarts')")
        self.look_at("leaderboard")
        browser.wait("return Array.from(document.querySelectorAll('#board_body td'))"
                     ".some(({textContent}) => /^-\\d+\\.\\d+$/.test(textContent))")
        self.look_at("matrix")
        browser.wait(DRAWN, 0)
        process.send_signal(signal.SIGINT)
        self.end(process, 75, "interrupted")
        self.assert_clean()

    def test_it_is_readable_on_wide_and_narrow_screens_light_and_dark(self):
        browser = self.browser
        process = self.watch()
        browser.wait(STATE + " === 'failed'", 1)
        browser.wait("return isOpen && epochCount >= 3")
        self.look_at("matrix")  # afterwards nobody gives pictures that the page has not fetched
        for trial in (0, 2):
            browser.wait(DRAWN, trial)
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
                    for section in ("leaderboard", "curves", "matrix"):
                        self.look_at(section)
                        browser.screenshot(f"live_{scheme}_{width}_{section}")
        browser.prefer("light")
        browser.resize(1280)
        self.assert_clean()


if __name__ == "__main__":
    unittest.main()
