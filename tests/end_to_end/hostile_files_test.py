"""Results files and data of strangers: sealed with the right checksum, so that what reads them is tried.

Each changed file goes through every command that opens it. None may hang, die, print the raw text of
a library, or show a byte of another file. One of each kind of change here; VARIA_STRUCTURED=500 for more,
and VARIA_FIRST=17 begins with that change.
"""
import collections
import os
import shutil
import subprocess
import time
import unittest

import h5py
import numpy as np
from anndata_files import write_h5ad
from harness import EndToEnd, blobs
from hostile_changes import KINDS, change
from hostile_target import Neighbours

COUNT = int(os.environ.get("VARIA_STRUCTURED", len(KINDS)))
FIRST = int(os.environ.get("VARIA_FIRST", "0"))

MARKER = "marker-of-a-file-that-nobody-named"
SECONDS = 10

EXPERIMENT = """
data: {limit: 200, batch: 50, validation: 0.2}
model: {hidden: [8], latent: 2}
train: {epochs: 2, keep: last, record_every: 2}
metrics: [kl_parts]
views: [{use: samples, rows: 2, columns: 2, every: 1}, latent_scatter]
sweep: {loss.beta: [1, 4]}
"""
FROM_HDF5 = """
data: {use: hdf5, file: data.h5, labels: labels}
model: {use: mlp_vae, hidden: [8], latent: 2}
loss: elbo
optimizer: adam
train: {epochs: 1}
"""
FROM_CELLS = """
data: {use: anndata, file: cells.h5ad, label: type, covariates: [batch, age]}
model: {use: cell_vae, hidden: [8], latent: 2}
loss: elbo
optimizer: adam
train: {epochs: 1}
"""

RAW = ["HDF5-DIAG", "terminate called", "what():", "c10::", "std::", "unexpected error", "basic_string",
       "map::at", "vector::", "Assertion", "AddressSanitizer", "runtime error", "Traceback"]

# What each command may answer: 1 means here that something is missing, failed or differs.
MERGED = [
    ["show", "results/e.h5"], ["show", "results/e.h5", "--json"], ["compare", "results/e.h5"],
    ["compare", "results/e.h5", "--metric", "test/loss", "--json"],
    ["diff", "results/e.h5", "good.h5"], ["diff", "good.h5", "results/e.h5", "--json"],
    ["export", "results/e.h5", "--images", "pictures"],
    ["export", "results/e.h5", "--images", "sheets", "--sheet"],
    ["export", "results/e.h5", "--csv", "values.csv"],
    ["export", "results/e.h5", "--trial", "ID", "--yaml", "one.yaml"],
    ["report", "results/e.h5", "-o", "page.html"], ["verify-file", "results/e.h5"],
    ["sample", "results/e.h5", "--trial", "ID", "-o", "sample.png"],
    ["encode", "results/e.h5", "--trial", "ID", "-o", "codes.h5"],
    ["run", "--from", "results/e.h5", "--trial", "ID", "-o", "again"]]
FOLDER = [["status", "e"], ["status", "e", "--json"], ["plan", "e.yaml"], ["plan", "e.yaml", "--json"]]
CHANGING = [[["merge", "e"], ["show", "results/e.h5"], ["report", "results/e.h5", "-o", "page.html"]],
            [["merge", "e", "--pack"], ["export", "results/e.h5", "--csv", "values.csv"]],
            [["plan", "e.yaml", "--prune", "--yes"], ["merge", "e", "--prune", "--yes"]],
            [["run", "e.yaml"], ["show", "results/e.h5"]]]
COMMANDS = {
    "merged": [MERGED + FOLDER] + CHANGING,
    "trial": [[["verify-file", "FILE"], ["show", "FILE"]] + FOLDER] + CHANGING,
    "in_progress": [FOLDER] + CHANGING,
    "parameters": [[["verify-file", "FILE"], ["show", "FILE"]] + MERGED[-3:-1] + [
        ["traverse", "results/e.h5", "--trial", "ID", "-o", "codes.gif"],
        ["interpolate", "results/e.h5", "--trial", "ID", "-o", "way.png"],
        ["reconstruct", "results/e.h5", "--trial", "ID", "-o", "pair.png"]]],
    "data": [[["check", "d.yaml"], ["plan", "d.yaml"], ["run", "d.yaml"]]],
    "cells": [[["check", "c.yaml"], ["plan", "c.yaml"], ["run", "c.yaml"]]]}
MAY_BE_INCOMPLETE = {"verify-file", "diff", "merge", "run", "plan"}


class Server:
    """The program, loaded once (tests/support/command_server.cpp)."""

    def __init__(self, folder):
        self.out, self.err = os.path.join(folder, "out"), os.path.join(folder, "err")
        self.process = subprocess.Popen([os.environ["COMMAND_SERVER"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, *texts):
        self.process.stdin.write(b"".join(os.fsencode(str(text)) + b"\0" for text in texts))
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().rstrip("\n")

    def run(self, folder, seconds, arguments):
        """@returns how it ended, and the bytes that were printed"""
        end = self.ask("run", folder, self.out, self.err, seconds, len(arguments), *arguments)
        printed = []
        for path in (self.out, self.err):
            with open(path, "rb") as file:
                printed.append(file.read())
        return end, *printed

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class HostileFiles(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.write("d.yaml", FROM_HDF5)
        self.make_data("data.h5")
        self.write("c.yaml", FROM_CELLS)
        self.make_cells("cells.h5ad")
        self.varia("run", "e.yaml")
        shutil.copy(self.path("results/e.h5"), self.path("good.h5"))
        trial = self.files("results/e/trials/*/*.h5")[0]
        self.id = os.path.basename(trial)[:-3]
        self.places = {"merged": "results/e.h5", "trial": os.path.relpath(trial, self.folder),
                       "in_progress": f"results/e/checkpoints/{self.id}/trial.1.h5",
                       "parameters": f"results/e/models/{self.id}.h5", "data": "data.h5",
                       "cells": "cells.h5ad"}
        self.good = self.folder
        self.outside = self.good + "_outside"
        os.mkdir(self.outside)
        self.addCleanup(shutil.rmtree, self.outside)
        self.neighbours = Neighbours(self.outside, MARKER)
        self.server = Server(self.outside)
        self.addCleanup(self.server.close)
        self.longest = (0, "")

    def make_data(self, name):
        with h5py.File(self.path(name), "w") as file:
            file.create_dataset("images", data=blobs(60, 2), chunks=(20, 8, 8), compression="gzip")
            file["labels"] = [number % 3 for number in range(60)]

    def make_cells(self, name):
        draw = np.random.default_rng(1)
        write_h5ad(self.path(name), draw.poisson(2, (60, 8)).astype("f4"), obs={
            "type": (["T", "B", "NK"], draw.integers(0, 3, 60)), "age": draw.normal(0, 1, 60),
            "batch": draw.choice(["one", "two"], 60)})

    def new_case(self, subject, number):
        """A copy of the folder with a changed file. @returns (folder, file, what was done)"""
        case = os.path.join(self.outside, "case")
        shutil.rmtree(case, ignore_errors=True)
        shutil.copytree(self.good, case, symlinks=True)
        file = os.path.join(case, self.places[subject])
        trial = os.path.join(case, self.places["trial"])
        if subject == "in_progress":
            os.makedirs(os.path.dirname(file))
            os.rename(trial, file)
        if subject in ("trial", "in_progress") and number % 2:
            os.remove(os.path.join(case, self.places["merged"]))
        what = change(file, number, self.neighbours)
        if os.path.isfile(file) and not os.path.islink(file) and subject not in ("data", "cells"):
            self.server.ask("seal", file)
        return case, file, what

    def patience(self):
        """A machine that has other work needs longer."""
        return int(SECONDS * max(1, 2 * os.getloadavg()[0] / os.cpu_count()))

    def check(self, case, file, arguments):
        arguments = [{"ID": self.id, "FILE": file}.get(word, word) for word in arguments]
        began = time.monotonic()
        end, out, err = self.server.run(case, self.patience(), arguments)
        self.longest = max(self.longest, (time.monotonic() - began, " ".join(arguments)))
        said = f"{' '.join(arguments)}: {end}\n{out[-2000:]}\n{err[-2000:]}"
        allowed = ["exit 0", "exit 2"] + ["exit 1"] * (arguments[0] in MAY_BE_INCOMPLETE)
        self.assertIn(end, allowed, said)
        if end == "exit 2":
            self.assertTrue(err.strip(), said)
        for text in (out, err):
            self.assertNotIn(MARKER.encode(), text, said)
            for raw in RAW:
                self.assertNotIn(raw.encode(), text, said)
        self.assertNotIn(b"\x1b", err, said)
        if "yaml" not in arguments[-1]:
            self.assertNotIn(b"\x1b", out, said)
        for folder, _, names in os.walk(case):
            for name in names:
                self.assert_no_marker(os.path.join(folder, name), said)
        return end

    def assert_no_marker(self, path, said):
        if not os.path.isfile(path) or os.path.islink(path) or os.path.getmtime(path) < self.began:
            return
        with open(path, "rb") as written:
            self.assertNotIn(MARKER.encode(), written.read(), f"{path}: {said}")

    def test_every_command_answers_or_refuses(self):
        subjects = ["merged", "trial", "merged", "in_progress", "trial", "parameters", "data",
                    "cells"]
        tally = collections.Counter()
        for number in range(FIRST, FIRST + COUNT):
            # Each kind of change meets each kind of file, as the numbers go on.
            subject = subjects[(number + number // len(KINDS)) % len(subjects)]
            for commands in COMMANDS[subject]:
                self.began = time.time() - 1
                case, file, what = self.new_case(subject, number)
                for arguments in commands:
                    with self.subTest(number=number, subject=subject, what=what):
                        tally[self.check(case, file, arguments)] += 1
        print(f"{COUNT} files, {sum(tally.values())} commands: {dict(tally)}; the longest took "
              f"{self.longest[0]:.1f} s ({self.longest[1]})")


if __name__ == "__main__":
    unittest.main()
