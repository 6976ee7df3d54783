"""The report of a random search: many values of each parameter, hardly two trials with the same."""
import unittest

from report_page import ROWS, SERIES, SHOWN, ReportPage

COUNT = 36  # squared it is more cells than a table of pictures has

EXPERIMENT = f"""
data: {{batch: 32, validation: 0.2}}
train: {{epochs: 1}}
views: [{{use: reconstructions, count: 4}}]
sweep:
  random:
    count: {COUNT}
    loss.beta: {{uniform: [1, 4]}}
    optimizer.lr: {{log_uniform: [1e-4, 1e-2]}}
"""


class ReportSearch(ReportPage):
    def make_results(self):
        self.experiment("sweep", EXPERIMENT)
        self.varia("run", "sweep.yaml", "-q", "-o", self.kept)

    def filtered(self, text, shown):
        box = self.find("#filter")
        box.clear()
        box.send_keys(text)
        self.browser.wait(SHOWN + f" === '{shown} of {COUNT} trials'")
        self.settle()

    def test_each_trial_has_a_line_of_pictures(self):
        self.look_at("matrix")
        lines = self.browser.run("""return Array.from(document.querySelectorAll(
            "#matrix_table tbody tr"), (row) => [row.cells[0].textContent, row.cells.length,
                                                 row.querySelectorAll("img").length])""")
        self.assertEqual(len(lines), COUNT)
        for head, cells, images in lines:
            self.assertRegex(head, r"^beta=\d\S*, lr=0.0\d+$")
            self.assertEqual((cells, images), (2, 1))

    def test_settings_are_points_in_the_plane_of_two_parameters(self):
        self.look_at("heat")
        (points,) = self.browser.run(SERIES, "heat_chart")
        self.assertEqual((points["type"], len(points["data"])), ("scatter", COUNT))
        found = sorted(point["value"] for point in points["data"])
        rows = self.browser.run("""return settings.map(({trials: [trial]}) => [
            axisValue("optimizer.lr", trial), axisValue("loss.beta", trial)])""")
        self.assertEqual([value[:2] for value in found], sorted(rows))
        kinds = self.browser.run("""const {xAxis, yAxis} = charts.get(byId("heat_chart")).getOption();
                                    return [xAxis[0].type, yAxis[0].type]""")
        self.assertEqual(kinds, ["log", "value"])

    def test_a_number_is_found_as_it_is_shown(self):
        row = self.browser.run(ROWS)[0]
        beta, rate = row[3:5]
        self.filtered(f"beta = {beta}", 1)
        self.filtered(f"beta = {beta} lr = {rate}", 1)
        self.filtered(f"beta != {beta}", COUNT - 1)

    def test_what_is_hidden_has_no_rank_and_follows_the_filter(self):
        best, second = self.browser.run(ROWS)[:2]
        self.assertEqual([row[2] for row in (best, second)], ["1", "2"])
        self.find("#board_body tr input").click()
        self.settle()
        rows = {row[0]: row for row in self.browser.run(ROWS)}
        self.assertEqual([rows[row[0]][2] for row in (best, second)], ["–", "1"])
        self.filtered(f"beta != {best[3]} beta != {second[3]}", COUNT - 2)
        self.assertNotIn(best[0], [row[0] for row in self.browser.run(ROWS)])

    def test_what_has_no_logarithm_is_said(self):
        self.look_at("curves")
        self.find("#curves_log").click()
        self.settle()
        self.assertIn("validation/elbo has no positive values", self.find("#curves_note").text)
        self.select("#metric", "validation/loss")
        self.look_at("curves")
        drawn = [one for one in self.browser.run(SERIES, "curves_chart") if one["type"] == "line"]
        self.assertTrue(drawn)
        self.assertTrue(all(value > 0 for one in drawn for _, value in one["data"]))
        self.assertNotIn("logarithm", self.find("#curves_note").text)


if __name__ == "__main__":
    unittest.main()
