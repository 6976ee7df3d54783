"""What the tests of the Python package share: PROGRAM PACKAGE are the arguments of their command.

PROGRAM (make_results_example) writes the results file that they read; PACKAGE is the folder tools/python.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py
import pypi  # noqa: F401

PROGRAM, PACKAGE = sys.argv[1:3]
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402

PATH = "results/beta_sweep.h5"


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([PROGRAM, os.path.join(cls.folder.name, "results")], check=True)
        os.chdir(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.folder.cleanup()

    def setUp(self):
        self.results = varia.open(PATH)
        self.addCleanup(self.results.close)

    def changed(self, change):
        """A copy of the file that `change` has edited."""
        shutil.copy(PATH, "changed.h5")
        with h5py.File("changed.h5", "r+") as file:
            change(file)
        return "changed.h5"

    def flipped(self, place):
        """A copy of the file in which the byte at a place is another."""
        with open(PATH, "rb") as file:
            content = bytearray(file.read())
        content[place] ^= 1
        with open("flipped.h5", "wb") as file:
            file.write(content)
        return "flipped.h5"

    def refused(self, call, *arguments, **options):
        """Calls it, which must raise one line. @returns that line"""
        with self.assertRaises(varia.VariaError) as caught:
            call(*arguments, **options)
        self.assertNotIn("\n", str(caught.exception))
        return str(caught.exception)
