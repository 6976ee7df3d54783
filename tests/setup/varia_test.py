"""Tests of the real tools/varia, on the build folder that these tests belong to."""

import pathlib
import subprocess
import unittest

VARIA = pathlib.Path(__file__).resolve().parents[2] / "tools" / "varia"


def run():
    return subprocess.run([str(VARIA), "--version"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=True)


class VariaTest(unittest.TestCase):
    def test_a_second_call_looks_for_no_work_and_prints_nothing_of_its_own(self):
        first, second = run(), run()
        self.assertEqual(second.stderr, "")
        self.assertEqual(second.stdout, first.stdout)
        self.assertIn("varia", second.stdout)


if __name__ == "__main__":
    unittest.main()
