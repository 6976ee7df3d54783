"""The numbers of the report's page, against those that h5py reads."""
import unittest

import h5py
import numpy as np
from report_page import ROWS, SERIES, ReportPage

# Student's 97.5% quantile for one degree of freedom: scipy.stats.t.ppf(0.975, 1).
STUDENT_1 = 12.706204736432095


class ReportNumbers(ReportPage):
    def test_the_leaderboard_has_means_and_students_intervals_best_first(self):
        self.assertEqual(self.browser.run("return document.getElementById('metric').value"),
                         "validation/elbo")
        self.assertIn("Ranked on the validation split by validation/elbo, the highest first",
                      self.browser.wait("return document.getElementById('ranked_on').textContent"))
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
        keys = ("loss.beta", "model.latent", "model.hidden")
        with h5py.File(self.results) as file:
            columns = [file["parameters/" + key][:].tolist() for key in keys]
        rows = list(zip(*columns))
        different = sorted(set(rows))
        means = np.array([values[[row == one for row in rows]].mean() for one in different])
        total = ((means - means.mean()) ** 2).sum()
        for place, key in enumerate(keys):
            groups = [means[[one[place] == value for one in different]] for value in set(columns[place])]
            within = sum(((group - group.mean()) ** 2).sum() for group in groups)
            truth = max(0, (total - within - within / (len(means) - 2)) / total)
            self.assertAlmostEqual(shares[names.index(key)], truth, places=9)
        self.assertGreater(max(shares), 0)

    def test_a_saved_interval_is_whole_where_the_page_cuts_it(self):
        self.look_at("curves")
        self.assertIn("Intervals are cut", self.find("#curves_note").text)
        saved = self.browser.run("""const box = byId("curves_chart");
            return chartValues(chartOption(box, box.clientWidth))""")
        low, high = (saved[0].index(name) for name in ("low", "high"))
        found = [(row[low], row[high]) for row in saved[1:] if row[0].endswith(", interval")]
        with h5py.File(self.results) as file:
            elbo = file["metrics/validation/elbo"][:]
        truth = []
        for rows in self.settings().values():
            if len(rows) == 2:  # Student's interval of two: 12.706204736 times half of their difference
                half = 12.706204736 * abs(elbo[rows[0]] - elbo[rows[1]]) / 2
                truth += zip(elbo[rows].mean(axis=0) - half, elbo[rows].mean(axis=0) + half)
        np.testing.assert_allclose(sorted(found), sorted(truth), rtol=1e-5)

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
        a, b = self.browser.run("return [Number(pair.a.control.value), Number(pair.b.control.value)]")
        differing = {row[0]: row[1:] for row in tables[0]}
        with h5py.File(self.results) as file:
            ids = file["trials/id"].asstr()[:]
            self.assertEqual(differing["id"], [ids[a], ids[b]])
        values = {row[0]: row[1:] for row in tables[1]}
        for metric in ("test/elbo", "train/loss"):
            truth = self.finals(metric)
            for found, expected in zip(values[metric], (truth[a], truth[b], truth[b] - truth[a])):
                self.assertAlmostEqual(float(found), expected, delta=1e-4 * abs(truth[a]))


if __name__ == "__main__":
    unittest.main()
