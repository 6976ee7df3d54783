"""Choosing trials on the report's page: sorting, hiding, filters, brushing."""
import unittest

import numpy as np
from report_page import ROWS, SERIES, SHOWN, ReportPage
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class ReportChoosing(ReportPage):
    def sort_trials_by_kl(self):
        self.select("#board_rows", "trials")
        self.browser.wait("return document.querySelectorAll('#board_body tr').length === 16")
        button = [head for head in self.find("#board_head").find_elements(By.TAG_NAME, "button")
                  if head.text == "kl"][0]
        button.click()
        self.settle()

    def test_columns_sort_rows_hide_and_trials_are_listed(self):
        self.sort_trials_by_kl()
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

    def test_without_the_column_that_sorts_them_the_best_rows_come_first(self):
        self.sort_trials_by_kl()
        self.assertEqual(self.find("#board_head [aria-sort]").get_attribute("data-key"),
                         "validation/kl")
        self.find("#leaderboard .chooser summary").click()
        self.browser.wait("return document.querySelector('#board_columns input')")
        self.find("#board_columns input[value='validation/kl']").send_keys(Keys.SPACE)
        self.settle()
        self.assertNotIn("validation/kl", self.board_heads())
        self.assertEqual([row[0] for row in self.browser.run(ROWS)],
                         list(np.argsort(-self.finals("validation/elbo"), kind="stable")))
        head = self.find("#board_head [aria-sort]")
        self.assertEqual((head.get_attribute("data-key"), head.get_attribute("aria-sort")),
                         ("validation/elbo", "descending"))

    def board_heads(self):
        return self.browser.run("return Array.from(document.querySelectorAll('#board_head th'), "
                                "(cell) => cell.dataset.key)")

    def test_the_usual_columns_are_those_that_fit_into_the_window(self):
        overhang = """const table = document.querySelector('#leaderboard .table');
            return table.scrollWidth - table.clientWidth"""
        counts = []
        for width in (1280, 900, 1280):
            self.browser.resize(width)
            self.browser.wait("return room.place.startsWith(String(boardTable.clientWidth))")
            self.settle()
            self.assertLessEqual(self.browser.run(overhang), 0, width)
            self.assertIn("validation/elbo", self.board_heads())
            counts.append(len(self.board_heads()))
        self.assertLess(counts[1], counts[0])
        self.assertEqual(counts[2], counts[0])

        # What was chosen by hand stays, and the table scrolls.
        self.find("#leaderboard .chooser summary").click()
        self.browser.wait("return document.querySelector('#board_columns input')")
        for _ in range(4):
            name = self.find("#board_columns input:not(:checked)").get_attribute("value")
            self.find("#board_columns input:not(:checked)").send_keys(Keys.SPACE)
            self.settle()
            self.assertEqual(self.browser.run("return document.activeElement.value"), name)
        self.assertGreater(len(self.board_heads()), counts[0])
        self.assertGreater(self.browser.run(overhang), 0)

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
        self.assertEqual(self.find("#filter_error").text,
                         "Nothing is called lss.beta. Did you mean loss.beta?")
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


    def test_a_metric_chosen_while_another_is_drawn_wins(self):
        chosen = self.browser.run("""
            const select = document.getElementById("metric");
            const names = Array.from(select.options, ({value}) => value);
            for (const name of [...names, ...names.toReversed()]) {
              select.value = name;
              select.dispatchEvent(new Event("change"));
            }
            return select.value""")
        self.settle()
        self.browser.wait("return document.getElementById('ranked_on').textContent"
                          ".includes(arguments[0])", f"by {chosen},")
        self.settle()


if __name__ == "__main__":
    unittest.main()
