"""A results file of known values: the first argument of a test's command, make_results_example, writes it."""
import os
import subprocess
import sys
import tempfile
import unittest

PATH = "results/beta_sweep.h5"


class ExampleFile(unittest.TestCase):
    """In a new folder, which has the file at PATH."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([sys.argv[1], os.path.join(cls.folder.name, "results")], check=True)
        os.chdir(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.folder.cleanup()
