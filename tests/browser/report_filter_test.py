"""The filter of the report's page: what it takes, and what it says of what it cannot take."""
import unittest

import numpy as np
from report_page import SHOWN, ReportPage

ERROR = "document.getElementById('filter_error').textContent"


class ReportFilter(ReportPage):
    def shown(self, text, count):
        self.filter(text)
        # What is typed by halves may be wrong, and show as many.
        self.browser.wait(f"{SHOWN} === arguments[0] && {ERROR} === ''",
                          f"{count} of 16 trials")

    def test_conditions_are_joined_by_and_or_not_and_parentheses(self):
        for text, count in [
                ("beta >= 4", 8), ("beta>=4", 8), ("loss.beta ≥ 4", 8), ("beta != 1", 8),
                ("not beta = 1", 8), ("beta=4 latent=2", 4), ("beta = 4 and latent < 4", 4),
                ("beta = 4 or latent = 2", 12), ("(beta=4 or latent=2) and replicate = 0", 6),
                ("not (beta=4 or latent=2)", 4), ("beta = 1|4", 16), ("hidden = [32]", 8),
                ('hidden = "[32]"', 8), ("replicate == 1", 8), ("n < 2", 2), ("n = 2", 14),
                ("status = failed", 1), ("tags = none", 0), ("beta=4, latent=2", 0)]:
            with self.subTest(filter=text):
                self.shown(text, count)

    def test_a_metric_may_be_called_as_in_the_heads_of_the_leaderboard(self):
        for name, metric in [("elbo", "validation/elbo"), ("kl", "validation/kl"),
                             ("test/elbo", "test/elbo")]:
            values = np.sort(self.finals(metric))
            bound = float((values[9] + values[10]) / 2)
            self.shown(f"{name} > {bound!r}", 6)
        # Alone it is that of the chosen metric's split.
        train = np.sort(self.finals("train/elbo"))
        bound = float((train[11] + train[12]) / 2)
        self.filter(f"elbo > {bound!r}")
        self.select("#metric", "train/elbo")
        self.browser.wait(SHOWN + " === '4 of 16 trials'")

    def test_a_word_is_part_of_a_name_or_begins_an_id(self):
        self.shown('"latent=4, beta=4"', 4)
        identity = self.browser.run("return field('id', 3)")
        self.shown(identity[:8], 1)

    def test_what_is_wrong_is_said_and_the_last_good_filter_holds(self):
        self.shown("beta = 4", 8)
        for text, error in [
                ("bta >= 4", "Nothing is called bta. Did you mean beta?"),
                ("beta >= four", "beta is a number: expected one after >=, found four."),
                ("beta >=", "Expected a value after beta >=."),
                ("hidden > 3", "hidden has texts for values: use = or != instead of >."),
                ("(beta = 4", "A parenthesis is not closed."), ("beta = 4)", "Unexpected )."),
                (">= 4", "Expected a name before >=."), ("beta = 4 or", "Something is missing at "
                                                                         "the end."),
                ("or beta = 4", "Something is missing before “or”."),
                ('hidden = "[32]', 'The quote "[32] has no end.')]:
            with self.subTest(filter=text):
                self.filter(text)
                self.browser.wait(f"return {ERROR} === arguments[0]", error)
                self.browser.run("return changing")
                self.assertEqual(self.browser.run(SHOWN), "8 of 16 trials")


if __name__ == "__main__":
    unittest.main()
