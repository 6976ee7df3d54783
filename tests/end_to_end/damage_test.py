"""Results that are damaged, of another version, or on a full disk: nothing of them is lost."""
import glob
import os
import resource
import unittest

import h5py
from harness import EndToEnd, by_trial, read_all, results_of, same

EXPERIMENT = "sweep: {loss.beta: [1, 4]}\n"


def contents(folder):
    """{path: bytes} of all files in a folder."""
    files = {}
    for path in glob.glob(os.path.join(folder, "**"), recursive=True, include_hidden=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                files[path] = file.read()
    return files


class Damage(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)

    def assert_refused_and_unchanged(self, *arguments):
        before = contents(self.path("results"))
        line = self.refused("run", "e.yaml", *arguments)
        self.assertEqual(contents(self.path("results")), before)
        return line

    def test_results_of_another_version(self):
        self.varia("run", "e.yaml")
        with h5py.File(self.path("results/e.h5"), "r+") as file:
            file.attrs["version"] = 2
        line = self.assert_refused_and_unchanged("loss.beta=8")
        self.assertIn("results/e.h5: has version 2 of the format varia-results, but this program "
                      "knows version 1", line)
        self.assertIn("Move it away, or give this run results of its own with --name", line)
        self.assertIn("has version 2", self.refused("show", "results/e.h5"))

    def test_a_trial_of_another_version(self):
        self.varia("run", "e.yaml")
        trial = glob.glob(self.path("results/e/trials/*/*.h5"))[0]
        with h5py.File(trial, "r+") as file:
            file.attrs["version"] = 2
        # Before the HDF5 data too; HDF5 1.14 changes the attribute where it is, in as many bytes.
        with open(trial, "r+b") as file:
            self.assertEqual(file.read(14), b"varia-trial 1 ")
            file.seek(0)
            file.write(b"varia-trial 2 ")
        line = self.assert_refused_and_unchanged("train.epochs=3")
        self.assertIn("has version 2 of the format varia-trial", line)
        self.assertIn("has version 2", self.refused("plan", "e.yaml"))

    def test_plan_status_and_merge_agree_on_a_damaged_trial_file(self):
        self.varia("run", "e.yaml")
        trial = glob.glob(self.path("results/e/trials/*/*.h5"))[0]
        size = os.path.getsize(trial)
        os.truncate(trial, 3000)
        problem = f"cannot be opened as HDF5: it is cut short: 3000 of {size - 55} bytes"
        self.assertIn("new", [state for state, _ in self.plan("e.yaml")])
        outcome = self.varia("status", "e", code=2)
        self.assertIn("1 done, 1 new", outcome.out)
        self.assertIn(problem, outcome.err)
        outcome = self.varia("status", "e", "--json", code=2)
        self.assertIn(problem, outcome.json["problems"][0])
        self.assertIn(problem, outcome.err)
        outcome = self.varia("merge", "e")
        self.assertEqual(outcome.err.count("\n"), 1, outcome.err)
        self.assertIn(problem, outcome.err)
        self.assertTrue(outcome.err.endswith("Its row of the merged file stays as it was\n"))
        self.varia("run", "e.yaml")
        self.assertEqual(self.varia("status", "e").err, "")

    def test_another_file_in_place_of_the_results(self):
        os.mkdir(self.path("results"))
        self.write("results/e.h5", "notes on my results\n")
        line = self.assert_refused_and_unchanged()
        self.assertTrue(line.startswith("results/e.h5: cannot be opened as HDF5"), line)
        self.assertEqual(os.listdir(self.path("results")), ["e.h5"])
        with h5py.File(self.path("results/e.h5"), "w") as file:
            file["mine"] = 1
        self.assertIn("but not of the format varia-results", self.assert_refused_and_unchanged())

    def test_a_folder_in_place_of_the_results(self):
        os.makedirs(self.path("results/e.h5"))
        self.assertIn("results/e.h5: is a folder", self.assert_refused_and_unchanged())

    def test_results_that_were_cut_off(self):
        self.varia("run", "e.yaml")
        size = os.path.getsize(self.path("results/e.h5"))
        for part in (0, 1, size // 2, size - 1):
            with open(self.path("results/e.h5"), "r+b") as file:
                file.truncate(part)
            self.assertTrue(self.refused("show", "results/e.h5").startswith("results/e.h5: "))
            self.assertTrue(self.assert_refused_and_unchanged().startswith("results/e.h5: "))

    def test_a_limit_on_files_accuses_none(self):
        self.varia("run", "e.yaml", "replicates=4")
        os.remove(self.path("results/e.h5"))

        def limited(*arguments):
            process = self.start(*arguments, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (20000, 20000)))
            out, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 2, err)
            return err
        for arguments in (["merge", "e"], ["run", "e.yaml", "replicates=5"]):
            err = limited(*arguments)
            self.assertIn("File too large", err)
            self.assertNotIn("the file before", err)  # there was none
            if arguments[0] == "run":
                self.assertIn("8 of 10 planned trials are done and safe. Make room, and the same "
                              "command resumes", err)
            self.assertNotIn("damaged", err)
        self.assertEqual(glob.glob(self.path("results/**/*.tmp"), recursive=True), [])
        self.varia("merge", "e", code=1)  # two replicates were not trained
        # Of these two there may be rows, too, of what they recorded before the limit was met.
        with h5py.File(self.path("results/e.h5")) as file:
            self.assertEqual(list(file["trials/status"].asstr()[:]).count("done"), 8)

    def test_a_full_disk(self):
        disk = self.path("disk")
        os.mkdir(disk)
        self.mount_tmpfs(disk, "size=2m")
        self.varia("run", "e.yaml", "--results", "disk")
        before = results_of(self.path("disk/e.h5"))
        trials = {path: read_all(path) for path in glob.glob(self.path("disk/e/trials/*/*.h5"))}
        with open(self.path("disk/ballast"), "wb") as file:
            try:
                for size in (1 << 16, 1 << 12):
                    while True:
                        file.write(bytes(size))
                        file.flush()
            except OSError:
                pass
        longer = ["run", "e.yaml", "train.epochs=20", "views=[{use: samples, every: 1}]",
                  "--results", "disk"]
        outcome = self.varia(*longer, code=2)
        self.assertEqual(outcome.out, "")
        error = outcome.err.rstrip("\n").splitlines()[-1]
        self.assertIn("No space left on device", error)
        self.assertNotIn("HDF5-DIAG", outcome.err)
        # All that was there is there.
        after = results_of(self.path("disk/e.h5"))
        self.assertTrue(all(same(before[name], after[name]) for name in before))
        for path, content in trials.items():
            now = read_all(path)
            self.assertTrue(all(same(content[name], now[name]) for name in content))
        self.assertEqual(glob.glob(self.path("disk/**/*.tmp"), recursive=True), [])
        # With room again, the same command finishes.
        os.remove(self.path("disk/ballast"))
        self.varia(*longer)
        self.assertEqual({row["metrics/test/loss"].shape
                          for row in by_trial(self.path("disk/e.h5")).values()}, {(20,)})


if __name__ == "__main__":
    unittest.main()
