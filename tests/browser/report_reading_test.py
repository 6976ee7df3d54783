"""The report's page is safe and readable: hostile texts, keyboard, widths, themes."""
import unittest

from browser import contrast
from report_page import HOSTILE, SCRIPT, SHOWN, ReportPage
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class ReportReading(ReportPage):
    def test_texts_stay_texts_and_what_failed_is_told(self):
        self.assertEqual(self.find("h1").text, SCRIPT)
        self.assertIn(HOSTILE, self.find("#leaderboard").text)
        for details in self.find("#overview").find_elements(By.TAG_NAME, "summary"):
            details.click()
        self.browser.wait("return byId('overview').innerText.split(arguments[0]).length >= 3", SCRIPT)
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
        self.assertIn("validation/elbo has no positive values", self.find("#curves_note").text)
        self.find("#curves_log").send_keys(Keys.SPACE)
        self.settle()
        unnamed = self.browser.run("""return Array.from(
            document.querySelectorAll("select, input, button"),
            (one) => one.labels?.length || one.textContent || one.ariaLabel ||
                one.getAttribute("aria-label") || one.querySelector("img")?.alt
                ? "" : one.outerHTML.slice(0, 200)).filter((text) => text)""")
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


if __name__ == "__main__":
    unittest.main()
