"""A run that is stopped, killed, or started twice (more of it in tests/faults)."""
import glob
import shutil
import signal
import unittest

import h5py
import numpy as np
from harness import EndToEnd, by_trial, read_all, results_of, same

# Long enough to be met in the middle: an epoch takes some 20 ms.
EXPERIMENT = """
model: {hidden: [64]}
data: {batch: 4}
train: {epochs: 30}
views: [{use: samples, rows: 2, columns: 2, every: 10}]
sweep: {loss.beta: [1, 4, 8]}
run: {jobs: 1}
"""


class Interruption(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)

    def start_until(self, text, *arguments):
        """A run that has just printed a line with `text`."""
        process = self.start("run", "e.yaml", *arguments)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if text in line:
                return process
        self.fail(f"the run has not printed '{text}'")

    def assert_equal_to_one_run(self):
        self.varia("run", "e.yaml", "--results", "whole")
        self.assert_same_content(results_of(self.path("whole/e.h5")),
                                 results_of(self.path("results/e.h5")))
        for file in self.files("whole/e/models/*.h5"):
            self.assert_same_content(read_all(file),
                                     read_all(file.replace("/whole/", "/results/")), file)

    def published(self):
        return glob.glob(self.path("results/e/trials/*/*"))

    def test_ctrl_c_leaves_readable_files_and_the_next_run_finishes(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                shutil.rmtree(self.path("results"), ignore_errors=True)
                process = self.start_until("epoch 3/30")
                process.send_signal(number)
                out, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 75, err)
                self.assertRegex(err, r"interrupted with \d+ of \d+ planned trials? done; the same command "
                                      "resumes")
                self.assertIn("partial", out)
                self.assertEqual(self.published(), [])  # whole trials alone
                recorded, = glob.glob(self.path("results/e/checkpoints/*/trial.*.h5"))
                read_all(recorded)
                self.assertEqual(len(glob.glob(self.path("results/e/checkpoints/*/checkpoint.?"))),
                                 1)
                self.assertEqual(glob.glob(self.path("results/e/**/*.tmp"), recursive=True), [])
                with h5py.File(self.path("results/e.h5")) as file:
                    self.assertEqual(file["trials/status"].asstr()[0], "partial")
                    self.assertGreaterEqual(file["trials/epochs_done"][0], 3)
        states = self.plan("e.yaml")
        self.assertEqual(states[0][0], "partial")
        self.assertRegex(states[0][1], r"has \d+ of 30 epochs")
        self.assertEqual(states[1:], [("new", "")] * 2)
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 3)
        self.assert_equal_to_one_run()

    def test_a_run_on_streamed_images_resumes_with_the_same_bits(self):
        images = np.random.default_rng(1).integers(0, 256, (4000, 784), dtype=np.uint8)
        with h5py.File(self.path("large.h5"), "w") as file:
            file.create_dataset("images", data=images, chunks=(50, 784), compression="gzip")
        # Three MiB and a window of one.
        self.write("e.yaml", """
            data: {use: hdf5, file: large.h5, window: 1, batch: 32, test: 0.1, validation: 0.1}
            model: {use: mlp_vae, hidden: [16], latent: 2}
            loss: elbo
            optimizer: {use: adam, lr: 1e-3}
            train: {epochs: 20}
            """)
        process = self.start_until("epoch 3/20")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, err)
        self.assertEqual(self.plan("e.yaml")[0][0], "partial")
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 1)
        self.assert_equal_to_one_run()

    def test_an_interrupted_run_keeps_the_trials_that_are_done(self):
        process = self.start_until("[2/3]")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        self.assertEqual(self.plan("e.yaml")[0], ("done", ""))
        self.assertIn("2 trained, 1 kept", self.varia("run", "e.yaml").out)
        self.assert_equal_to_one_run()

    def test_a_killed_run_loses_no_trial_that_was_done(self):
        process = self.start_until("[2/3]")
        process.kill()
        process.communicate(timeout=60)
        file, = self.published()
        read_all(file)
        self.assertEqual(self.plan("e.yaml")[0], ("done", ""))
        self.assertIn("2 trained, 1 kept", self.varia("run", "e.yaml").out)
        self.assert_equal_to_one_run()

    def test_finished_trials_survive_a_longer_run_that_is_stopped(self):
        self.varia("run", "e.yaml", "train.epochs=5", "loss.beta=1")
        before = by_trial(self.path("results/e.h5"))
        file, = self.published()
        with open(file, "rb") as published:
            content = published.read()
        process = self.start_until("epoch 2/30", "loss.beta=1")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        with open(file, "rb") as published:
            self.assertEqual(published.read(), content)
        after = by_trial(self.path("results/e.h5"))
        for id, content in before.items():
            for name, value in content.items():
                if name.startswith("metrics/"):
                    self.assertTrue(same(value, after[id][name][:5]), name)
        self.assertEqual(self.plan("e.yaml", "loss.beta=1")[0][0], "partial")
        self.varia("run", "e.yaml", "loss.beta=1")
        self.varia("run", "e.yaml", "loss.beta=1", "--results", "whole")
        whole = by_trial(self.path("whole/e.h5"))
        for id, content in by_trial(self.path("results/e.h5")).items():
            self.assertTrue(all(same(value, content[name]) for name, value in whole[id].items()))

    def test_a_second_run_at_the_same_time_shares_the_work(self):
        # Long enough for the second to start while the first has two more trials to do.
        self.experiment("e", EXPERIMENT.replace("epochs: 30", "epochs: 100"))
        first = self.start_until("epoch 1/100")
        second = self.varia("run", "e.yaml")
        # Another experiment, or the same under another name, is nobody's business.
        self.assertEqual(self.trained(self.varia("run", "e.yaml", "--name", "other", "loss.beta=1",
                                                 "train.epochs=1")), 1)
        out, err = first.communicate(timeout=120)
        self.assertEqual(first.returncode, 0, err)
        counts = [int(line.split(" trained")[0])
                  for line in (out.splitlines()[-1], second.out.splitlines()[-1])]
        self.assertEqual(sum(counts), 3)
        self.assertTrue(all(counts), counts)
        for text in (out, second.out):
            self.assertIn(" 0 failed: results/e.h5", text)
        self.assert_equal_to_one_run()
        self.assertEqual(glob.glob(self.path("results/e/checkpoints/*")), [])
        self.assertEqual(glob.glob(self.path("results/e/runs/*")), [])

    def test_a_run_that_cannot_start_a_worker_ends_in_order(self):
        refused = 0
        for limit in range(6, 60):
            process = self.start("run", "e.yaml", "--jobs", "3", "--quiet",
                                 before=["prlimit", f"--nofile={limit}"])
            out, err = process.communicate(timeout=120)
            if process.returncode == 0:
                break
            refused += 1
            self.assertEqual(process.returncode, 2, err)
            self.assertRegex(err, r"^[^\n]*Too many open files[^\n]*\n$")
            self.assertEqual(self.files("results/e/**/lease.*"), [])
        self.assertGreater(refused, 0)
        self.assert_equal_to_one_run()


if __name__ == "__main__":
    unittest.main()
