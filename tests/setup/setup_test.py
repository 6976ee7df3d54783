"""Tests of tools/setup, tools/varia, tools/test and tools/check, with apt, CMake and Ninja played by scripts."""

import collections
import fcntl
import select
import shutil
import unittest

import setup_sandbox

WAITS = "varia: another set-up of this folder is at work; waiting for it\n"
PATIENCE = 30  # seconds, against hanging alone


class SetupTest(setup_sandbox.SetupSandbox):
    def test_every_package_has_a_part_and_a_reason(self):
        rows = self.packages()
        for row in rows:
            self.assertEqual(len(row), 3, row)
            self.assertIn(row[0], ("run", "test", "check", "image", "bench", "fuzz"), row)
            self.assertGreaterEqual(len(row[2].split()), 3, row)
        counts = collections.Counter(package for _, package, _ in rows)
        self.assertEqual([name for name, count in counts.items() if count > 1], [])
        self.assertIn("libopenblas0-serial", counts)

    def test_a_first_call_installs_configures_and_builds_and_a_second_is_silent(self):
        code, out, err = self.run_tool("setup", "run")
        self.assertEqual((code, out), (0, ""), err)
        steps = [line.split()[0] for line in self.log().splitlines()]
        self.assertEqual(steps, ["apt-get", "apt-get", "cmake", "ninja"])
        self.assertIn("--no-install-recommends", self.log())
        self.assertIn("ninja varia_program", self.log())
        self.assertNotIn("python3", self.log())
        self.assertEqual(self.run_tool("setup", "run"), (0, "", ""))
        self.assertEqual(len(self.log().splitlines()), 4)

    def test_without_the_chart_library_all_else_is_set_up(self):
        shutil.rmtree(self.charts)
        (self.folder / "empty").mkdir()
        code, _, err = self.run_tool("setup", "run", VARIA_DATA_MIRROR=str(self.folder / "empty"))
        self.assertEqual(code, 0, err)
        self.assertIn("echarts: it could not be had", err)
        self.assertIn("varia report asks for it again", err)
        self.assertEqual(self.run_tool("setup", "run"), (0, "", ""))

    def test_tests_add_their_own_packages_and_build_everything(self):
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        self.assertEqual(self.run_tool("setup", "test")[0], 0)
        self.assertIn("python3-xarray", self.log())
        self.assertEqual(self.log().count("cmake --preset"), 1)
        (self.folder / "sources").write_text("2\n")
        self.assertEqual(self.run_tool("setup", "test")[0], 0)
        self.assertIn("ninja all", self.log())
        self.assertIn("python3-torch", self.log())
        self.assertNotIn("python3-torchvision", self.log())

    def test_measurements_add_pytorch_and_no_packages_of_the_tests(self):
        self.assertEqual(self.run_tool("setup", "bench")[0], 0)
        self.assertIn("python3-torchvision", self.log())
        self.assertNotIn("python3-xarray", self.log())
        self.assertIn("ninja bench_training", self.log())

    def test_checks_add_their_own_packages_and_build_nothing(self):
        self.assertEqual(self.run_tool("setup", "check")[0], 0)
        self.assertIn("clang-tidy", self.log())
        self.assertNotIn("python3-xarray", self.log())
        self.assertNotIn("ninja", self.log().replace("ninja-build", ""))
        self.assertEqual(self.run_tool("setup", "check"), (0, "", ""))

    def test_without_root_it_prints_the_one_command_and_stops(self):
        self.become_user()
        self.install("libhdf5-dev", "ccache", "python3-h5py")
        code, out, err = self.run_tool("setup", "run")
        self.assertEqual((code, out), (2, ""))
        self.assertIn(
            "sudo sh -c 'apt-get update && "
            "apt-get install -y --no-install-recommends ccache libhdf5-dev'\n",
            err,
        )
        self.assertEqual(self.log(), "")

    def test_without_root_and_sudo_the_command_is_one_for_su(self):
        self.become_user()
        (self.commands / "sudo").unlink()
        self.install("ccache")
        code, _, err = self.run_tool("setup", "run")
        self.assertEqual(code, 2)
        self.assertIn("su -c 'apt-get update", err)

    def test_sudo_without_a_password_installs(self):
        self.command("id", "echo 1000")
        self.command("sudo", 'echo "sudo" >>"$STATE/log"; [[ $1 == -n ]] && exec "${@:2}"')
        (self.commands / "true").symlink_to("/usr/bin/true")
        self.install("ccache")
        code, _, err = self.run_tool("setup", "run")
        self.assertEqual(code, 0, err)
        self.assertIn("install --no-install-recommends ccache", self.log())

    def test_without_root_nothing_is_asked_where_all_is_installed(self):
        self.become_user()
        self.install()
        self.assertEqual(self.run_tool("setup", "test")[0], 0)

    def test_a_failed_installation_shows_its_last_lines(self):
        (self.folder / "apt-is-broken").touch()
        code, out, err = self.run_tool("setup", "run")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("E: no such package", err)
        self.assertNotIn("cmake --preset", self.log())

    def test_a_failed_configuration_shows_its_last_lines(self):
        self.install()
        (self.folder / "cmake-is-broken").touch()
        code, _, err = self.run_tool("setup", "run")
        self.assertEqual(code, 2)
        self.assertIn("CMake Error: no Torch", err)
        (self.folder / "cmake-is-broken").unlink()
        self.assertEqual(self.run_tool("setup", "run")[0], 0)

    def test_a_failed_build_shows_its_lines_and_the_program_does_not_run(self):
        self.install()
        (self.folder / "source-is-broken").touch()
        code, out, err = self.run_tool("varia", "run")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("main.cpp:1: error: broken", err)

    def test_changed_presets_configure_again(self):
        self.install()
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        (self.root / "CMakePresets.json").write_text('{"version": 3}\n')
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        self.assertEqual(self.log().count("cmake --preset"), 2)

    def test_a_changed_source_is_built_and_a_moved_repository_is_built_anew(self):
        self.install()
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        (self.folder / "sources").write_text("2\n")
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        self.assertEqual(self.log().count("ninja"), 2)
        moved = self.folder / "elsewhere"
        self.root.rename(moved)
        self.root = moved
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        self.assertEqual(self.log().count("cmake --preset"), 2)
        self.assertEqual(self.log().count("ninja"), 3)

    def test_three_first_calls_at_once_do_each_step_once(self):
        processes = [self.start("setup", "run", STEP_SECONDS="0.3") for _ in range(3)]
        ends = [(*process.communicate(timeout=60), process.returncode) for process in processes]
        self.assertEqual([code for _, _, code in ends], [0, 0, 0], ends)
        steps = [line.split()[0] for line in self.log().splitlines()]
        self.assertEqual(steps, ["apt-get", "apt-get", "cmake", "ninja"])

    def test_a_call_that_waits_for_another_set_up_says_so_once(self):
        self.install()
        self.assertEqual(self.run_tool("setup", "run")[0], 0)
        for sources in ("1\n", "2\n"):  # nothing is to be done, then something is
            with self.subTest(sources=sources):
                (self.folder / "sources").write_text(sources)
                with open(self.root / "build" / ".lock") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    process = self.start("setup", "run")
                    self.addCleanup(process.wait)
                    self.addCleanup(process.kill)
                    self.assertTrue(select.select([process.stderr], [], [], PATIENCE)[0],
                                    "it waits and says nothing")
                    self.assertEqual(process.stderr.readline(), WAITS)
                out, err = process.communicate(timeout=60)
                self.assertEqual((process.returncode, out), (0, ""), err)
                self.assertEqual("building varia_program" in err, sources == "2\n", err)
                self.assertNotIn(WAITS, err)

    def test_the_build_has_a_job_for_each_core_that_has_a_gigabyte_and_one_at_least(self):
        self.install()
        self.command("nproc", "echo 8")
        self.command("ninja", setup_sandbox.NINJA.replace('"ninja $target"', '"ninja $*"'))
        memory = self.read_instead("setup", "/proc/meminfo", "")
        for number, (line, jobs) in enumerate((("MemAvailable: 500000 kB\n", 1),
                                               ("MemAvailable: 3900000 kB\n", 3),
                                               ("MemAvailable: 64000000 kB\n", 8), ("", 8))):
            with self.subTest(line=line):
                memory.write_text("MemTotal: 64000000 kB\n" + line)
                (self.folder / "sources").write_text(f"{number}\n")
                code, _, err = self.run_tool("setup", "run")
                self.assertEqual(code, 0, err)
                self.assertTrue(self.log().endswith(f" -j {jobs} varia_program\n"), self.log())

    def test_a_system_without_apt_and_compiler_gets_the_list_of_what_is_missing(self):
        for name in ("apt-get", "dpkg-query", "ninja", "c++"):
            (self.commands / name).unlink()
        code, out, err = self.run_tool("setup", "run")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("ninja-build (", err)
        self.assertIn("libtorch-dev (", err)
        self.assertNotIn("  cmake (", err)
        self.assertNotIn("python3", err)

    def test_a_system_without_apt_that_has_all_is_built(self):
        for name in ("apt-get", "dpkg-query"):
            (self.commands / name).unlink()
        code, _, err = self.run_tool("setup", "run")
        self.assertEqual(code, 0, err)

    def test_the_program_gets_its_arguments_in_the_folder_of_the_call(self):
        self.install()
        folder = self.folder / "some where"
        folder.mkdir()
        self.assertEqual(self.run_tool("varia", "a b", "", "*", cwd=folder)[0], 3)
        code, out, err = self.run_tool("varia", "a b", "", "*", cwd=folder)
        self.assertEqual((code, out, err), (3, f"{folder}|a b||*|", ""))

    def test_completion_asks_the_program_that_is_there_and_sets_nothing_up(self):
        self.assertEqual(self.run_tool("varia", "complete", "--", "ru"), (0, "", ""))
        self.assertFalse((self.root / "build").exists())
        self.assertEqual(self.log(), "")
        self.assertEqual(self.run_tool("varia", "run")[0], 3)
        (self.folder / "sources").write_text("2\n")
        (self.folder / "installed").write_text("")
        before = self.log()
        self.assertEqual(self.run_tool("varia", "complete", "--", "ru"),
                         (3, f"{self.folder}|complete|--|ru|", ""))
        self.assertEqual(self.log(), before)

    def test_tools_varia_works_through_a_link(self):
        self.install()
        link = self.commands / "varia"
        link.symlink_to(self.root / "tools" / "varia")
        self.assertEqual(self.run_tool("../../commands/varia", "plan")[0], 3)

    def test_ctest_gets_the_arguments_of_tools_test(self):
        self.install()
        self.command("ctest", 'printf "%s|" "$@"')
        self.command("npm", "exit 1")
        self.command("curl", "exit 7")
        code, out, _ = self.run_tool("test", "-R", "store unit")
        self.assertEqual(code, 0)
        self.assertIn(f"--test-dir|{self.root}/build/release|", out)
        self.assertTrue(out.endswith("|-R|store unit|"), out)

    def test_an_unknown_check_is_named_before_anything_is_set_up(self):
        code, out, err = self.run_tool("check", "tydi")
        self.assertEqual((code, out, self.log()), (2, "", ""))
        self.assertIn("'tydi' is not known. Expected one of: format shell layers tidy", err)

    def test_a_check_that_fails_is_named_after_the_others_have_run(self):
        self.install()
        self.command("git", "exit 0")
        self.command("shellcheck", "exit 1")
        (self.root / "tools" / "check-layers").symlink_to(shutil.which("true"))
        code, _, err = self.run_tool("check", "shell", "layers")
        self.assertEqual(code, 1)
        self.assertIn("tools/check: layers: good", err)
        self.assertTrue(err.endswith("tools/check: failed: shell\n"), err)

    def test_an_unknown_part_is_named(self):
        code, _, err = self.run_tool("setup", "tests")
        self.assertEqual(code, 2)
        self.assertIn("'tests' is not known", err)


if __name__ == "__main__":
    unittest.main()
