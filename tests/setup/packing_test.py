"""Tests of what the tools that pack, and the one that makes a Debian 13, refuse at once, and of the folder of
libraries."""

import os
import pathlib
import subprocess
import unittest

import setup_sandbox


class PackingTest(setup_sandbox.SetupSandbox):
    def test_libraries_are_gathered_in_no_folder_that_has_other_files(self):
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "letter.txt").write_text("")
        code, out, err = self.run_tool("libraries", str(self.folder / "mine"))
        self.assertEqual((code, out, self.log()), (2, "", ""))
        self.assertIn("is no folder of libraries", err)
        self.assertEqual(os.listdir(self.folder / "mine"), ["letter.txt"])

    def test_a_folder_of_libraries_that_is_named_with_a_slash_is_replaced(self):
        for name in "du grep ln objdump pkgconf sed tr xargs".split():
            (self.commands / name).unlink(missing_ok=True)
            (self.commands / name).symlink_to(f"/usr/bin/{name}")
        triplet = subprocess.check_output(["c++", "-print-multiarch"], text=True).strip()
        self.command("c++", f"echo {triplet}")
        # One header in each place, and one library.
        include = pathlib.Path("/usr/include")
        files = [next(file for file in sorted((include / place).iterdir()) if file.is_file())
                 for place in ("hdf5/serial", triplet)]
        files.append(f"/usr/lib/{triplet}/libz.so")
        self.command("dpkg-query", f"""
            if [[ $1 == -L ]]; then printf '%s\\n' {' '.join(map(str, files))}; exit; fi
            {setup_sandbox.DPKG_QUERY}""")
        folder = self.folder / "libraries"
        for _ in range(2):
            code, out, err = self.run_tool("libraries", "libraries/", cwd=self.folder)
            self.assertEqual((code, out), (0, ""), err)
            self.assertEqual(sorted(os.listdir(folder)), ["bin", "include", "lib"])
            self.assertTrue((folder / "lib" / triplet / "libz.so").exists())
            self.assertTrue((folder / "include" / files[0].name).exists())
        self.assertEqual([name for name in os.listdir(self.folder) if "part" in name], [])

    def test_what_packs_refuses_options_and_surplus_files_before_anything_is_set_up(self):
        for tool, *wrong in (("archive", "--help"), ("archive", "a.tar.xz", "b.tar.xz"),
                             ("libraries", "--help"), ("libraries", "a", "b"),
                             ("image", "--help"), ("image", "a.tar", "b.tar"),
                             ("image", "--torch", "folder", "--help"), ("image", "--torch")):
            with self.subTest(tool=tool, wrong=wrong):
                code, out, err = self.run_tool(tool, *wrong)
                self.assertEqual((code, out, self.log()), (2, "", ""), err)
                what = "folder" if tool == "libraries" else "file"
                expected = ("--torch: expected the folder of a LibTorch" if wrong == ["--torch"]
                            else f"expected at most one {what}: tools/{tool} ")
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


if __name__ == "__main__":
    unittest.main()
