"""Disks that are full or read-only, files that are cut off, moved folders and wrong clocks."""
import glob
import os
import shutil
import signal
import subprocess
import time

import h5py
from faults import Faults, WholeFiles, main

# A checkpoint has some 250 KB. An epoch takes some 20 ms: what happens after one of the first has time
# before the last, where other work holds the processors.
EXPERIMENT = """
data: {batch: 16, validation: 0.1}
model: {hidden: [128]}
train: {epochs: 40, keep: best}
views: [{use: samples, rows: 2, columns: 2, every: 10}]
sweep: {loss.beta: [1, 2, 4, 8]}
run: {jobs: 2, checkpoint_every: 0}
"""

FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"


class Disk(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)

    def whole(self):
        self.varia("run", "e.yaml", "--results", "whole")

    def interrupt(self, text="epoch 5/40", results="results", number=signal.SIGINT):
        """A run that was interrupted, or killed, in the middle of its first trials."""
        process = self.start_until(text, "e.yaml", "--results", results)
        os.killpg(process.pid, number)
        self.finish(process, 75 if number == signal.SIGINT else -number)

    def fill(self, folder, room):
        """Leaves `room` bytes of a file system."""
        status = os.statvfs(folder)
        with open(os.path.join(folder, "ballast"), "wb") as file:
            os.posix_fallocate(file.fileno(), 0,
                               max(1, status.f_bavail * status.f_frsize - room))

    def test_a_disk_that_fills_up_while_trials_run(self):
        self.whole()
        os.mkdir(self.path("disk"))
        self.mount_tmpfs(self.path("disk"), "size=16m")
        os.mkdir(self.path("disk/results"))
        done = {}
        refused = 0
        for room in (0, 200_000, 500_000, 900_000, 1_500_000):
            with self.subTest(room):
                self.fill(self.path("disk"), room)
                process = self.start_run("e.yaml", "--results", "disk/results")
                out, err = process.communicate(timeout=300)
                self.assertIn(process.returncode, (0, 2), err)
                refused += process.returncode == 2
                if process.returncode == 2:
                    self.assertIn("No space left on device", err.rstrip("\n").splitlines()[-1])
                for noise in ("HDF5-DIAG", "terminate called", "failed:", "note:"):
                    self.assertNotIn(noise, err)
                os.remove(self.path("disk/ballast"))
                WholeFiles().check(self.files("disk", "**", "*.h5"))
                found = {id: os.stat(path).st_ino
                         for id, path in self.published("disk/results").items()}
                self.assertLessEqual(done.items(), found.items())
                done = found
                self.assertEqual(self.files("disk", "**", "*.tmp"), [])
        self.assertGreaterEqual(refused, 2)
        self.varia("run", "e.yaml", "--results", "disk/results")
        self.assert_same_results("whole", "disk/results")
        self.assert_nothing_left_behind("disk/results")

    def test_a_read_only_folder_is_refused_and_unchanged(self):
        self.whole()
        os.mkdir(self.path("disk"))
        self.mount_tmpfs(self.path("disk"), "size=16m")
        os.mkdir(self.path("disk/results"))
        self.interrupt(results="disk/results")
        before = [(path, os.stat(path).st_mtime_ns) for path in self.files("disk", "**")]
        remount = ["mount", "-o", "remount,ro", self.path("disk")]
        self.assertEqual(subprocess.call(remount), 0)
        line = self.refused("run", "e.yaml", "--results", "disk/results")
        self.assertIn("Read-only file system", line)
        self.assertIn("choose another", line)
        self.assertEqual([(path, os.stat(path).st_mtime_ns) for path in self.files("disk", "**")],
                         before)
        # What only reads works.
        self.assertEqual(self.plan("e.yaml", results="disk/results")[0][0], "partial")
        self.varia("show", "disk/results/e.h5")
        self.varia("status", "e", "--results", "disk/results")
        remount[2] = "remount,rw"
        self.assertEqual(subprocess.call(remount), 0)
        self.varia("run", "e.yaml", "--results", "disk/results")
        self.assert_same_results("whole", "disk/results")

    def damage(self, paths, how):
        for path in paths:
            size = os.path.getsize(path)
            with open(path, "r+b") as file:
                if how == "one bit":
                    file.seek(size // 2)
                    byte = file.read(1)
                    file.seek(size // 2)
                    file.write(bytes([byte[0] ^ 1]))
                else:
                    file.truncate(how(size))

    def test_damaged_checkpoints(self):
        """The unit tests cut them at every 4 KiB; here the program goes on from what is left."""
        self.experiment("e", EXPERIMENT.replace("[1, 2, 4, 8]", "[1, 4]"))
        self.whole()
        self.interrupt(results="interrupted")
        damages = {"empty": lambda size: 0, "a byte": lambda size: 1,
                   "a page": lambda size: 4096, "half": lambda size: size // 2,
                   "all but a byte": lambda size: size - 1, "one bit": "one bit"}
        newest, all_of_them, recorded, everything = "checkpoint.?", "checkpoint.*", "trial.*", "*.*"
        for name, pattern in [*((name, newest) for name in damages), ("half", all_of_them),
                              ("empty", recorded), ("half", recorded), ("a page", everything)]:
            with self.subTest(name, pattern=pattern):
                shutil.rmtree(self.path("results"), ignore_errors=True)
                shutil.copytree(self.path("interrupted"), self.path("results"), symlinks=True)
                victims = self.files("results", "e", "checkpoints", "*", pattern)
                self.assertGreaterEqual(len(victims), 2)
                self.damage(victims, damages[name])
                self.assertEqual(self.trained(self.varia("run", "e.yaml")), 2)
                self.assert_same_results("whole", "results")
                self.assert_nothing_left_behind()

    def test_only_what_comes_after_the_last_good_checkpoint_is_trained_again(self):
        self.interrupt("loss.beta=1  epoch 5/40")  # the other trial may be ahead
        newest = self.files("results", "e", "checkpoints", "*", "checkpoint.?")
        self.damage(newest, lambda size: size // 2)
        outcome = self.varia("run", "e.yaml")
        first = min(int(line.split("epoch ")[1].split("/")[0])
                    for line in outcome.err.splitlines()
                    if "loss.beta=1 " in line and "epoch " in line)
        self.assertGreaterEqual(first, 5)

    def test_trial_files_of_zero_bytes(self):
        self.whole()
        self.varia("run", "e.yaml", "loss.beta=1")
        published, = self.published().values()
        with open(published, "w"):
            pass
        state, reason = self.plan("e.yaml")[0]
        self.assertEqual(state, "new")
        self.assertIn("its file is damaged", reason)
        # What was merged before is not lost meanwhile.
        with h5py.File(self.path("results/e.h5")) as file:
            self.assertEqual(list(file["trials/status"].asstr()), ["done"])
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 4)
        self.assert_same_results("whole", "results")
        self.assert_nothing_left_behind()

    def test_a_folder_that_is_moved_between_two_runs(self):
        self.whole()
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(number):
                self.interrupt("[3/4]", results=f"before{number}", number=number)
                os.makedirs(self.path("else where"))
                os.rename(self.path(f"before{number}"), self.path("else where/after"))
                outcome = self.varia("run", "e.yaml", "--results", "else where/after")
                self.assertRegex(outcome.out, r"[1-3] trained, [1-3] kept, 0 failed")
                self.assert_same_results("whole", "else where/after")
                self.assert_nothing_left_behind("else where/after")
                shutil.rmtree(self.path("else where"))

    def test_files_from_the_future(self):
        """As a clock leaves them that was ahead and was set back."""
        self.whole()
        self.interrupt("[3/4]")
        for path in self.files("results", "**"):
            os.utime(path, (time.time() + 1e6,) * 2, follow_symlinks=False)
        outcome = self.varia("run", "e.yaml")
        self.assertRegex(outcome.out, r"[1-3] trained, [1-3] kept, 0 failed")
        self.assert_same_results("whole", "results")
        self.assert_nothing_left_behind()
        # And once more: nothing is to be done, and nothing is written.
        before = os.stat(self.path("results/e.h5")).st_mtime_ns
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 0)
        self.assertEqual(os.stat(self.path("results/e.h5")).st_mtime_ns, before)

    def test_a_clock_that_is_set_back_while_a_run_trains(self):
        libraries = glob.glob(FAKETIME)
        if not libraries:
            self.skipTest("there is no libfaketime")
        self.whole()
        self.write("clock", "+10d")
        process = self.start_run("e.yaml", environment={
            "LD_PRELOAD": libraries[0], "FAKETIME_TIMESTAMP_FILE": self.path("clock"),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        for line in process.stderr:
            if "epoch 3/40" in line:
                break
        self.write("clock", "-10d")
        # Another run sees the signs of life of the first, whatever the clocks say.
        other = self.varia("run", "e.yaml", "run.lease=2")
        out, err = self.finish(process)
        self.assertNotIn("taken over", err + other.err)
        self.assertEqual(int(out.splitlines()[-1].split(" trained")[0]) + self.trained(other), 4)
        self.assert_same_results("whole", "results")
        self.assert_nothing_left_behind()


if __name__ == "__main__":
    main()
