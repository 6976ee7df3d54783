"""`varia new` and `varia test-plugin`, as installed: what they write builds, passes and runs."""
import shlex
import unittest

from installed_tree import InstalledTree

KINDS = ("dataset", "model", "loss", "schedule", "optimizer", "metric", "view", "density",
         "likelihood")

ALL = """
cmake_minimum_required(VERSION 3.25)
project(All LANGUAGES CXX)
enable_testing()
foreach(kind {kinds})
  set(VARIA_PLUGIN_OUTPUT_DIRECTORY ${{CMAKE_CURRENT_SOURCE_DIR}}/my_${{kind}}/build/plugins)
  add_subdirectory(my_${{kind}})
endforeach()
"""


class Templates(InstalledTree):
    def new(self, *arguments):
        """@returns the three commands that it says"""
        out = self.varia("new", *arguments)
        commands = [line.strip() for line in out.split("Next:\n")[1].splitlines()]
        self.assertEqual(len(commands), 3)
        return commands

    def refused(self, *arguments):
        out, errors = self.call(self.tree / "bin" / "varia", *arguments, code=2)
        self.assertEqual(out, "")
        return errors

    def test_every_kind_builds_passes_and_runs_as_it_is_written(self):
        commands = {kind: self.new(kind, f"my_{kind}") for kind in KINDS}
        (self.folder / "CMakeLists.txt").write_text(ALL.format(kinds=" ".join(KINDS)))
        self.build(self.folder)
        self.call("ctest", "--test-dir", self.folder / "build", "--output-on-failure",
                  "--no-tests=error")
        for kind in KINDS:
            self.call(*shlex.split(commands[kind][2]), "--jobs", "1")
            trials = self.trials(self.folder / "results" / f"my_{kind}.h5")
            self.assertEqual({trial["status"] for trial in trials}, {"done"})

    def test_the_three_commands_are_all_that_it_takes(self):
        for command in self.new("schedule", "my_ramp", "a folder"):
            self.call("sh", "-c", command)
        self.assertTrue((self.folder / "results" / "my_ramp.h5").exists())
        source = (self.folder / "a folder" / "my_ramp.cpp").read_text()
        self.assertIn("class MyRampSchedule final : public Schedule", source)
        self.assertNotIn("my_component", source)

    def test_a_machine_that_cannot_build_is_told_what_to_install(self):
        program = self.tree / "bin" / "varia"
        out, errors = self.call("env", "PATH=/nonexistent", program, "new", "loss", "my_loss")
        self.assertIn("Next:", out)
        self.assertIn("need cmake, ninja, c++, which PATH does not have", errors)
        self.assertIn("apt-get install", errors)
        self.assertEqual(self.call(program, "new", "loss", "other_loss")[1], "")

    def test_nothing_is_overwritten(self):
        (self.folder / "mine").mkdir()
        mine = self.folder / "mine" / "my_loss.yaml"
        mine.write_text("mine")
        errors = self.refused("new", "loss", "my_loss", "mine")
        self.assertIn("mine/my_loss.yaml is there already", errors)
        self.assertEqual(mine.read_text(), "mine")
        self.assertEqual([path.name for path in mine.parent.iterdir()], ["my_loss.yaml"])

    def test_names_that_cannot_be_are_refused(self):
        for name in ("My", "1st", "a-b", "../a", "a" * 65, ""):
            self.assertIn("cannot be a component's name", self.refused("new", "loss", name))
        self.assertIn("there is a loss 'elbo' already", self.refused("new", "loss", "elbo"))
        self.assertIn("Did you mean 'loss'?", self.refused("new", "lost", "mine"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_plugin_is_told_what_it_does_not_keep_to(self):
        schedules = self.tree / "lib/varia/plugins/schedules.so"
        out = self.varia("test-plugin", schedules, code=1)
        self.assertIn("schedule linear\n  says in a line what it is: yes\n", out)
        self.assertIn("loads its defaults, and what it resolves them to: NO\n    it threw: schedule "
                      "linear: epochs: a schedule needs exactly one of epochs", out)
        needed = [f"--parameters={name}={{epochs: 2}}"
                  for name in ("linear", "cosine", "staircase", "cyclic")]
        needed += ["--parameters=exponential={from: 1, to: 2, epochs: 2}",
                   "--parameters=piecewise={points: [{epoch: 0, value: 1}]}",
                   "--parameters=plateau={metric: validation/elbo}"]
        self.assertIn("40 of 40 checks hold", self.varia("test-plugin", schedules, *needed))

    def test_what_cannot_be_tested_is_refused(self):
        schedules = self.tree / "lib/varia/plugins/schedules.so"
        self.assertIn("no such file", self.refused("test-plugin", "none.so"))
        self.assertIn("it is a folder; name one of its plugin files",
                      self.refused("test-plugin", schedules.parent))
        (self.folder / "text.so").write_text("no library" * 100)
        self.assertIn("is not a shared library", self.refused("test-plugin", "text.so"))
        self.assertIn("Did you mean 'linear'?",
                      self.refused("test-plugin", schedules, "--parameters=liner={epochs: 2}"))
        self.assertIn("expected a map",
                      self.refused("test-plugin", schedules, "--parameters=linear=2"))


if __name__ == "__main__":
    unittest.main()
