"""Runs that are killed at random instants end with the results of one that was not.

VARIA_KILLS  how many kills for each number of runs (20 of one, 4 of two, and of three)
VARIA_SEED   repeats the choices of an earlier call
"""
import os
import signal
import sys
import time

import h5py
from faults import (LONGEST, Faults, WholeFiles, children, files_being_written, hold, is_gone, main,
                    number_from_environment, random_numbers, send, wait_until)

# Every kind of state that a trial has between two steps: records of steps, the best parameters so
# far, views, a schedule, a metric that gathers during the epoch, an early end.
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
    stopped:
      set:
        train.stop: {metric: validation/elbo, patience: 1, min_delta: 5}
        optimizer.lr: 0.02
replicates: 2
run: {jobs: 2, retries: 1000, lease: 1}
"""

AT_ANY_MOMENT = 0.2  # of the kills do not wait until anything is trained
AIMED = 0.4  # of the kills wait for a write
DURING_WRITES = 0.15  # of the kills must hit one
OF_GROUPS = 0.2  # of the kills end a run with all its workers
LONGEST_PAUSE = 1.5  # seconds between two kills
A_WEEK = 7 * 24 * 3600


class Run:
    """A run that is killed, or one of its processes."""

    def __init__(self, process, supervisor):
        self.process, self.supervisor = process, supervisor

    def is_alive(self):
        return self.process.poll() is None

    def processes(self):
        """The supervisor, first, and its workers."""
        return [self.supervisor, *children(self.supervisor)]


class Kill(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.random = random_numbers()
        self.kills = self.during_writes = self.of_supervisors = self.of_groups = 0
        self.whole_files = WholeFiles()

    def place(self, is_alone):
        """The beginning of the command line of a run, which says where it is."""
        if is_alone:
            return ()
        elsewhere = self.random.choice([{}, {"host": "clone", "boot": 1}, {"host": "clone", "boot": 2},
                                        {"host": "other", "boot": 3},
                                        {"host": "clone", "own_processes": True}])
        return self.machine(**elsewhere) if elsewhere else ()

    def start_somewhere(self, name, is_alone, arguments):
        process = self.start_logged(f"log{time.monotonic_ns()}", "e.yaml", "--results", name,
                                    *arguments, before=self.place(is_alone))
        return Run(process, self.supervisor(process))

    def wait_before_kill(self, runs):
        """@returns the process to be killed; None where all runs end before"""
        is_any_moment = self.random.random() < AT_ANY_MOMENT
        is_aimed = self.random.random() < AIMED
        wait_until(lambda: is_any_moment or any(children(run.supervisor) for run in runs)
                   or not any(run.is_alive() for run in runs), "a run to train")
        pause = time.monotonic() + self.random.uniform(0, LONGEST_PAUSE)
        while time.monotonic() < pause:
            if not any(run.is_alive() for run in runs):
                return None
            time.sleep(0.002)
        while alive := [run for run in runs if run.is_alive()]:
            if not is_aimed:
                return self.random.choice(self.random.choice(alive).processes())
            writers = [number for run in alive for number in run.processes()
                       if files_being_written(number, self.results)]
            if writers:
                return self.random.choice(writers)
        return None

    def kill(self, runs):
        """Kills one process, or one run with all its processes, after a random time.
        @returns False where all runs end before"""
        victim = self.wait_before_kill(runs)
        if victim is None:
            return False
        run = next((run for run in runs if victim in run.processes()), None)
        if run is None:  # it has just ended
            return True
        is_group = self.random.random() < OF_GROUPS
        victims = [number for number in (run.processes() if is_group else [victim]) if hold(number)]
        if not victims:
            return True
        self.during_writes += any(files_being_written(number, self.results) for number in victims)
        for number in victims:
            send(number, signal.SIGKILL)
        for number in victims:
            wait_until(lambda: is_gone(number), "a killed process to end")
        self.kills += 1
        self.of_groups += is_group
        if run.supervisor in victims:
            self.of_supervisors += 1
            run.process.wait(timeout=LONGEST)
        return True

    def run_to_its_end(self, name, kills, count, *arguments):
        """A whole sweep by `count` runs, from an empty folder, with as many kills as it takes or
        are left. Runs that were killed are started anew."""
        self.results = self.path(name)
        published = {}
        rerun = []
        while True:
            may_kill = self.kills < kills
            runs = [self.start_somewhere(name, count == 1, [*arguments, *rerun])
                    for _ in range(count)]
            workers = set()
            while self.kills < kills and self.kill(runs):
                published = self.check_files(name, published)
                for run in runs:
                    workers.update(children(run.supervisor))
                if count > 1 and self.random.random() < 0.7:
                    runs += [self.start_somewhere(name, False, arguments)
                             for _ in range(count - sum(run.is_alive() for run in runs))]
            codes = [run.process.wait(timeout=LONGEST) for run in runs]
            for worker in workers:
                wait_until(lambda: is_gone(worker), "a worker to follow its supervisor")
            published = self.check_files(name, published)
            if 0 in codes:
                return
            printed = "\n".join(self.printed(run.process) for run in runs)
            self.assertTrue(may_kill, f"a run that no one killed ended with {codes}\n{printed}")
            self.assertLessEqual(set(codes), {-signal.SIGKILL, 1}, printed)
            # Killed twice after one step, a trial counts as broken.
            rerun = ["--rerun", "failed"] if 1 in codes else []

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

    def pass_time(self, name):
        """A run later, which removes what dead runs elsewhere have left."""
        for path in self.files(name, "e", "runs", "*") + self.files(name, "**", "*.tmp"):
            os.utime(path, (time.time() - A_WEEK,) * 2)
        self.assertEqual(self.trained(self.varia("run", "e.yaml", "--results", name)), 0)

    def play(self, kills, count):
        self.varia("run", "e.yaml", "--results", "whole")
        begin = time.monotonic()
        rounds = 0
        while self.kills < kills:
            rounds += 1
            name = f"round{rounds}"
            every = self.random.choice([0, 0.02, 60])
            self.run_to_its_end(name, kills, count, f"run.checkpoint_every={every}")
            self.assert_same_results("whole", name)
            if count > 1:
                self.pass_time(name)
                self.assert_same_results("whole", name)
            self.assert_nothing_left_behind(name)
        print(f"{count} at once: {self.kills} kills, {self.during_writes} during a write, "
              f"{self.of_supervisors} of a supervisor, {self.of_groups} of a whole run, in "
              f"{rounds} sweeps and {time.monotonic() - begin:.0f} s", file=sys.stderr)

    def test_killed_at_random_instants(self):
        kills = number_from_environment("VARIA_KILLS", 20)
        self.play(kills, 1)
        self.assertGreaterEqual(self.during_writes, DURING_WRITES * kills)

    def test_of_two_runs_on_machines_of_equal_and_other_names(self):
        self.play(number_from_environment("VARIA_KILLS", 4), 2)

    def test_of_three_runs_on_machines_of_equal_and_other_names(self):
        self.play(number_from_environment("VARIA_KILLS", 4), 3)


if __name__ == "__main__":
    main()
