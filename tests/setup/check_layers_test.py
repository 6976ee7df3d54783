"""Tests of tools/check-layers: on small trees, and on this repository."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = """# rooms

| folder | what it does | may include | libraries |
|---|---|---|---|
| include/varia/ | what a plugin sees | | LibTorch |
| [files/](files/README.md) | whole files | include/varia | |
| [results/](results/README.md) | what was found | include/varia, files | HDF5, fmt |
| results/folder/ | where it lies | files, results | |
| host/ | opens plugins | include/varia | LibTorch (torch/version.h) |
| ../plugins/ | components | include/varia | LibTorch, zlib (datasets/) |
| ../tools/cli/ | commands | all | CLI11 |
"""


def check(root):
    done = subprocess.run([str(ROOT / "tools" / "check-layers"), str(root)], text=True,
                          capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


class SmallTrees(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="varia-layers-test-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for room in ("include/varia", "files", "results/folder", "host", "../plugins/datasets",
                     "../tools/cli"):
            os.makedirs(self.root / "framework" / room)
        self.write("framework/README.md", TABLE)
        self.write("framework/include/varia/error.hpp", "#include <string>\n")
        self.write("framework/include/varia/tensor.hpp", "#include <torch/types.h>\n")
        self.write("framework/include/varia/plugin.hpp", "#include <torch/version.h>\n")
        self.write("framework/files/lease.hpp", '#include "varia/error.hpp"\n')
        self.write("framework/results/trial.hpp", '#pragma once\n#include "files/lease.hpp"\n')

    def write(self, path, text):
        (self.root / path).write_text(text, encoding="utf-8")

    def expect(self, *lines):
        code, out, err = check(self.root)
        self.assertEqual((code, out.splitlines(), err), (1 if lines else 0, list(lines), ""))

    def test_includes_that_the_table_has_are_silent(self):
        self.write("framework/results/trial.cpp",
                   "#include <hdf5.h>\n#include <sys/mman.h>\n#include <vector>\n")
        self.write("framework/results/folder/state.cpp", '#include "results/trial.hpp"\n')
        self.write("plugins/datasets/mnist.cpp", '#include "varia/tensor.hpp"\n#include <zlib.h>\n')
        self.write("tools/cli/main.cpp", '#include <CLI/CLI.hpp>\n#include "results/trial.hpp"\n')
        self.expect()

    def test_an_arrow_against_the_table_is_told_with_its_place_and_what_is_allowed(self):
        self.write("framework/files/lease.cpp",
                   '#include "files/lease.hpp"\n#include "results/trial.hpp"\n')
        self.expect("framework/files/lease.cpp:2: includes results/trial.hpp of results; "
                    "files may include: include/varia")

    def test_a_room_within_a_room_has_arrows_of_its_own(self):
        self.write("framework/results/trial.cpp", '#include "results/folder/state.hpp"\n')
        self.expect("framework/results/trial.cpp:1: includes results/folder/state.hpp of "
                    "results/folder; results may include: files, include/varia, HDF5, fmt")

    def test_a_library_outside_its_room_is_told(self):
        self.write("framework/files/lease.cpp", "#include <fmt/format.h>\n")
        self.write("plugins/zipped.cpp", "#include <zlib.h>\n")
        self.expect("framework/files/lease.cpp:1: includes fmt/format.h of fmt; "
                    "files may include: include/varia",
                    "plugins/zipped.cpp:1: includes zlib.h of zlib; "
                    "../plugins may include: include/varia, LibTorch, zlib (datasets/)")

    def test_a_library_that_is_not_known_is_told(self):
        self.write("framework/files/lease.cpp", "#include <absl/strings.h>\n")
        self.expect("framework/files/lease.cpp:1: includes absl/strings.h of a library that is not "
                    "known; files may include: include/varia")

    def test_libtorch_by_a_detour_is_told_once_with_the_way(self):
        self.write("framework/files/batch.hpp", '#include "varia/tensor.hpp"\n')
        self.write("framework/files/batch.cpp", '#include "files/batch.hpp"\n')
        self.expect("framework/files/batch.hpp:1: includes torch/types.h of LibTorch by way of "
                    "varia/tensor.hpp; files may include: include/varia")

    def test_one_header_of_a_library_can_be_allowed_alone(self):
        self.write("framework/host/host.cpp", '#include "varia/plugin.hpp"\n')
        self.expect()
        self.write("framework/host/host.cpp", '#include "varia/tensor.hpp"\n')
        self.expect("framework/host/host.cpp:1: includes torch/types.h of LibTorch by way of "
                    "varia/tensor.hpp; host may include: include/varia, LibTorch (torch/version.h)")

    def test_a_cycle_in_the_table_is_told(self):
        self.write("framework/README.md",
                   TABLE.replace("include/varia | |\n", "include/varia, results | |\n"))
        self.expect("framework/README.md: the rooms form a cycle: files -> results -> files")

    def test_a_row_without_a_folder_and_a_room_without_a_row_are_told(self):
        self.write("framework/README.md", TABLE + "| sweep/ | many | attic | |\n")
        self.expect("framework/README.md:12: there is no folder framework/sweep",
                    "framework/README.md: sweep may include attic, which has no row of its own")

    def test_a_source_that_no_row_has_is_told(self):
        os.makedirs(self.root / "framework/attic")
        self.write("framework/attic/old.cpp", "")
        self.expect("framework/attic/old.cpp:1: no row of framework/README.md has this file")

    def test_a_file_without_the_table_is_an_error(self):
        self.write("framework/README.md", "# rooms\n")
        code, out, err = check(self.root)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("framework/README.md has no table", err)


class ThisRepository(unittest.TestCase):
    def test_every_include_is_one_that_the_table_of_rooms_has(self):
        self.assertEqual(check(ROOT), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
