"""How a run ends before its time: its supervisor dies, or someone presses Ctrl-C."""
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios

import h5py
from faults import Faults, children, is_gone, main, wait_until
from harness import PROGRAM

# An epoch takes some 30 ms: a run is met in its middle, where other work holds the processors too.
EXPERIMENT = """
data: {batch: 4, validation: 0.1}
model: {hidden: [64]}
train: {epochs: 80, keep: best}
sweep: {loss.beta: [1, 4, 8]}
run: {jobs: 2}
"""


def pending_signals(process):
    """Those that were sent and have not arrived, as a mask."""
    with open(f"/proc/{process}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)


class End(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)

    def assert_goes_on_to_the_same_results(self):
        self.varia("run", "e.yaml")
        self.varia("run", "e.yaml", "--results", "whole")
        self.assert_same_results("whole", "results")
        self.assert_nothing_left_behind()

    def test_the_death_of_the_supervisor_ends_its_workers(self):
        process = self.start_until("epoch 2/80", "e.yaml")
        workers = self.workers(process, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for worker in workers:
            wait_until(lambda: is_gone(worker), "a worker to end", longest=10)
        self.assert_goes_on_to_the_same_results()

    def test_the_death_of_a_stopped_supervisor_does_so_too(self):
        process = self.start_until("epoch 2/80", "e.yaml")
        workers = self.workers(process, 2)
        for number in (process.pid, *workers):
            os.kill(number, signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for worker in workers:
            wait_until(lambda: is_gone(worker), "a worker to end", longest=10)

    def test_ctrl_c_checkpoints_after_the_step(self):
        """As a terminal does it: the signal goes to the whole process group."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                process = self.start_until("epoch 3/80", "e.yaml", "--results", f"r{number}")
                os.killpg(process.pid, number)
                out, err = self.finish(process, 75)
                self.assertRegex(err, r"interrupted with \d+ of \d+ planned trials? done; the same command "
                                      "resumes")
                self.assertNotIn("note:", err)
                self.assertIn("partial", out)
                # Far less than the 60 s of run.checkpoint_every, or an epoch.
                checkpoints = self.files(f"r{number}", "e", "checkpoints", "*", "checkpoint.*")
                self.assertGreaterEqual(len(checkpoints), 2)
                self.assertEqual(self.files(f"r{number}", "e", "runs", "*"), [])
                self.assertEqual(self.files(f"r{number}", "e", "checkpoints", "*", "lease.*"), [])
                with h5py.File(self.path(f"r{number}", "e.h5")) as file:
                    self.assertEqual(set(file["trials/status"].asstr()[()]), {"partial"})
                    self.assertGreaterEqual(max(file["trials/epochs_done"][()]), 3)
        self.varia("run", "e.yaml", "--results", "whole")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            outcome = self.varia("run", "e.yaml", "--results", f"r{number}")
            self.assertEqual(self.trained(outcome), 3)
            self.assert_same_results("whole", f"r{number}")
            self.assert_nothing_left_behind(f"r{number}")

    def test_no_step_is_done_twice_after_ctrl_c(self):
        process = self.start_until("epoch 3/80", "e.yaml", "loss.beta=1", "train.record_every=1")
        os.killpg(process.pid, signal.SIGINT)
        self.finish(process, 75)
        process = self.start_until("epoch", "e.yaml", "loss.beta=1", "train.record_every=1")
        self.finish(process)
        with h5py.File(self.path("results/e.h5")) as file:
            steps = file["steps/loss_step"][0]
        self.assertEqual(steps.tolist(), list(range(1, 80 * 135 + 1)))

    def press_ctrl_c_until_the_end(self, process):
        """A second one counts only some time after the first."""
        def has_ended():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            return process.poll() is not None
        wait_until(has_ended, "the end of the run")

    def test_a_second_ctrl_c_ends_at_once(self):
        """Even where a worker would not stop by itself."""
        process = self.start_until("epoch 2/80", "e.yaml")
        workers = self.workers(process, 2)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        os.killpg(process.pid, signal.SIGINT)
        wait_until(lambda: not pending_signals(process.pid), "the first signal to arrive")
        self.assertIsNone(process.poll())  # waits for workers that do not answer
        self.press_ctrl_c_until_the_end(process)
        error = self.finish(process, 75)[1]
        self.assertIn("by a second Ctrl-C; what was done since the last checkpoints is lost", error)
        for worker in workers:
            self.assertTrue(is_gone(worker))
        self.assert_goes_on_to_the_same_results()

    def test_no_one_reads_what_is_printed(self):
        """A paused pager: the run can be ended all the same."""
        process = self.start_run("e.yaml", "loss.beta=1", "train.epochs=100000")
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 8192)
        unread = lambda: int.from_bytes(fcntl.ioctl(process.stderr, termios.FIONREAD, bytes(4)),
                                        sys.byteorder)
        wait_until(lambda: unread() > 4000, "the pipe to fill")
        os.killpg(process.pid, signal.SIGINT)
        wait_until(lambda: not pending_signals(process.pid), "the first signal to arrive")
        self.press_ctrl_c_until_the_end(process)
        self.assertEqual(process.returncode, 75)
        self.assertEqual(self.files("results", "e", "runs", "*"), [])

    def test_a_reader_that_takes_nothing_holds_no_run(self):
        """What it has no room for is not printed; the trials go on to their ends."""
        process = self.start_run("e.yaml", "train.epochs=200", "data.batch=256", "run.jobs=1")
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        out = process.stdout.read()
        self.assertEqual(process.wait(timeout=300), 0)
        self.assertIn("3 trained", out)

    def test_a_reader_that_is_gone_ends_no_run(self):
        command = f'"{PROGRAM}" run e.yaml 2>&1 | head -1; echo "ended with ${{PIPESTATUS[0]}}"'
        out = subprocess.run(["bash", "-c", command], cwd=self.folder, stdout=subprocess.PIPE,
                             text=True, timeout=300).stdout
        self.assertIn("ended with 0\n", out)
        self.assertEqual(len(self.published()), 3)

    def test_a_signal_while_plugins_and_data_are_opened_is_an_interruption(self):
        self.write("fetch", "#!/bin/bash\nkill -TERM $PPID\n")
        os.chmod(self.path("fetch"), 0o755)
        process = self.start_run("e.yaml", "data={use: mnist}", environment={
            "VARIA_DATA": self.path("nothing"), "VARIA_FETCH_DATA": self.path("fetch")})
        self.finish(process, 75)

    def test_trials_that_were_removed_during_the_run_are_missed(self):
        self.varia("run", "e.yaml", "loss.beta=1")
        process = self.start_until("epoch 2/80", "e.yaml")
        shutil.rmtree(self.path("results/e/trials"))
        os.remove(self.path("results/e.h5"))
        _, err = self.finish(process, 1)
        self.assertIn("note: the results lack 1 of 3 trials that are done: their files were removed",
                      err)
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 1)

    def test_a_number_that_leaves_none_for_a_lease_is_none(self):
        self.varia("run", "e.yaml", "loss.beta=1", "train.epochs=1")
        for id in self.published():
            os.makedirs(self.path("results/e/checkpoints", id), exist_ok=True)
            self.write(f"results/e/checkpoints/{id}/trial.999999999999999999.h5", "")
        self.assertEqual(self.trained(self.varia("run", "e.yaml", "loss.beta=1", "train.epochs=2")),
                         1)

    def test_a_full_disk_behind_the_output_ends_no_run(self):
        with open("/dev/full", "w") as full:
            process = self.start("run", "e.yaml", stderr=full)
            out, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, out)
        self.assertIn("3 trained", out)

    def test_ctrl_c_before_the_first_step(self):
        process = self.start_run("e.yaml")
        wait_until(lambda: children(process.pid) or process.poll() is not None, "a child")
        os.killpg(process.pid, signal.SIGINT)
        self.finish(process, 75)
        self.assert_goes_on_to_the_same_results()


if __name__ == "__main__":
    main()
