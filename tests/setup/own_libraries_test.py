"""Tests of VARIA_TORCH and VARIA_LIBRARIES, by which tools/setup builds with libraries that are not Debian's."""

import unittest

import setup_sandbox


class OwnLibrariesTest(setup_sandbox.SetupSandbox):
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

    def libraries(self):
        """A folder that seems to be one of tools/libraries."""
        folder = self.folder / "libraries"
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "pkg-config").write_text("#!/bin/sh\n")
        (folder / "bin" / "pkg-config").chmod(0o755)
        return str(folder)

    def test_with_a_folder_of_libraries_nothing_is_installed(self):
        self.become_user()
        folder = self.libraries()
        self.assertEqual(self.run_tool("varia", "plan", VARIA_LIBRARIES=folder)[0], 3)
        self.assertNotIn("apt-get", self.log())
        self.assertIn(f"cmake --preset release -D VARIA_LIBRARIES={folder}\n", self.log())
        code, _, err = self.run_tool("varia", "plan", VARIA_LIBRARIES=folder)
        self.assertEqual((code, err), (3, ""))
        (self.folder / "cmake-is-broken").touch()
        torch = self.torch()
        code, out, err = self.run_tool("setup", VARIA_LIBRARIES=folder, VARIA_TORCH=torch)
        self.assertEqual((code, out), (2, ""))
        self.assertIn(f"-D VARIA_TORCH={torch} -D VARIA_LIBRARIES={folder}\n", self.log())
        self.assertIn("nothing can be installed here", err)

    def test_with_packages_of_the_system_those_of_an_active_conda_are_ignored(self):
        conda = {"CONDA_PREFIX": "/opt/conda"}
        ignored = "-D CMAKE_IGNORE_PREFIX_PATH=/opt/conda -D CMAKE_IGNORE_PATH=/opt/conda/bin\n"
        self.assertEqual(self.run_tool("varia", "plan", **conda)[0], 3)
        self.assertIn(f"cmake --preset release {ignored}", self.log())
        torch = self.torch()
        self.assertEqual(self.run_tool("varia", "plan", VARIA_TORCH=torch, **conda)[0], 3)
        self.assertIn(f"-D VARIA_TORCH={torch} {ignored}", self.log())
        # CMake and Ninja may be conda's where nothing can be installed.
        folder = self.libraries()
        self.assertEqual(self.run_tool("varia", "plan", VARIA_LIBRARIES=folder, **conda)[0], 3)
        self.assertIn(f"cmake --preset release -D VARIA_LIBRARIES={folder}\n", self.log())

    def test_what_is_no_folder_of_libraries_is_refused_before_anything_is_installed(self):
        (self.folder / "empty").mkdir()
        for folder, words in ((self.folder / "empty", "is no folder that tools/libraries has made"),
                              (self.folder / "nothing", "there is no folder")):
            code, out, err = self.run_tool("setup", VARIA_LIBRARIES=str(folder))
            self.assertEqual((code, out, self.log()), (2, "", ""))
            self.assertTrue(err.startswith("varia: VARIA_LIBRARIES: "), err)
            self.assertIn(words, err)
            self.assertEqual(len(err.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
