"""What varia plan knows of a sweep, and what it removes."""
import fcntl
import os
import signal
import subprocess
import unittest

from harness import by_trial, same
from known_sweep import SWEEP, KnownSweep


class Plan(KnownSweep):
    def setUp(self):
        super().setUp()
        self.experiment("e", SWEEP)

    def test_before_the_first_trial_only_the_number_of_files_is_known(self):
        out = self.varia("plan", "e.yaml").out
        self.assertIn("3 trials: 3 new\n", out)
        self.assertIn("7 files in all; time and disk space are known once a trial is done", out)
        self.assertIsNone(self.document("e.yaml")["estimate"]["seconds"])

    def test_time_and_space_follow_from_the_trials_that_are_done(self):
        self.varia("run", "e.yaml", "--only", "loss.beta=2")
        document = self.document("e.yaml")
        self.assertEqual([trial["status"] for trial in document["trials"]], ["new", "done", "new"])
        estimate = document["estimate"]
        self.assertEqual(estimate["measured_trials"], 1)
        self.assertAlmostEqual(estimate["seconds"], 1.5 * estimate["seconds_left"])
        size = os.path.getsize(self.files_of_sweep("trials", "*", "*.h5")[0])
        kept = os.path.getsize(self.files_of_sweep("models", "*.h5")[0])
        self.assertEqual(estimate["bytes"], 3 * (2 * size + kept))
        self.assertRegex(self.varia("plan", "e.yaml").out,
                         r"of one worker, of .* in all, are left; .* in 7 files in all")

    def test_a_long_table_is_cut_by_state(self):
        out = self.varia("plan", "e.yaml", "replicates=30").out
        self.assertEqual(out.count("  new  "), 50)
        self.assertIn("... and 40 more new (--all lists them)\n90 trials: 90 new\n", out)
        self.assertEqual(self.varia("plan", "e.yaml", "replicates=30", "--all").out.count("  new  "),
                         90)

    def test_only_chooses_by_id_by_parameter_by_replicate_and_by_file(self):
        ids = [trial["id"] for trial in self.document("e.yaml", "replicates=2")["trials"]]
        for only, expected in [([ids[3]], [3]), ([ids[3][:12], ids[0]], [0, 3]),
                               (["loss.beta=2.0"], [2, 3]),
                               (["loss.beta=1", "loss.beta=4", "replicate=1"], [1, 5])]:
            with self.subTest(only):
                chosen = self.document("e.yaml", "replicates=2",
                                       *(part for what in only for part in ("--only", what)))
                self.assertEqual([trial["id"] for trial in chosen["trials"]],
                                 [ids[i] for i in expected])
        self.write("some.txt", f"# two\n{ids[5]}\n{ids[1]}\n")
        chosen = self.document("e.yaml", "replicates=2", "--only", "@some.txt")
        self.assertEqual([trial["id"] for trial in chosen["trials"]], [ids[1], ids[5]])

    def test_only_refuses_what_names_no_trial(self):
        for only, expected in [("loss.bta=1", "Did you mean 'loss.beta'?"),
                               ("loss.beta=3", "Its values: 1, 2, 4"),
                               ("replicate=1", "no trial has replicate = 1"),
                               ("best", "names no trial. Expected the id"),
                               ("@nowhere.txt", "nowhere.txt")]:
            with self.subTest(only):
                for command in ("plan", "run"):
                    self.assertIn(expected, self.refused(command, "e.yaml", "--only", only))
        self.assertFalse(os.path.exists(self.path("results")))

    def test_a_failed_trial_tells_why(self):
        self.experiment("e", "optimizer: sgd\nsweep: {optimizer.lr: [1e-6, 10]}\n")
        self.varia("run", "e.yaml", code=1)
        document = self.document("e.yaml")
        self.assertEqual(document["counts"], {"done": 1, "failed": 1})
        self.assertIn("not finite", document["trials"][1]["reason"])

    def test_an_interrupted_trial_tells_how_far_it_is(self):
        self.experiment("e", "data: {batch: 4}\ntrain: {epochs: 400}\n")
        process = self.start("run", "e.yaml", "run.checkpoint_every=0.001")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if "epoch 3/400" in line:
                break
        trial, = self.document("e.yaml")["trials"]
        self.assertEqual(trial["status"], "partial")
        self.assertRegex(trial["reason"], r"^has \d+ of 400 epochs, in progress on ")
        self.assertTrue(trial["run"])
        self.assertIn("# Left out: 1 that a run is at work on",
                      self.varia("plan", "e.yaml", "--commands").out)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75)
        trial, = self.document("e.yaml")["trials"]
        self.assertEqual((trial["status"], trial["run"]), ("partial", ""))
        self.assertRegex(trial["reason"], r"^has \d+ of 400 epochs$")
        self.assertGreaterEqual(trial["epochs_done"], 3)


class Commands(KnownSweep):
    def test_the_commands_of_a_plan_give_the_same_results_as_one_run(self):
        file = self.experiment("it's e", "name: e\n" + SWEEP)
        arguments = (file, "model.hidden=[32, 8]", "replicates=2")
        self.varia("run", *arguments, "--results", "whole")
        self.varia("run", *arguments, "--only", "loss.beta=2")
        script = self.varia("plan", *arguments, "--commands").out
        lines = script.splitlines()
        self.assertEqual(lines[0].split(":")[0], "# 4 trials of e that are not done")
        self.assertEqual(sum(not line.startswith("#") for line in lines), 4)
        for line in reversed(lines):  # any order will do
            subprocess.run(["sh", "-c", line], cwd=self.folder, check=True,
                           stdin=subprocess.DEVNULL)
        merge = lines[2].removeprefix("#   ")
        subprocess.run(["sh", "-c", merge], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        self.assert_same_results("whole/e.h5", "results/e.h5")
        self.assertEqual(self.varia("plan", *arguments, "--commands").out.count("\n"), 3)

    def test_a_line_break_in_a_name_makes_no_command_of_its_own(self):
        self.experiment("e", "name: e\n" + SWEEP)
        self.experiment("e\nx", "name: e\n" + SWEEP)
        for arguments in (["e.yaml", "--results", "r\necho owned\n"], ["e\nx.yaml"],
                          ["e.yaml", "--results", "a\rb"]):
            line = self.refused("plan", *arguments, "--commands")
            self.assertIn("--commands prints one line for each trial", line)
        line = self.refused("plan", "e.yaml", "model.hidden=[8,\n 8]", "--commands")
        self.assertIn("an override on the command line holds a line break", line)

    def test_commands_are_not_printed_as_json(self):
        self.experiment("e", SWEEP)
        line = self.refused("plan", "e.yaml", "--commands", "--json")
        for word in ("--commands", "--json", "excludes"):
            self.assertIn(word, line)

    def test_failed_trials_are_left_out_and_said_so(self):
        self.experiment("e", "optimizer: sgd\nsweep: {optimizer.lr: [1e-6, 10, 1e-5]}\n")
        self.varia("run", "e.yaml", "--only", "optimizer.lr=10", code=1)
        script = self.varia("plan", "e.yaml", "--commands").out
        self.assertEqual(sum(not line.startswith("#") for line in script.splitlines()), 2)
        self.assertIn("# Left out: 1 failed (varia run --rerun failed", script)


class Prune(KnownSweep):
    def setUp(self):
        super().setUp()
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml")
        self.before = by_trial(self.path("results/e.h5"))
        self.gone = self.document("e.yaml")["trials"][1]["id"]
        self.experiment("e", SWEEP.replace("1, 2, 4", "1, 4"))

    def test_what_the_plan_has_no_more_is_listed_as_orphaned(self):
        document = self.document("e.yaml")
        orphan, = document["orphans"]
        self.assertEqual((orphan["id"], orphan["status"]), (self.gone, "orphaned"))
        self.assertEqual(orphan["reason"], "trial file, parameters, row of the merged file")
        out = self.varia("plan", "e.yaml").out
        self.assertRegex(out, rf"{self.gone}  orphaned .*row of the merged file")
        self.assertIn("2 trials: 2 done; 1 orphaned (--prune removes them)", out)

    def test_nothing_is_removed_without_a_yes(self):
        before = {file: os.stat(file).st_mtime_ns for file in self.files_of_sweep("**", "*.h5")}
        outcome = self.varia("plan", "e.yaml", "--prune", code=2)
        self.assertIn(self.gone, outcome.out)
        self.assertIn("There is no terminal to ask on: nothing was removed; --yes does it",
                      outcome.err)
        self.assertEqual(self.answer("n\n", "plan", "e.yaml", "--prune")[0], 0)
        self.assertEqual({file: os.stat(file).st_mtime_ns for file in self.files_of_sweep("**", "*.h5")},
                         before)
        self.assertEqual(len(by_trial(self.path("results/e.h5"))), 3)

    def assert_pruned(self):
        self.assertFalse([file for file in self.files_of_sweep("**", "*") if self.gone in file])
        now = by_trial(self.path("results/e.h5"))
        self.assertEqual(sorted(now), sorted(set(self.before) - {self.gone}))
        for id, content in now.items():
            for name, value in content.items():
                self.assertTrue(same(value, self.before[id][name]), name)
        self.assertEqual(self.document("e.yaml")["orphans"], [])
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 0)

    def test_yes_removes_files_and_rows(self):
        self.assertIn("1 trial removed", self.varia("plan", "e.yaml", "--prune", "--yes").out)
        self.assert_pruned()
        self.assertIn("0 trials removed", self.varia("plan", "e.yaml", "--prune").out)
        self.assertIn("--only excludes --prune",
                      self.refused("plan", "e.yaml", "--prune", "--only", "0", "--yes"))
        self.assertIn("--yes requires --prune", self.refused("plan", "e.yaml", "--yes"))

    def test_yes_may_be_typed(self):
        code, out = self.answer("y\n", "plan", "e.yaml", "--prune")
        self.assertEqual(code, 0, out)
        self.assert_pruned()

    def test_what_a_live_run_holds_stays(self):
        self.experiment("old", "name: e\ntrain: {epochs: 100000}\nsweep: {loss.beta: [9]}\n")
        process = self.start("run", "old.yaml")
        # Soon it waits for someone to read what it prints; that costs it nothing.
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if "epoch 2/" in line:
                break
        held, = os.listdir(self.path("results/e/checkpoints"))
        outcome = self.varia("plan", "e.yaml", "--prune", "--yes", "run.lease=1", "--json")
        self.assertEqual((outcome.json["removed"], outcome.json["held"]), ([self.gone], [held]))
        self.assertIn(f"trial {held} stays: a run is at work on it", outcome.err)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, err[-2000:])
        # It was interrupted, not disturbed; now it is no one's.
        outcome = self.varia("plan", "e.yaml", "--prune", "--yes", "--json")
        self.assertEqual(outcome.json["removed"], [held])
        self.assertEqual(os.listdir(self.path("results/e/checkpoints")), [])


if __name__ == "__main__":
    unittest.main()
