"""The data set `table` in experiments: what can be wrong, and a stored trial."""
import os
import unittest

import h5py
import numpy as np
import pandas as pd
from harness import EndToEnd


class Tables(EndToEnd):
    def table(self, name, text, options=""):
        self.write(name + ".csv", text)
        return self.experiment(name, f"data: {{use: table, file: {name}.csv, batch: 4{options}}}\n"
                               "model: {use: mlp_vae, hidden: [8], latent: 2}\ntrain: {epochs: 1}\n")

    def test_what_can_be_wrong_with_a_file_is_one_line_and_code_2(self):
        faults = [
            ("a,b\n1,2\n3,4,5\n", "", "wrong.csv:3: expected 2 cells as in the first row, found 3."),
            ("age,b\n1,2\n", ", columns: [aeg]", "has no column 'aeg'. Did you mean 'age'?"),
            ("a,b\n1,2\n3,x\n", "", "wrong.csv:3: column 'b': expected a number as on line 2, "
             "found 'x'."),
            ("a,b\n", "", "wrong.csv: has no rows."),
            ("a,b\n1,2\n3,2\n5,2\n", ", standardise: zscore",
             "'b' has the one value 2 in the training split, so that it cannot be standardised."),
            ("a\n1\n\"2\n", "", "wrong.csv:3: a quote is out of place or not closed."),
            ("a\n1\n-2\n", ", counts: [a]", "wrong.csv:3: column 'a': expected a whole number")]
        for text, options, expected in faults:
            with self.subTest(expected):
                name = self.table("wrong", text, options)
                self.assertIn(expected, self.refused("check", name))
                self.assertIn(expected, self.refused("run", name))
        os.remove(self.path("wrong.csv"))
        self.assertIn("wrong.csv cannot be read", self.refused("check", "wrong.yaml"))
        self.assertFalse(os.path.exists(self.path("results")))

    def test_a_likelihood_that_does_not_fit_is_refused_and_the_default_fits(self):
        text = "a,c\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in range(12))
        name = self.table("mixed", text, ", test: 0.25, label: c")
        self.varia("check", name)
        self.assertIn("Those that fit: ",
                      self.refused("check", name, "model.likelihood=bernoulli"))

    def test_a_stored_trial_finds_its_statistics_again_and_refuses_a_changed_file(self):
        draw = np.random.default_rng(5)
        frame = pd.DataFrame({"a": draw.normal(0, 5, 60), "b": draw.integers(0, 9, 60),
                              "smoker": draw.choice(["yes", "no"], 60),
                              "kind": draw.choice(["cat", "dog", "emu"], 60)})
        name = self.table("stored", frame.to_csv(index=False),
                          ", label: kind, test: 0.25, folds: 3, fold: 1, standardise: zscore")
        self.varia("run", name, "--quiet")
        codes = []
        for output in ("first.h5", "second.h5"):
            self.varia("encode", "results/stored.h5", "--trial", "0", "-o", output)
            with h5py.File(self.path(output)) as file:
                found = {}
                file.visititems(lambda path, item: found.update({path: item[()]})
                                if isinstance(item, h5py.Dataset) else None)
            codes.append(found)
        self.assertEqual(len(codes[0]["test/labels"]), 15)
        for path, value in codes[0].items():
            self.assertTrue(np.array_equal(value, codes[1][path]), path)
        self.write("stored.csv", frame.to_csv(index=False).replace("yes", "no", 1))
        self.refused("encode", "results/stored.h5", "--trial", "0", "-o", "third.h5")


if __name__ == "__main__":
    unittest.main()
