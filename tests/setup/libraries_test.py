"""Test of tools/libraries: where nothing can be installed, Varia is built with the folder that it makes.

It takes root, as long as a build of everything, and a LibTorch, so ctest does not run it:
    VARIA_TORCH=DIR VARIA_SOURCE_DIR=. python3 -B tests/setup/libraries_test.py
"""

import os
import pathlib
import shutil
import tempfile
import unittest

from unprivileged import SOURCE, System, run

TORCH = os.environ.get("VARIA_TORCH")


@unittest.skipUnless(os.getuid() == 0, "mmdebstrap makes the bare system as root")
@unittest.skipUnless(TORCH, "VARIA_TORCH names no LibTorch to build against")
class Libraries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="varia-libraries-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.folder.chmod(0o755)
        mirror = run(SOURCE / "tools" / "debian-mirror").strip()
        root = cls.folder / "system"
        run("mmdebstrap", "--variant=apt", "--include=g++,cmake,ninja-build", "bookworm", root, mirror)
        cls.system = System(root, cls.folder, "/home", {"/opt": TORCH}, PATH="/usr/bin:/bin",
                            VARIA_TORCH="/opt", VARIA_LIBRARIES="/home/libraries")
        home = cls.system.folder
        run("git", "clone", "--quiet", "--no-hardlinks", SOURCE, home / "varia")
        run("env", "--unset=VARIA_TORCH", SOURCE / "tools" / "libraries", home / "libraries")
        shutil.copy(SOURCE / "experiments" / "quickstart.yaml", home)
        cls.system.give()
        cls.system.run("varia/tools/setup")
        cls.program = next(home.glob("varia/build/torch-*/bin/varia")).relative_to(home)

    def test_an_experiment_runs_and_has_a_report(self):
        out = self.system.run("varia/tools/varia", "run", "quickstart.yaml", "train.epochs=1",
                              "data.limit=2000")
        self.assertIn("2 trained, 0 kept, 0 failed: results/quickstart.h5", out)
        out = self.system.run("varia/tools/varia", "report", "results/quickstart.h5")
        self.assertIn("quickstart.html", out)

    def test_the_program_and_its_plugins_open_the_libraries_of_the_folder(self):
        plugins = self.program.parent.parent / "plugins"
        for file, names in ((self.program, ("yaml-cpp", "hdf5_serial", "gd", "fmt")),
                            (plugins / "dci.so", ("xgboost",)), (plugins / "sap.so", ("linear",))):
            lines = self.system.run("ldd", file).splitlines()
            for name in names:
                line = next(line for line in lines if f"lib{name}.so" in line)
                self.assertIn("=> /home/libraries/", line)
            self.assertEqual([line for line in lines if "not found" in line], [])

    def test_a_plugin_of_a_project_of_its_own_is_built(self):
        self.system.run(self.program, "new", "model", "my_vae")
        self.system.run("cmake", "-G", "Ninja", "-S", "my_vae", "-B", "my_vae/build")
        self.system.run("cmake", "--build", "my_vae/build")
        out = self.system.run(self.program, "test-plugin", "my_vae/build/plugins/my_vae.so")
        self.assertIn("checks hold", out)


if __name__ == "__main__":
    unittest.main()
