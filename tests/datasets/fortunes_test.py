"""The data set `fortunes` against Python's own counts of the same files."""
import collections
import json
import os
import re
import subprocess
import unittest

import numpy as np

PLUGIN = os.path.join(os.environ["VARIA_BUILD_DIR"], "plugins", "fortunes.so")
FOLDER = os.path.join(os.environ.get("VARIA_DATA") or os.path.expanduser("~/.cache/varia"),
                      "fortunes")


@unittest.skipUnless(os.path.isdir(FOLDER), f"there is no {FOLDER}")
class Fortunes(unittest.TestCase):
    def test_the_counts_are_those_of_python(self):
        process = subprocess.run(
            [os.environ["PRINT_SAMPLES"], PLUGIN], text=True, capture_output=True, timeout=300,
            input=json.dumps({"use": "fortunes", "sayings": 100, "words": 12, "test": 0}) + "\n")
        self.assertEqual(process.returncode, 0, process.stderr)
        found = json.loads(process.stdout)
        self.assertEqual(found["likelihood"], "multinomial")
        texts, in_sayings = [], collections.Counter()
        for label, name in enumerate(found["classes"]):
            with open(os.path.join(FOLDER, name), encoding="latin-1") as file:
                for saying in file.read().split("\n%\n"):
                    letters = "".join(c if c.isascii() else " " for c in saying).lower()
                    words = collections.Counter(re.findall("[a-z]{3,}", letters))
                    in_sayings.update(words.keys())
                    texts.append((label, words))
        vocabulary = sorted(word for word, count in in_sayings.items() if count >= 100)
        self.assertEqual(found["features"], vocabulary)
        rows = [(label, [words[word] for word in vocabulary]) for label, words in texts]
        rows = [(label, counts) for label, counts in rows if sum(counts) >= 12]
        np.testing.assert_array_equal(found["train"]["values"], [counts for _, counts in rows])
        self.assertEqual(found["train"]["labels"], [label for label, _ in rows])


if __name__ == "__main__":
    unittest.main()
