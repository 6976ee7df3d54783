"""A project outside the repository that adds a plugin to an installed Varia."""
import json
import shutil
import unittest

from installed_tree import SOURCE, TORCH, InstalledTree

PROJECT = SOURCE / "tests" / "consumer" / "project"


class Consumer(InstalledTree):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        shutil.copytree(PROJECT, self.project)

    def test_a_moved_tree_has_all_that_the_program_needs(self):
        libraries = self.call("ldd", self.tree / "bin" / "varia")[0]
        self.assertIn(f"libvaria.so => {self.tree / 'bin'}/../lib/libvaria.so", libraries)
        catalogue = json.loads(self.varia("plugins", "--json"))
        self.assertEqual(catalogue["left_out"], [])
        built = [path.name for path in (self.tree / "lib/varia/plugins").iterdir()]
        self.assertIn("mlp_vae.so", built)
        for component in catalogue["components"]:
            self.assertIn(str(self.tree), component["file"])

    def test_its_plugin_runs_in_a_sweep(self):
        self.build(self.project)
        self.varia("run", "sweep.yaml", "--jobs", "1", cwd=self.project)
        trials = self.trials(self.project / "results" / "sweep.h5")
        self.assertEqual(sorted(trial["parameters"]["loss.floor"] for trial in trials), [0, 1000])
        for trial in trials:
            paid = trial["metrics"]["test/paid_kl"]
            if trial["parameters"]["loss.floor"] == 0:
                self.assertAlmostEqual(paid, trial["metrics"]["test/kl"], places=4)
            else:
                self.assertEqual(paid, 1000)

    def test_the_environment_names_plugins_too(self):
        self.build(self.project)
        out, _ = self.call("env", f"VARIA_PLUGIN_PATH={self.project}/build/plugins",
                           self.tree / "bin" / "varia", "plugins", "loss")
        self.assertIn("floored_elbo", out)

    def test_what_the_program_would_not_open_is_refused_before_it_is_built(self):
        tree = self.folder / "other"
        shutil.copytree(self.tree / "lib" / "cmake", tree / "lib" / "cmake")
        config = tree / "lib" / "cmake" / "Varia" / "VariaConfig.cmake"
        text = config.read_text()
        self.assertIn(", LibTorch ", text)
        config.write_text(text.replace(", LibTorch ", ", LibTorch 9.", 1))
        errors = self.configure(self.project, code=1, tree=tree)
        self.assertRegex(errors, r"This Varia was built with compiler \w+ \d+, LibTorch 9\.[\d.]+"
                                 r", but this project has compiler \w+ \d+, LibTorch \d")

    def test_a_folder_without_libtorch_is_named(self):
        errors = self.configure(self.project, "-DVARIA_TORCH=/absent", code=1)
        self.assertIn("VARIA_TORCH: /absent/include/ATen/core/Tensor.h is not there", errors)

    def test_it_is_configured_again_with_the_same_libtorch(self):
        for _ in range(2):
            self.configure(self.project)
        cache = (self.project / "build" / "CMakeCache.txt").read_text()
        self.assertIn(f"VARIA_TORCH:PATH={TORCH}\n", cache)

    @unittest.skipIf(TORCH, "built with a LibTorch that is not Debian's")
    def test_a_machine_without_the_headers_of_libtorch_is_told_what_to_install(self):
        errors = self.configure(self.project, "-DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON", code=1)
        self.assertIn("apt-get install libtorch-dev", errors)

    def test_another_version_is_not_taken_for_this_one(self):
        lists = self.project / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace("Varia REQUIRED", "Varia 9.0 REQUIRED"))
        errors = self.configure(self.project, code=1)
        self.assertIn('requested version "9.0"', errors)


if __name__ == "__main__":
    unittest.main()
