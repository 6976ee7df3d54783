"""What the tests of an installed Varia share: the tree, moved away from where it was installed, and
projects that are built against it."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["VARIA_BUILD_DIR"])
SOURCE = pathlib.Path(os.environ["VARIA_SOURCE_DIR"])
# The folder of the LibTorch that it was built with; "" for Debian's.
TORCH = re.search("^VARIA_TORCH:[A-Z]*=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)[1]


class InstalledTree(unittest.TestCase):
    """self.tree: an installation that was moved; self.folder: an empty folder for each test."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="installed_", dir=BUILD))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        first = cls.root / "first"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", first], check=True,
                       stdout=subprocess.DEVNULL)
        cls.tree = cls.root / "moved" / "varia"
        cls.tree.parent.mkdir()
        first.rename(cls.tree)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="project_", dir=self.root))
        self.addCleanup(shutil.rmtree, self.folder)

    def call(self, *command, code=0, cwd=None):
        """Runs a command, which must end with `code`. @returns (standard output, error)"""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("VARIA_")}
        # What ccache knows of an earlier run counts, although the folders are new.
        environment |= {"CCACHE_BASEDIR": str(self.root), "CCACHE_NOHASHDIR": "1"}
        done = subprocess.run(list(map(str, command)), cwd=cwd or self.folder, env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code,
                         f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
        return done.stdout, done.stderr

    def varia(self, *arguments, code=0, cwd=None):
        """Runs the installed program. @returns its standard output"""
        return self.call(self.tree / "bin" / "varia", *arguments, code=code, cwd=cwd)[0]

    def configure(self, folder, *options, code=0, tree=None):
        """@returns what CMake wrote to standard error, in one line"""
        if shutil.which("ccache"):
            options += ("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache",)
        errors = self.call("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja",
                           f"-DCMAKE_PREFIX_PATH={tree or self.tree}", *options, code=code)[1]
        return " ".join(errors.split())

    def build(self, folder, *options):
        self.configure(folder, *options)
        self.call("cmake", "--build", folder / "build", "-j1")

    def trials(self, results):
        """The rows of a merged file."""
        document = json.loads(self.varia("show", results, "--all", "--json"))
        return document["trials"]
