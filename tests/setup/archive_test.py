"""Test of tools/archive: it runs on an older system, as a user without rights, network or compiler.

It takes root, minutes and 2 GB, so ctest does not run it:
    VARIA_SOURCE_DIR=. python3 -B tests/setup/archive_test.py
"""

import os
import pathlib
import shutil
import tempfile
import unittest

from unprivileged import SOURCE, System, run


@unittest.skipUnless(os.getuid() == 0, "mmdebstrap makes the older system as root")
class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="varia-archive-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.folder.chmod(0o755)
        cls.file = cls.folder / "varia.tar.xz"
        run(SOURCE / "tools" / "archive", cls.file)
        # Debian 11 has glibc 2.31; nothing is installed in it but what every system has.
        mirror = run(SOURCE / "tools" / "debian-mirror").strip()
        system = cls.folder / "system"
        run("mmdebstrap", "--variant=essential", "bullseye", system, mirror)
        # A module of a cluster sets LD_LIBRARY_PATH: nothing of it may reach the program.
        cls.system = System(system, cls.folder, "/home", PATH="/home/bin:/usr/bin:/bin",
                            LD_LIBRARY_PATH="/usr/lib/x86_64-linux-gnu")
        # The user unpacks it at home, and has it on PATH by a link.
        home = cls.system.folder
        run("tar", "--extract", "--file", cls.file, "--directory", home)
        (home / "bin").mkdir()
        (home / "bin" / "varia").symlink_to(f"../{next(home.glob('varia-*')).name}/bin/varia")
        shutil.copy(SOURCE / "experiments" / "quickstart.yaml", home)
        cls.system.give()

    def test_the_system_is_older_than_the_one_that_it_was_built_on(self):
        self.assertIn("2.31", self.system.run("ldd", "--version"))
        self.assertNotIn("2.31", run("ldd", "--version"))

    def test_an_experiment_runs_with_several_workers_and_has_a_report_and_a_model(self):
        out = self.system.run("varia", "run", "quickstart.yaml", "train.epochs=1", "data.limit=2000",
                          "--jobs", "2")
        self.assertIn("2 trained, 0 kept, 0 failed: results/quickstart.h5", out)
        self.assertIn("quickstart.html", self.system.run("varia", "report", "results/quickstart.h5"))
        self.assertTrue((self.system.folder / "results" / "quickstart.html").stat().st_size > 100_000)
        self.system.run("varia", "sample", "results/quickstart.h5", "--trial", "0", "-o", "samples.png")
        self.assertTrue((self.system.folder / "samples.png").exists())

    def test_the_commands_that_it_prints_call_it_again(self):
        commands = self.system.run("varia", "plan", "quickstart.yaml", "--name", "one", "train.epochs=1",
                               "data.limit=500", "--commands")
        line = next(line for line in commands.splitlines() if " run " in line)
        self.system.run("sh", "-c", line)

    def test_it_knows_its_plugins(self):
        self.assertIn("latent", self.system.run("varia", "describe", "mlp_vae"))


if __name__ == "__main__":
    unittest.main()
