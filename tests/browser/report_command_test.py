"""varia report: sweeps that have little to show, and what the command says."""
import os
import shutil
import unittest

from browser import Browser
from harness import EndToEnd
from report_page import QUIET, SHOWN
from selenium.webdriver.common.by import By


class LittleToShow(EndToEnd):
    def open_report(self, name, *others):
        browser = Browser()
        self.addCleanup(browser.close)
        self.varia("report", *(f"results/{one}.h5" for one in (name, *others)), "-o", f"{name}.html")
        browser.open("file://" + self.path(f"{name}.html"))
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
                         ["leaderboard", "curves", "plane", "arrays", "overview"])
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


    def test_files_with_other_parameters_open_on_what_there_is(self):
        # Neither beta nor the validation split is in both files; the sliders' first values are in none.
        for name, more in (("a", "data: {validation: 0.2}\nloss: {use: elbo}\n"
                                 "sweep: {model.latent: [2, 3], loss.beta: [1, 4]}\n"),
                           ("b", "loss: {use: factor_vae}\n"
                                 "sweep: {model.latent: [2, 3], loss.gamma: [2, 8, 9]}\n")):
            self.experiment(name, "train: {epochs: 1}\nviews: [reconstructions]\n" + more)
            self.varia("run", f"{name}.yaml", "-q")
        browser = self.open_report("a", "b")

        def value(name):
            return browser.driver.find_element(By.ID, name).get_attribute("value")

        pictures = browser.driver.find_elements(By.CSS_SELECTOR, "#matrix_table figure")
        self.assertEqual(len(pictures), 2)  # beta = 1 and both latents, of the first file
        self.assertEqual((value("plane_x"), value("plane_y")), ("test/kl", "test/reconstruction"))
        self.assertEqual(browser.run("return charts.get(byId('plane_chart')).getOption()"
                                     ".series[0].data.length + shownSettings().length"), 10)
        example = browser.driver.find_element(By.ID, "filter").get_attribute("placeholder")
        self.assertRegex(example, r"^[a-z.]+ >= [0-9]+$")

    def test_files_of_one_name_in_different_folders_are_told_apart(self):
        self.experiment("sweep", "train: {epochs: 1}\nsweep: {loss.beta: [1, 4]}\n")
        self.varia("run", "sweep.yaml", "-q")
        os.mkdir(self.path("results/again"))
        shutil.copy(self.path("results/sweep.h5"), self.path("results/again"))
        browser = self.open_report("sweep", "again/sweep")
        titles = [f"sweep, sweep.h5 ({number})" for number in (1, 2)]
        self.assertEqual(browser.run("return axisValues('experiment')"), titles)
        self.assertEqual(browser.run("return settings.map(({label}) => label)"),
                         [f"{title}, beta={beta}" for title in titles for beta in (1, 4)])

    def test_each_note_is_a_column(self):
        self.experiment("noted", "train: {epochs: 1}\nnotes: {why: to see}\n")
        self.varia("run", "noted.yaml", "-q")
        browser = self.open_report("noted")
        browser.run("document.querySelector('#leaderboard .chooser').open = true")
        browser.wait("return document.querySelector('#board_columns input')")
        names = browser.run("return Array.from(document.querySelectorAll('#board_columns input'), "
                            "({value}) => value)")
        self.assertIn("notes.why", names)
        self.assertNotIn("notes", names)
        self.assertEqual(browser.run("return parameter('notes.why', 0)"), "to see")


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
        self.assertIn("is given twice", self.refused("report", "results/e.h5", "results/e.h5"))
        shutil.copy(self.path("results/e.h5"), self.path("copy.h5"))
        both = self.varia("report", "results/e.h5", "copy.h5", "-o", "both.html", "--json").json
        self.assertEqual(both["trials"], 4)

    def test_what_is_no_results_file_is_refused_and_results_are_not_replaced(self):
        self.write("no.h5", "text")
        self.refused("report", "no.h5")
        self.assertFalse(os.path.exists(self.path("no.html")))
        self.experiment("e", "train: {epochs: 1}\n")
        self.varia("run", "e.yaml", "-q")
        self.assertIn("is a file that this command reads", self.refused(
            "report", "results/e.h5", "-o", "results/e.h5"))
        self.varia("status", "e")


if __name__ == "__main__":
    unittest.main()
