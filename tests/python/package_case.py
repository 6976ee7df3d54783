"""What the tests of the Python package share. Arguments of their command: make_results_example, and
PACKAGE, the folder tools/python.
"""
import shutil
import sys

import h5py
import pypi  # noqa: F401
from example_file import PATH, ExampleFile

PACKAGE = sys.argv[2]
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402


class Package(ExampleFile):
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
