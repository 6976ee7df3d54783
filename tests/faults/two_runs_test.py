"""Two runs of one experiment at once share its trials, even where one of them is stopped so long
that the other takes its trials over, and then goes on.

VARIA_ROUNDS  how often (3)
VARIA_SEED    repeats the choices of an earlier call
"""
import os
import signal
import sys
import time

from faults import (LONGEST, Faults, main, number_from_environment, random_numbers, state,
                    wait_until)

TRIALS = 16
EXPERIMENT = """
data: {batch: 16, validation: 0.1}
train: {epochs: 8, keep: best}
views: [{use: samples, rows: 2, columns: 2, every: 3}]
sweep: {loss.beta: [1, 2, 3, 4, 5, 6, 7, 8]}
replicates: 2
run: {jobs: 2, lease: 1, checkpoint_every: 0.05}
"""

ROUNDS = number_from_environment("VARIA_ROUNDS", 3)


class TwoRuns(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.random = random_numbers()

    def start_two(self, results):
        return [self.start_logged(f"{results}_log{number}", "e.yaml", "--results", results)
                for number in (1, 2)]

    def holders(self, results):
        """{trial id: run} of the leases."""
        found = {}
        for link in self.files(results, "e", "checkpoints", "*", "lease.*"):
            try:
                found[link.split(os.sep)[-2]] = os.readlink(link)
            except FileNotFoundError:
                pass
        return found

    def held_by(self, results, process):
        return {id for id, run in self.holders(results).items() if f"-{process.pid}-" in run}

    def play(self, results, whole_group):
        runs = self.start_two(results)
        for process in runs:
            self.workers(process)
        stopped, other = self.random.sample(runs, 2)
        wait_until(lambda: self.held_by(results, stopped), "a trial of the run to be stopped")
        time.sleep(self.random.uniform(0, 0.4))
        if whole_group:
            os.killpg(stopped.pid, signal.SIGSTOP)
        else:
            os.kill(stopped.pid, signal.SIGSTOP)
        # Until then it may still give its trials back.
        wait_until(lambda: state(stopped.pid) == "T", "the run to stop")
        held = self.held_by(results, stopped)
        wait_until(lambda: other.poll() is not None or not held & self.held_by(results, stopped),
                   "the other run to take over")
        if self.random.random() < 0.5:
            wait_until(lambda: other.poll() is not None, "the other run to end")
        os.killpg(stopped.pid, signal.SIGCONT)
        trained = 0
        for process in runs:
            code = process.wait(timeout=120)
            self.assertEqual(code, 0, self.printed(process))
            last = self.printed(process).rstrip("\n").splitlines()[-1]
            self.assertRegex(last, rf"^\d+ trained, \d+ kept, 0 failed: {results}/e.h5$")
            trained += int(last.split(" trained")[0])
            self.assertEqual(sum(int(part.split()[0]) for part in last.split(", ")[:2]), TRIALS)
        self.assertEqual(trained, TRIALS)
        return len(held)

    def test_one_of_two_runs_is_stopped_beyond_its_lease(self):
        self.varia("run", "e.yaml", "--results", "whole")
        taken_over = 0
        for number in range(ROUNDS):
            results = f"round{number}"
            whole_group = number % 2 == 0
            with self.subTest(results, whole_group=whole_group):
                taken_over += self.play(results, whole_group)
                self.assert_same_results("whole", results)
                self.assert_nothing_left_behind(results)
        print(f"{ROUNDS} rounds, {taken_over} trials taken over", file=sys.stderr)
        self.assertGreaterEqual(taken_over, ROUNDS)

    def test_a_run_of_live_processes_loses_nothing_to_another(self):
        """Where nobody is stopped, nobody takes anything over."""
        runs = self.start_two("results")
        for process in runs:
            self.assertEqual(process.wait(timeout=120), 0, self.printed(process))
            self.assertNotIn("taken over", self.printed(process))
        lines = [self.printed(process).splitlines()[-1] for process in runs]
        self.assertEqual(sum(int(line.split(" trained")[0]) for line in lines), TRIALS, lines)
        self.assert_nothing_left_behind()

    def test_two_machines_of_one_name_share_the_trials(self):
        """As cloned machines do, and containers with one --hostname: they differ by the boot id."""
        runs = [self.start_logged(f"log{number}", "e.yaml", before=self.machine("clone", number))
                for number in (1, 2)]
        for process in runs:
            self.assertEqual(process.wait(timeout=LONGEST), 0, self.printed(process))
            self.assertNotIn("taken over", self.printed(process))
        self.varia("run", "e.yaml", "--results", "whole")
        self.assert_same_results("whole", "results")


if __name__ == "__main__":
    main()
