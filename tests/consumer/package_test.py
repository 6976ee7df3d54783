"""The Debian package: unpacked into a folder, it runs from there, and says what it depends on."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from installed_tree import BUILD, SOURCE, TORCH

SWEEP = """
name: small
data: {use: sprites, size: 16, limit: 200}
model: {use: mlp_vae, hidden: [16], latent: 2}
loss: {use: elbo}
optimizer: {use: adam}
train: {epochs: 1}
"""


@unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "not on this system: dpkg-shlibdeps")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="package_", dir=BUILD))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.call("cpack", "-G", "DEB", "-B", cls.folder / "cpack", cwd=BUILD)
        cls.package, = (cls.folder / "cpack").glob("*.deb")
        cls.call("dpkg", "-x", cls.package, cls.folder / "root")

    @classmethod
    def call(cls, *command, cwd=None):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("VARIA_")}
        done = subprocess.run(list(map(str, command)), cwd=cwd or cls.folder, env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def field(self, name):
        return self.call("dpkg-deb", "--field", self.package, name).strip()

    def test_it_depends_on_the_libraries_that_it_opens(self):
        self.assertRegex(self.package.name, r"^varia_\d+\.\d+\.\d+_\w+\.deb$")
        depends = self.field("Depends")
        for library in ("libhdf5", "libyaml-cpp", "libfmt", "libgd", "libzip", "libstdc++6 (>= ",
                        "libopenblas0-serial | libopenblas0"):
            self.assertIn(library, depends)
        self.assertEqual("libtorch" in depends, not TORCH)
        self.assertNotIn("varia", depends)

    def test_it_has_the_chart_library_with_its_licence(self):
        fetched = pathlib.Path(os.environ.get("VARIA_DATA") or pathlib.Path.home() /
                               ".cache" / "varia") / "echarts"
        if not fetched.exists():
            self.skipTest("tools/fetch-data echarts was not run")
        installed = self.folder / "root" / "usr" / "share" / "varia" / "echarts"
        self.assertEqual(sorted(path.name for path in installed.iterdir()),
                         ["LICENSE", "NOTICE", "echarts.min.js"])
        for path in installed.iterdir():
            self.assertEqual(path.read_bytes(), (fetched / path.name).read_bytes())

    def test_it_has_what_shells_and_man_look_for(self):
        share = self.folder / "root" / "usr" / "share"
        for path in ("bash-completion/completions/varia", "zsh/vendor-completions/_varia",
                     "fish/vendor_completions.d/varia.fish"):
            self.assertIn("complete --", (share / path).read_text())
        for page in ("varia.1", "varia-run.1", "varia-compare.1"):
            self.assertIn(".SH OPTIONS", (share / "man/man1" / page).read_text())

    def test_it_runs_from_where_it_was_unpacked(self):
        program = self.folder / "root" / "usr" / "bin" / "varia"
        (self.folder / "small.yaml").write_text(SWEEP)
        out = self.call(program, "run", "small.yaml", "--jobs", "1")
        self.assertIn("1 trained, 0 kept, 0 failed", out)
        self.assertEqual(self.call("readelf", "-d", program).count("$ORIGIN/../lib"), 1)

    def test_its_published_experiments_stand_alone(self):
        program = self.folder / "root" / "usr" / "bin" / "varia"
        names = self.call(program, "complete", "--", "verify", "b").split()
        self.assertIn("burda_vae", names)
        share = self.folder / "root" / "usr" / "share" / "varia" / "published"
        self.assertEqual({path.name for path in share.iterdir()},
                         {path.name for path in (SOURCE / "experiments/published").glob("*.yaml")})
        for name in names:  # what they extend is there; their data need not be
            done = subprocess.run([program, "plan", share / f"{name}.yaml"], cwd=self.folder,
                                  capture_output=True, text=True)
            self.assertNotIn("extends:", done.stderr)

    def test_its_cmake_files_do_not_know_where_it_was_built(self):
        files = list((self.folder / "root").rglob("*.cmake"))
        self.assertIn("VariaConfig.cmake", [path.name for path in files])
        for path in files:
            for place in (SOURCE, BUILD):
                text = path.read_text().replace(TORCH or "no other path", "")
                self.assertNotIn(str(place), text, path)


if __name__ == "__main__":
    unittest.main()
