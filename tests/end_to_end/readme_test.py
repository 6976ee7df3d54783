"""Every command of every README: run as it stands, its output compared with what the page says.

A block of `sh` has commands, `tools/varia` being the program. A block without a language may have a
command behind "$ ", and what it prints below. `<!-- output of: COMMAND -->` before a block says that it
has the last lines of what another command prints, and `<!-- numbers within 5% -->` (alone, or behind a
semicolon) that numbers depend on the machine.
"""
import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from harness import MNIST, PROGRAM, EndToEnd, unittest

SOURCE = Path(os.environ["VARIA_SOURCE_DIR"])
PAGES = sorted(path.relative_to(SOURCE).as_posix()
               for place in ("", "experiments", "framework", "plugins", "results", "tests", "tools")
               for path in (SOURCE / place).glob("README.md" if place == "" else "**/README.md"))

BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
                   re.DOTALL | re.MULTILINE)

#: What is not run here, and why. The first that matches a command, or the page that it is on.
NOT_RUN = [
    (r"^tools/(test|image|archive)\b", "minutes; tests/setup has them"),
    (r"^(apptainer|hq)\b", "needs what is not Varia's; tests/setup has the image"),
    (r"^pip install\b", "tests/python/package_test.py installs the package"),
    (r"^varia submit\b|^bash results/e/submissions", "needs Slurm; tests/slurm has it"),
    (r"\| parallel|>commands$", "needs GNU parallel or HyperQueue; tests/end_to_end/plan_test.py has --commands"),
    (r"^varia merge e$|^varia status beta_sweep\b.*squeue", "of a sweep on a cluster; tests/slurm has it"),
    (r"^varia run --live\b", "takes minutes; tests/browser/live_page_test.py has it"),
    (r"^(tools/)?varia \w+ (results/)?digits\.\w+$", "of images that the page makes; datasets/official_test.py has them"),
    (r"^varia report A\.h5 B\.h5\b", "names of the reader's files; tests/browser has two files"),
]
NOT_RUN_PAGES = {
    "plugins/README.md": "tests/consumer/guide_test.py follows it",
    "plugins/models/torchscript/README.md": "tests/end_to_end/torchscript_test.py follows it",
    "tests/faults/README.md": "calls of tests",
    "tests/fuzz/README.md": "calls of fuzzers, which do not end",
    "tools/bench/README.md": "measurements, which take minutes",
    "tools/README.md": "tests/setup and tests/consumer have them",
}


def commands_of(text):
    """The commands of a block, without comments."""
    lines = (re.sub(r"(^|\s+)#.*", "", line) for line in text.splitlines())
    return [line for line in lines if line.strip()]


def reason_of(page, command):
    if page in NOT_RUN_PAGES:
        return NOT_RUN_PAGES[page]
    return next((reason for pattern, reason in NOT_RUN if re.search(pattern, command)), None)


@unittest.skipUnless(os.path.isdir(MNIST), f"there is no {MNIST}")
class Readmes(EndToEnd):
    """All commands run in one folder that has what the pages speak of, but for the time that training
    takes: fewer settings, epochs and images."""

    @classmethod
    def setUpClass(cls):
        cls.example = EndToEnd()
        cls.example.setUp()
        cls.addClassCleanup(cls.example.doCleanups)
        path = cls.example.path
        os.symlink(SOURCE / "experiments", path("experiments"))
        # The program as `varia` in PATH, and as the script of the source tree, which would set up.
        for folder in ("bin", "tools"):
            os.makedirs(path(folder))
            os.symlink(PROGRAM, path(folder, "varia"))
        run = cls.example.varia
        run("run", "experiments/beta_sweep.yaml", "--quiet", "train.epochs=1", "data.limit=500",
            "model.hidden=[16]", "replicates=2", "sweep.loss.beta=[1,4]", "sweep.model.latent=[2,10]",
            "metrics=[{use: nll, samples: 2}]")
        run("run", "experiments/quickstart.yaml", "--quiet")
        cls.write_new_data(cls.example)

    @staticmethod
    def write_new_data(example):
        random = np.random.default_rng(0)
        with open(example.path("penguins.csv"), "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["species", "length", "mass"])
            for i in range(60):
                table.writerow([f"kind {i % 3}", "" if i % 7 == 0 else f"{random.normal(i % 3):.3f}",
                                f"{random.normal():.3f}"])
        np.savez(example.path("arrays.npz"), images=random.random((80, 6), np.float32),
                 test_images=random.random((20, 6), np.float32))
        np.savez(example.path("new.npz"), images=random.random((9, 28, 28), np.float32))
        example.write("penguins.yaml", "name: penguins\ndata: {use: table, file: penguins.csv, test: 0.2}\n"
                      "model: {use: mlp_vae, hidden: [8], latent: 2}\nloss: {use: elbo}\n"
                      "optimizer: {use: adam}\ntrain: {epochs: 1}\n")
        example.write("arrays.yaml", "name: arrays\ndata: {use: numpy, file: arrays.npz, images: images, test_images: test_images}\n"
                      "model: {use: mlp_vae, hidden: [8], latent: 2}\nloss: {use: elbo}\n"
                      "optimizer: {use: adam}\ntrain: {epochs: 1}\n")
        for name in ("penguins", "arrays"):
            example.varia("run", f"{name}.yaml", "--quiet")

    def setUp(self):
        self.folder = self.example.folder

    def call(self, command):
        """What a command prints, as a reader's shell runs it."""
        # The Python of the tests has the packages that figures need.
        path = f"{self.path('bin')}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
        found = subprocess.run(["sh", "-c", command], cwd=self.folder, env={**os.environ, "PATH": path},
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        self.assertEqual(found.returncode, 0, f"{command}\n{found.stdout}\n{found.stderr}")
        return found.stdout

    def blocks(self):
        for page in PAGES:
            text = (SOURCE / page).read_text(encoding="utf-8")
            for block in BLOCK.finditer(text):
                yield page, block["mark"] or "", block["language"], block["text"]

    def test_every_command_ends_well(self):
        count = 0
        for page, _, language, text in self.blocks():
            for command in commands_of(text) if language == "sh" else []:
                if reason_of(page, command):
                    continue
                with self.subTest(page=page, command=command):
                    self.assertRegex(command, r"^(tools/)?varia ", "neither run nor named in NOT_RUN")
                    self.call(command)
                    count += 1
        self.assertGreater(count, 20)

    def test_every_output_is_what_the_page_says(self):
        compared = 0
        # As for a reader, who has run nothing yet.
        shutil.rmtree(self.path("results", "quickstart"))
        os.remove(self.path("results", "quickstart.h5"))
        for page, mark, language, text in self.blocks():
            shown = re.match(r"\$ (.*)\n", text) if language == "" else None
            named = re.match(r"output of: ([^;]*)", mark)
            if not (shown or named):
                continue
            command = (shown or named)[1]
            with self.subTest(page=page, command=command):
                if "compare results/quickstart.h5" in command:
                    self.call("varia run experiments/quickstart.yaml --quiet replicates=3")
                printed = self.call(command).rstrip("\n").split("\n")
                expected = (text[shown.end():] if shown else text).rstrip("\n").split("\n")
                self.assert_same_text(expected, printed if shown else printed[-len(expected):],
                                      0.05 if "within 5%" in mark else 0)
                compared += 1
        self.assertGreater(compared, 1)

    def assert_same_text(self, expected, printed, tolerance):
        if tolerance == 0:
            self.assertEqual(expected, printed)
            return
        words = [[re.findall(r"[][(),]|[^][(),\s]+", line) for line in lines]
                 for lines in (expected, printed)]
        self.assertEqual(len(words[0]), len(words[1]), printed)
        for want, found in zip(*words):
            self.assertEqual(len(want), len(found), (want, found))
            for a, b in zip(want, found):
                try:
                    number = float(a)
                except ValueError:
                    self.assertEqual(a, b)
                else:
                    self.assertLessEqual(abs(float(b) - number), tolerance * abs(number), (want, found))

    def test_what_is_not_run_is_on_a_page(self):
        commands = [(page, command) for page, _, language, text in self.blocks() if language == "sh"
                    for command in commands_of(text)]
        for pattern, _ in NOT_RUN:
            self.assertTrue(any(re.search(pattern, command) for page, command in commands
                                if page not in NOT_RUN_PAGES), pattern)
        for page in NOT_RUN_PAGES:
            self.assertIn(page, [there for there, _ in commands])


if __name__ == "__main__":
    unittest.main()
