"""Tests of tools/setup, tools/varia and tools/test, with apt, CMake and Ninja played by scripts; and of
what the tools that pack and that make a Debian 13 refuse at once."""

import collections
import fcntl
import os
import select
import shutil
import unittest

import sandbox

# Knows the packages listed in $STATE/installed.
DPKG_QUERY = """
for package in "${@:3}"; do
  if grep -qx -- "$package" "$STATE/installed"; then echo "installed $package"; fi
done"""

APT_GET = """
echo "apt-get $*" >>"$STATE/log"
if [[ -e $STATE/apt-is-broken ]]; then echo "E: no such package" >&2; exit 100; fi
# apt closes the status descriptor for the packages' scripts, which need stdout and stderr.
if [[ $* == *Status-Fd=[12]* ]]; then echo "E: no stdout for scripts" >&2; exit 100; fi
if [[ $* == *Status-Fd=3* ]]; then echo "pmstatus:ccache:12.5:Installing ccache" >&3; fi
for word in "$@"; do echo "$word" >>"$STATE/installed"; done"""

CMAKE = """
echo "cmake $*" >>"$STATE/log"
if [[ -e $STATE/cmake-is-broken ]]; then echo "CMake Error: no Torch" >&2; exit 1; fi
sleep "${STEP_SECONDS:-0}"
folder=build/release
if [[ $3 == -B ]]; then folder=$4; fi
mkdir -p "$folder" && touch "$folder/build.ninja"
"""

# Builds $STATE/sources into build/release/built.
NINJA = """
target=${!#} folder=$2
if cmp -s "$STATE/sources" "$folder/built"; then echo 'ninja: no work to do.'; exit; fi
if [[ " $* " == *' -n '* ]]; then echo '[1/1] would build'; exit; fi
echo "ninja $target" >>"$STATE/log"
if [[ -e $STATE/source-is-broken ]]; then echo 'main.cpp:1: error: broken'; exit 1; fi
sleep "${STEP_SECONDS:-0}"
echo '[1/1] built'
mkdir -p "$folder/bin"
cp "$STATE/sources" "$folder/built"
cp "$STATE/program" "$folder/bin/varia"
"""

PROGRAM = """#!/usr/bin/env bash
printf '%s|' "$PWD" "$@"
exit 3
"""

WAITS = "varia: another set-up of this folder is at work; waiting for it\n"
PATIENCE = 30  # seconds, against hanging alone


class SetupTest(sandbox.Sandbox):
    def setUp(self):
        super().setUp()
        (self.root / "CMakePresets.json").write_text("{}\n")
        (self.folder / "sources").write_text("1\n")
        (self.folder / "program").write_text(PROGRAM)
        (self.folder / "program").chmod(0o755)
        (self.folder / "installed").write_text("")
        (self.commands / "cmp").symlink_to("/usr/bin/cmp")
        self.command("id", "echo 0")
        self.command("dpkg-query", DPKG_QUERY)
        self.command("apt-get", APT_GET)
        self.command("cmake", CMAKE)
        self.command("ninja", NINJA)
        self.command("c++", "echo no-such-triplet")
        self.charts = self.folder / "home" / ".cache" / "varia" / "echarts"
        self.have_charts()

    def have_charts(self):
        """The chart library seems to be there: nothing is fetched."""
        self.charts.mkdir(parents=True)
        for line in (self.root / "tools" / "data_sets.txt").read_text().splitlines():
            data_set, name, size, _ = line.split() if line[0] != "#" else ("#", "", 0, "")
            if data_set == "echarts":
                (self.charts / name).write_bytes(b"")
                os.truncate(self.charts / name, int(size))

    def become_user(self):
        self.command("id", "echo 1000")
        self.command("sudo", "exit 1")

    def packages(self):
        """Rows of tools/setup --list: (part, package, reason)."""
        code, out, err = self.run_tool("setup", "--list")
        self.assertEqual((code, err), (0, ""))
        return [tuple(line.split(maxsplit=2)) for line in out.splitlines()]

    def install(self, *left_out):
        names = [package for _, package, _ in self.packages() if package not in left_out]
        (self.folder / "installed").write_text("\n".join(names) + "\n")

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
        self.command("ninja", NINJA.replace('"ninja $target"', '"ninja $*"'))
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

    def torch(self, name="torch", version=(2, 13, 0), header="torch/headeronly/version.h"):
        """A folder that has the version of a LibTorch."""
        path = self.folder / name / "include" / header
        path.parent.mkdir(parents=True)
        path.write_text("#pragma once\n#define TORCH_VERSION_MAJOR {}\n#define TORCH_VERSION_MINOR"
                        " {}\n#define TORCH_VERSION_PATCH {}\n".format(*version))
        return str(self.folder / name)

    def test_another_libtorch_is_built_against_in_a_folder_of_its_own(self):
        torch = self.torch()
        self.assertEqual(self.run_tool("varia", "plan", VARIA_TORCH=torch)[0], 3)
        folder = f"{self.root}/build/torch-2.13.0"
        self.assertIn(f"cmake --preset release -B {folder} -D VARIA_TORCH={torch}\n", self.log())
        self.assertTrue((self.root / "build/torch-2.13.0/bin/varia").exists())
        for package in ("libtorch-dev", "libopenblas0-serial"):
            self.assertNotIn(package, self.log())
        code, out, err = self.run_tool("varia", "plan", VARIA_TORCH=torch)
        self.assertEqual((code, err), (3, ""))
        # Debian's is built beside it.
        self.assertEqual(self.run_tool("varia", "plan")[0], 3)
        self.assertIn("libtorch-dev", self.log())
        self.assertEqual(self.log().count("cmake --preset"), 2)
        self.command("ctest", 'printf "%s|" "$@"')
        self.command("npm", "exit 1")
        self.command("curl", "exit 7")
        self.install()
        out = self.run_tool("test", VARIA_TORCH=torch)[1]
        self.assertIn(f"--test-dir|{folder}|", out)

    def test_another_folder_of_the_same_version_is_configured_anew(self):
        self.install()
        header = "torch/csrc/api/include/torch/version.h"  # until LibTorch 2.8
        for name in ("one", "two"):
            torch = self.torch(name, (2, 7, 1), header)
            self.assertEqual(self.run_tool("setup", "run", VARIA_TORCH=torch)[0], 0)
        self.assertEqual(self.log().count(f"-B {self.root}/build/torch-2.7.1"), 2)

    def test_the_libtorch_of_python_is_asked_for(self):
        self.install()
        torch = self.torch("site-packages/torch")
        self.command("python3", f"echo {torch}")
        self.assertEqual(self.run_tool("setup", "--folder", VARIA_TORCH="python"),
                         (0, f"{self.root}/build/torch-2.13.0\n", ""))
        self.command("python3", "echo")
        code, out, err = self.run_tool("setup", "run", VARIA_TORCH="python")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("has no torch. Install it (pip install torch)", err)

    def test_what_is_no_libtorch_is_refused_before_anything_is_installed(self):
        (self.folder / "empty").mkdir()
        for folder, words in ((self.folder / "empty", "Expected the folder of an unpacked LibTorch"),
                              (self.folder / "nothing", "there is no folder")):
            code, out, err = self.run_tool("varia", "plan", VARIA_TORCH=str(folder))
            self.assertEqual((code, out, self.log()), (2, "", ""))
            self.assertIn("varia: VARIA_TORCH: ", err)
            self.assertIn(words, err)
            self.assertEqual(len(err.splitlines()), 1)

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

    def test_what_packs_refuses_options_and_surplus_files_before_anything_is_set_up(self):
        for tool, *wrong in (("archive", "--help"), ("archive", "a.tar.xz", "b.tar.xz"),
                             ("image", "--help"), ("image", "a.tar", "b.tar"),
                             ("image", "--torch", "folder", "--help"), ("image", "--torch")):
            with self.subTest(tool=tool, wrong=wrong):
                code, out, err = self.run_tool(tool, *wrong)
                self.assertEqual((code, out, self.log()), (2, "", ""), err)
                expected = ("--torch: expected the folder of a LibTorch" if wrong == ["--torch"]
                            else f"expected at most one file: tools/{tool} ")
                self.assertTrue(err.startswith(f"{tool}: {expected}"), err)
                self.assertEqual(len(err.splitlines()), 1)

    def test_an_image_is_packed_on_no_other_debian_than_its_own(self):
        self.read_instead("image", "/etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n")
        code, out, err = self.run_tool("image")
        self.assertEqual((code, out, self.log()), (2, "", ""), err)
        self.assertIn("the image is a Debian 12", err)
        self.assertIn("this one is trixie", err)

    def test_a_debian_13_is_made_in_no_folder_that_has_other_files(self):
        folder = (self.folder / "mine").resolve()
        folder.mkdir()
        (folder / "letter.txt").write_text("")
        code, out, err = self.run_tool("test-debian13", str(folder))
        self.assertEqual((code, out), (2, ""))
        self.assertIn(f"test-debian13: {folder} has other files", err)
        self.assertEqual(os.listdir(folder), ["letter.txt"])
        # An empty one is filled by debootstrap, which is not here.
        (folder / "letter.txt").unlink()
        code, out, err = self.run_tool("test-debian13", str(folder))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("debootstrap is missing", err)

    def test_an_unknown_part_is_named(self):
        code, _, err = self.run_tool("setup", "tests")
        self.assertEqual(code, 2)
        self.assertIn("'tests' is not known", err)


if __name__ == "__main__":
    unittest.main()
