"""Runs that are killed at random instants end with the results of one that was not.

VARIA_KILLS  how many kills (20)
VARIA_SEED   repeats the choices of an earlier call
"""
import os
import signal
import sys
import time

import h5py
from faults import (Faults, WholeFiles, children, files_being_written, hold, is_gone, main,
                    number_from_environment, random_numbers, wait_until)

# Every kind of state that a trial has between two steps: records of steps, the best parameters so
# far, views, a schedule, a metric that gathers during the epoch.
EXPERIMENT = """
data:
  labels: train_labels.idx
  test_labels: test_labels.idx
  batch: 16
  validation: 0.1
  binarize: dynamic
model: {use: mlp_vae, hidden: [32], latent: 4}
train: {epochs: 8, keep: best, record_every: 7}
views: [{use: samples, rows: 2, columns: 2, every: 3}, {use: reconstructions, every: last}]
sweep:
  variant:
    plain:
      set: {metrics: [{use: nll, samples: 4, images: 50, every: 1}]}
      sweep:
        loss.beta: [1, 4, {use: linear, from: 0, to: 4, epochs: 6}]
    joint:
      set:
        model: {use: joint_vae, hidden: [32], gaussian: [4], categorical: [4]}
        loss: {use: joint_capacity, gamma: 5, capacity: {z: 0.5, c: 0.5}}
        metrics: [nmi]
replicates: 2
run: {jobs: 2, retries: 1000}
"""

KILLS = number_from_environment("VARIA_KILLS", 20)
AIMED = 0.4  # of the kills wait for a write
DURING_WRITES = 0.15  # of the kills must hit one
LONGEST_PAUSE = 1.5  # seconds between two kills


class Kill(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.random = random_numbers()
        self.kills = self.during_writes = self.of_supervisors = 0
        self.whole_files = WholeFiles()

    def victim_of(self, process):
        """The supervisor or one of its workers."""
        return self.random.choice([process.pid, *children(process.pid)])

    def kill(self, process, results):
        """Kills one process of the run, after a random time. @returns False where the run ended"""
        pause = time.monotonic() + self.random.uniform(0, LONGEST_PAUSE)
        is_aimed = self.random.random() < AIMED
        while time.monotonic() < pause:
            if process.poll() is not None:
                return False
            time.sleep(0.002)
        victim = self.victim_of(process)
        while is_aimed and process.poll() is None:
            writers = [number for number in [process.pid, *children(process.pid)]
                       if files_being_written(number, results)]
            if writers:
                victim = self.random.choice(writers)
                break
        if process.poll() is not None or is_gone(victim) or not hold(victim):
            return process.poll() is None
        self.during_writes += bool(files_being_written(victim, results))
        os.kill(victim, signal.SIGKILL)
        if victim == process.pid:
            self.of_supervisors += 1
            process.wait()
        else:
            wait_until(lambda: is_gone(victim), "a killed worker to end")
        self.kills += 1
        return process.poll() is None

    def run_to_its_end(self, name, *arguments):
        """A whole sweep, from an empty folder, with as many kills as it takes or are left."""
        results = self.path(name)
        published = {}
        rerun = []
        while True:
            with open(self.path("log"), "w+") as log:
                process = self.start_run("e.yaml", "--results", name, *arguments, *rerun,
                                         stdout=log, stderr=log)
                workers = []
                while self.kills < KILLS and self.kill(process, results):
                    workers = children(process.pid)
                    published = self.check_files(name, published)
                code = process.wait()
                for worker in workers:
                    wait_until(lambda: is_gone(worker), "a worker to follow its supervisor")
                published = self.check_files(name, published)
                if code == 0:
                    return
                log.seek(0)
                self.assertIn(code, (-signal.SIGKILL, 1), log.read())
                # Killed twice after one step, a trial counts as broken.
                rerun = ["--rerun", "failed"] if code == 1 else []

    def check_files(self, name, published_before):
        """@returns {id: identity of the file} of the trials that are done"""
        self.whole_files.check(self.files(name, "**", "*.h5"))
        done = {}
        for id, path in self.published(name).items():
            with h5py.File(path) as file:
                if file.attrs["status"] == "done":
                    done[id] = os.stat(path).st_ino
        for id, inode in published_before.items():
            self.assertEqual(done.get(id), inode, f"trial {id} was lost, or published again")
        return done

    def test_killed_at_random_instants(self):
        self.varia("run", "e.yaml", "--results", "whole")
        begin = time.monotonic()
        rounds = 0
        while self.kills < KILLS:
            rounds += 1
            name = f"round{rounds}"
            every = self.random.choice([0, 0.02, 60])
            self.run_to_its_end(name, f"run.checkpoint_every={every}")
            self.assert_same_results("whole", name)
            self.assert_nothing_left_behind(name)
        print(f"{self.kills} kills, {self.during_writes} during a write, {self.of_supervisors} of "
              f"the supervisor, in {rounds} sweeps and {time.monotonic() - begin:.0f} s",
              file=sys.stderr)
        self.assertGreaterEqual(self.during_writes, DURING_WRITES * self.kills)


if __name__ == "__main__":
    main()
