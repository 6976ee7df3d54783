"""What is chosen on the report's page stands in its address, and its epoch holds for every section."""
import unittest

import h5py
import numpy as np
from report_page import ROWS, SERIES, SHOWN, ReportPage
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HASH = "return location.hash"
FRAMES = """return new Promise((resolve) => requestAnimationFrame(() => (
    requestAnimationFrame(resolve))))"""


class ReportAddress(ReportPage):
    def reopen(self):
        """Loads the page again from its address alone."""
        address = self.browser.driver.current_url
        self.browser.driver.get("about:blank")
        self.browser.open(address)
        self.browser.wait(SHOWN)
        self.settle()
        self.url = address

    def assert_clean(self):
        self.assertEqual(self.browser.errors(), [])

    def test_a_reload_and_a_link_keep_what_was_chosen(self):
        self.assertIn(self.browser.run(HASH), ("", "#"))
        self.select("#metric", "test/elbo")
        self.filter("beta >= 4 (latent=2 or latent=4)")
        self.browser.wait(SHOWN + " === '8 of 16 trials'")
        self.select("#board_rows", "trials")
        for head in self.find("#board_head").find_elements(By.TAG_NAME, "button"):
            if head.text == "kl":
                head.click()
                break
        self.settle()
        rows = [row[0] for row in self.browser.run(ROWS)]
        self.find(f"#board_body tr[data-row='{rows[0]}'] input").click()
        self.browser.wait(SHOWN + " === '7 of 16 trials'")
        self.browser.run("state.brush.set('model.latent', {texts: ['4']}); changed()")
        self.browser.wait("return document.querySelector('#brushes button')")
        self.show_epoch("2")
        self.select("#curves_x", "seconds")
        self.slide("beta", "4")
        self.select("#theme", "dark")
        self.look_at("slices")
        self.browser.wait(HASH + ".startsWith('#slices&')")
        before = self.browser.run(HASH)
        for part in ("metric=test/elbo", "filter=beta+%3E%3D+4+(latent%3D2+or+latent%3D4)",
                     "epoch=2", "rows=trials", "sort=test/kl", "curves.x=seconds", "theme=dark",
                     f"hidden={rows[0]}", "brush=", "matrix.held="):
            self.assertIn(part, before)

        shown = self.browser.run(SHOWN)
        self.reopen()
        self.browser.wait(HASH + " === arguments[0]", before)
        self.assertEqual(self.browser.run(SHOWN), shown)
        self.assertEqual(self.find("#filter").get_attribute("value"),
                         "beta >= 4 (latent=2 or latent=4)")
        self.assertEqual(self.find("#metric").get_attribute("value"), "test/elbo")
        self.assertEqual(self.browser.run("return state.epoch"), 2)
        self.assertTrue(self.find("#brushes button").is_displayed())
        top = self.browser.run(
            "return document.getElementById('slices').getBoundingClientRect().top")
        self.assertLess(abs(top), 200)

        # A plain link to a section, as a person writes it, keeps nothing else.
        self.browser.run("location.hash = '#pair'")
        self.browser.wait(SHOWN + " === '16 of 16 trials'")
        self.assertEqual(self.find("#metric").get_attribute("value"), "validation/elbo")

    def test_an_address_that_nobody_wrote_is_taken_for_what_it_is(self):
        self.url += "#nowhere&metric=a/b&epoch=99&brush={&hidden=1e9,x&sort=q&filter=%E0%A4%A&page=-3"
        self.browser.open(self.url)
        self.browser.wait(SHOWN + " === '16 of 16 trials'")
        self.settle()
        self.assertEqual(len(self.browser.run(ROWS)), 8)

    def click_link(self, section):
        """Goes to the links at the top of the page as a person does, and clicks one."""
        self.find("body").send_keys(Keys.HOME)
        self.browser.wait("return window.scrollY === 0")
        self.settle()
        self.find(f"#sections a[data-section='{section}']").click()
        self.browser.wait(HASH + ".startsWith('#' + arguments[0])", section)
        self.settle()

    def edge(self, identifier, side):
        return self.browser.run(
            "return document.getElementById(arguments[0]).getBoundingClientRect()[arguments[1]]",
            identifier, side)

    def test_headings_are_not_hidden_by_the_bar_at_the_top(self):
        for section in ("curves", "matrix", "heat"):
            self.click_link(section)
            self.assertGreaterEqual(self.edge(section + "_heading", "top"),
                                    self.edge("toolbar", "bottom") - 1, section)

    def test_a_section_stays_at_the_top_while_those_around_it_are_drawn(self):
        self.click_link("matrix")
        top = self.edge("matrix", "top")
        grow = "document.getElementById(arguments[0]).style.paddingBottom = '700px'"
        for section in ("leaderboard", "curves"):
            self.browser.run(grow, section)
            self.browser.run(FRAMES)
            self.assertAlmostEqual(self.edge("matrix", "top"), top, delta=1)
        ActionChains(self.browser.driver).scroll_by_amount(0, -1500).perform()
        self.browser.wait("return !location.hash.startsWith('#matrix')")
        before = self.browser.run("return window.scrollY")
        self.browser.run(grow, "heat")
        self.browser.run(FRAMES)
        self.assertEqual(self.browser.run("return window.scrollY"), before)

    def test_a_section_that_a_link_asks_for_is_left_by_the_scroll_bar(self):
        self.click_link("matrix")
        self.browser.wait("return 'drawn' in document.documentElement.dataset")
        self.browser.run("window.scrollBy(0, -1500)")
        self.browser.wait("return !location.hash.startsWith('#matrix')")

    def test_a_link_to_the_last_section_is_kept_on_a_slow_machine(self):
        """There the page ends before that section is at the top, and sections are drawn late."""
        self.browser.slow_down(8)
        self.addCleanup(self.browser.slow_down, 1)
        last = self.browser.run("return [...document.querySelectorAll('#sections a')].at(-1)"
                                ".dataset.section")
        self.click_link(last)
        self.reopen()
        self.assertTrue(self.browser.run(HASH).startswith("#" + last))

    def test_one_epoch_holds_for_every_section(self):
        with h5py.File(self.results) as file:
            elbo = file["metrics/validation/elbo"][:]
            kl = file["metrics/validation/kl"][:]
        self.show_epoch("2")
        self.select("#board_rows", "trials")
        heads = self.browser.run("return Array.from(document.querySelectorAll('#board_head th'),"
                                 "(cell) => cell.textContent)")
        column = heads.index("validation/elbo") + 1
        for row in self.browser.run(ROWS):
            self.assertAlmostEqual(float(row[column]), elbo[row[0], 1], delta=6e-3)
        self.look_at("plane")
        rows = next(rows for rows in self.settings().values() if len(rows) == 2)
        label = self.browser.run("return settingOf[arguments[0]].label", rows[0])
        places = {point["label"]: point["value"] for one in self.browser.run(
            SERIES, "plane_chart")[2:] for point in one["data"]}
        np.testing.assert_allclose(places[label][0], kl[rows, 1].mean(), rtol=1e-6)
        self.look_at("matrix")
        self.choose("View", "reconstructions")
        self.assertEqual(self.find("#matrix_table figure").get_attribute("data-epoch"), "2")
        self.look_at("pair")
        self.assertIn("At epoch 2", self.find("#pair_body").text)


if __name__ == "__main__":
    unittest.main()
