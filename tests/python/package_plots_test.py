"""Plots of comparisons in Python: what is drawn where, in the size of a figure of a paper."""
import sys
import unittest
from unittest import mock

import numpy as np
import pandas as pd
from package_case import Package

import varia
from varia.comparison import Comparison
from varia.trials import value_text


class Plots(Package):
    """Plots of comparisons: settings that a test chooses, in place of what the program computes."""

    def drawn(self, plot, rows, *arguments):
        """The axes of a plot of settings with the keys a and b, in the size of a figure of a paper.

        @param rows [(a, b, value, half of the interval)]
        """
        from matplotlib import rc_context
        from matplotlib.figure import Figure
        from varia.figures import STYLE, fit

        table = pd.DataFrame(rows, columns=["a", "b", "value", "half"])
        table = table.assign(low=table["value"] - table["half"],
                             high=table["value"] + table["half"], metric="m", estimate="mean")
        comparison = Comparison(table=table, seeds=table, keys=["a", "b"], over=[], best=[],
                                metrics=["m"], units={}, ranked_by="m", notes=[])
        compared = mock.patch.object(varia.Results, "compare", return_value=comparison)
        with rc_context(STYLE), compared:
            ax = Figure(layout="constrained").subplots()
            getattr(self.results.plot, plot)("m", *arguments, ax=ax)
            fit(ax.figure, plot, 85)
        ax.figure.draw_without_rendering()
        return ax

    def test_a_trial_without_values_of_a_metric_has_no_bars(self):
        def take_back(file):
            file["trials/epochs_done"][8] = 0
            file["metrics/test/kl_per_dim_z"][4] = np.nan
        with varia.open(self.changed(take_back)) as results:
            for trial in (8, 4):
                self.assertEqual(
                    self.refused(results.plot.per_dimension, "test/kl_per_dim_z", trial),
                    f"changed.h5: trial 000000000000010{trial} has no values of test/kl_per_dim_z")
            self.assertEqual(len(results.plot.per_dimension("test/kl_per_dim_z", 3).patches), 3)

    def shifts(self, ax):
        """Where the points of each line are drawn along x, and how far that is from their places,
        in points."""
        lines = [bars.lines[0] for bars in ax.containers]
        drawn = [line.get_transform().transform(line.get_xydata())[:, 0] for line in lines]
        places = [ax.transData.transform(line.get_xydata())[:, 0] for line in lines]
        points = 72 / ax.figure.dpi
        return ([points * x for x in drawn],
                [points * (x - place) for x, place in zip(drawn, places)])

    def test_lines_that_share_places_stand_apart_within_the_gap_between_places(self):
        for places, count in (([1, 2, 3, 4, 5, 6], 8), ([1, 2], 12), ([1, 2, 4, 8, 100], 60),
                              (["p", "q"], 3), ([1], 200)):
            with self.subTest(places=places, lines=count):
                ax = self.drawn("means", [(a, b, b, 1) for b in range(count) for a in places], "a")
                drawn, shifts = self.shifts(ax)
                left, right = ax.bbox.x0 * 72 / ax.figure.dpi, ax.bbox.x1 * 72 / ax.figure.dpi
                self.assertGreater(np.min(drawn), left)
                self.assertLess(np.max(drawn), right)
                first = [shift[0] for shift in shifts]
                self.assertEqual(len(first), count)
                apart = np.diff(first)
                np.testing.assert_allclose(apart, apart[0])
                self.assertGreater(apart[0], 0)
                self.assertLess(apart[0], 5.001)
                if len(places) > 1:
                    gap = np.diff(drawn[0]).min()
                    self.assertLess(first[-1] - first[0], 0.601 * gap)
                self.assertAlmostEqual(np.mean(first), 0)

    def test_a_line_that_shares_no_place_is_drawn_at_its_own(self):
        rows = [(1 + 0.01 * b, b, b, 1) for b in range(300)] + [(1, 300, 0, 1)]
        _, shifts = self.shifts(self.drawn("means", rows, "a"))
        self.assertEqual([number for number, shift in enumerate(shifts) if abs(shift[0]) > 1e-6],
                         [0, 300])

    def test_a_mean_of_one_seed_has_no_error_bar(self):
        ax = self.drawn("means", [(1, 0, 5, np.nan), (2, 0, 6, 1), (1, 1, 7, np.nan)], "a")
        first, second = ax.containers
        segments = [segment for segment in first.lines[2][0].get_segments()
                    if np.isfinite(segment).all() and len(segment)]
        np.testing.assert_allclose(segments, [[[2, 5], [2, 7]]])
        for cap in first.lines[1]:
            self.assertEqual(np.isfinite(cap.get_ydata(orig=False)).sum(), 1)
        self.assertEqual(second.lines[1:], ((), ()))

    def test_seeds_that_agree_have_an_error_bar_of_no_length(self):
        # Ends of an interval that differ from the mean by rounding.
        rows = [(a, 0, 0.1, -1e-17 * a) for a in (1, 2)] + [(3, 0, 0.1, np.nan)]
        (bars,) = self.drawn("means", rows, "a").containers
        segments = [segment for segment in bars.lines[2][0].get_segments()
                    if np.isfinite(segment).all() and len(segment)]
        np.testing.assert_allclose(segments, [[[a, 0.1], [a, 0.1]] for a in (1, 2)])
        self.drawn("bars", rows)

    def test_a_heat_map_has_numbers_in_the_cells_that_have_values_and_within_them(self):
        rows = [(a, b, -123.456 - a, 1) for a in range(12) for b in range(12) if (a + b) % 3]
        ax = self.drawn("heat_map", [*rows, (0, 0, np.nan, 1)], "a", "b")
        self.assertEqual(sorted((*text.get_position(), text.get_text()) for text in ax.texts),
                         [(a, b, f"{value:.5g}") for a, b, value, _ in rows])
        for text in ax.texts:
            self.assertLess(text.get_window_extent().width, ax.bbox.width / 12)

    def test_names_along_an_axis_do_not_overlap(self):
        for values in (12345.6 + np.arange(12), 12345.6 + np.arange(200),
                       np.round(1.25 ** np.arange(25), 4)):
            rows = [(value, value, 1, 1) for value in values]
            for plot, keys in (("means", "a"), ("heat_map", "ab")):
                with self.subTest(plot=plot, values=len(values)):
                    ax = self.drawn(plot, rows, *keys)
                    for axis in (ax.xaxis, ax.yaxis):
                        boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
                        self.assertGreater(len(boxes), 3)
                        for box, other in zip(boxes, boxes[1:]):
                            self.assertTrue(box.x1 < other.x0 or box.y1 < other.y0)
                    expected = [value_text(value) for value in values]
                    names = [label.get_text() for label in ax.get_xticklabels()]
                    self.assertEqual(names, [name for name in expected if name in names])
                    if len(values) == 12:
                        self.assertEqual(names, expected)

    def test_names_that_fit_in_a_row_do_not_stand_upright(self):
        ax = self.drawn("means", [(a, 0, a, 1) for a in (1, 2, 4)], "a")
        found = [(label.get_text(), label.get_rotation()) for label in ax.get_xticklabels()]
        self.assertEqual(found, [("1", 0), ("2", 0), ("4", 0)])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
