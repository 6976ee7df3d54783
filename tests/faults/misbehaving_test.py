"""A trial that takes its process with it costs no other one, and its report says what happened."""
import contextlib
import os
import re
import resource
import time

import h5py
from faults import Faults, by_trial, main

EXPERIMENT = """
plugins: [{plugin}]
model: {{use: misbehaving, at: 15}}
train: {{epochs: 3}}
run: {{jobs: 2, checkpoint_every: 0}}
"""

# What the reports say of each, for a death at step 16, in the second of three epochs.
PRINTED = "; it printed: about to "
REPORTS = {
    "segfault": r"^its process was killed by signal 11 \(Segmentation fault\) after step 15, again"
                + PRINTED + "segfault$",
    "exit": r"^its process ended with exit code 0 after step 15, again" + PRINTED + "exit$",
    "throw_a_number": r"^it threw something that is not a std::exception$",
    "throw": r"^thrown by a plugin$",
    "nan": r"^step 16: (reconstruction|loss) is nan, which is not finite; try a lower "
           r"optimizer.lr or optimizer.clip_norm$",
}

GROUP = "/sys/fs/cgroup/memory/varia_faults"  # version 1 of control groups


class Misbehaving(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT.format(plugin=os.environ["MISBEHAVING_PLUGIN"]))

    def varia(self, *arguments, limit=None, code=0, **options):
        if limit is None:
            return super().varia(*arguments, code=code, **options)
        process = self.start(*arguments, preexec_fn=limit)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code, f"{out}\n{err}")
        return out, err

    def rows(self, name="e"):
        """{how: (status, epochs done, error)} of the merged file."""
        with h5py.File(self.path("results", name + ".h5")) as file:
            columns = [file[column].asstr()[()] for column in
                       ("parameters/model.how", "trials/status", "trials/error")]
            epochs = file["trials/epochs_done"][()].tolist()
        return {how: (status, epochs[row], error)
                for row, (how, status, error) in enumerate(zip(*columns))}

    def assert_reported(self, error):
        """The merged file's words are those of show and plan."""
        rows = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.assertIn(error, [row.get("error") for row in rows])
        self.assertIn(("failed", error), self.plan("e.yaml", *self.overrides))

    def run_all(self, *overrides, **options):
        self.overrides = overrides
        return self.varia("run", "e.yaml", *overrides, code=1, **options)

    def test_the_other_trials_finish_and_every_failure_is_named(self):
        outcome = self.run_all(f"sweep.model.how=[not, {', '.join(REPORTS)}]")
        self.assertIn(f"1 trained, 0 kept, {len(REPORTS)} failed", outcome.out)
        rows = self.rows()
        self.assertEqual(rows["not"], ("done", 3, ""))
        for how, report in REPORTS.items():
            with self.subTest(how):
                status, epochs, error = rows[how]
                self.assertEqual((status, epochs), ("failed", 1))
                self.assertRegex(error, report)
                self.assertIn(error, outcome.err)
                self.assertIn(error, self.varia("show", "results/e.h5").out)
                self.assert_reported(error)
        # What happened before the failure is kept, to the bit.
        trials = by_trial(self.path("results/e.h5"))
        first = {content["metrics/test/loss"][0].tobytes() for content in trials.values()}
        self.assertEqual(len(first), 1)
        self.assertEqual(self.files("results", "e", "checkpoints", "*"), [])
        self.assertEqual(self.files("results", "e", "runs", "*"), [])

    def test_a_search_whose_metric_is_never_a_number_says_so(self):
        for search, trained in (("{use: asha, factor: 2, ", 0), ("{use: tpe, startup: 2, ", 3)):
            sweep = "sweep={random: {count: 3, loss.beta: {uniform: [1, 4]}}}"
            outcome = self.varia(
                "run", "e.yaml", "model={use: mlp_vae}", "data.validation=0.2", sweep,
                "metrics=[no_number]", f"search={search}metric: validation/no_number}}",
                f"name=search{trained}", code=1)
            self.assertIn("note: search: no trial has a finite value of 'validation/no_number'",
                          outcome.err)
            self.assertEqual(self.trained(outcome), trained)

    def test_a_trial_that_never_returns(self):
        outcome = self.run_all("sweep.model.how=[hang, not]", "run.trial_timeout=8")
        rows = self.rows()
        self.assertEqual(rows["not"][0], "done")
        self.assertEqual(rows["hang"], ("failed", 1, "took longer than run.trial_timeout (8 s), and "
                                        "was ended after step 15; it printed: about to hang"))
        self.assertNotIn("retries", outcome.err)
        self.assert_reported(rows["hang"][2])

    def test_a_trial_that_writes_to_the_connection_of_its_process(self):
        outcome = self.run_all("sweep.model.how=[write_to_sockets, not]", "run.trial_timeout=60")
        rows = self.rows()
        self.assertEqual(rows["not"], ("done", 3, ""))
        status, _, error = rows["write_to_sockets"]
        self.assertEqual(status, "failed")
        self.assertRegex(error, r"^its process sent what is not a message of a trial, and was ended "
                                r"after step \d+" + PRINTED + "write_to_sockets$")
        self.assertNotIn("retries", outcome.err)
        self.assert_reported(error)

    def test_a_trial_that_writes_to_the_connection_in_the_check(self):
        outcome = self.run_all("model.at=0", "sweep.model.how=[write_to_sockets, not]")
        self.assertIn("note: model.how=write_to_sockets: the process that tried one batch sent what "
                      "is not a message of a trial", outcome.err)
        self.assertEqual(self.rows()["not"], ("done", 3, ""))
        self.assertEqual(self.rows()["write_to_sockets"][0], "failed")

    def test_a_trial_that_never_returns_from_the_check(self):
        outcome = self.run_all("model.at=0", "sweep.model.how=[hang, not]", "run.trial_timeout=4")
        self.assertRegex(outcome.err, r"note: model.how=hang: the process that tried one batch took "
                                      r"longer than run.trial_timeout \(4 s\); it printed: about to")
        self.assertEqual(self.rows()["not"][0], "done")
        self.assertIn("took longer than run.trial_timeout", self.rows()["hang"][2])

    def test_a_crash_in_the_check_costs_that_trial_alone(self):
        outcome = self.run_all("model.at=0", "sweep.model.how=[segfault, not, exit]")
        self.assertRegex(outcome.err, r"note: model.how=segfault: the process that tried one batch "
                                      r"was killed by signal 11 \(Segmentation fault\)" + PRINTED)
        self.assertRegex(outcome.err, r"note: model.how=exit: the process that tried one batch "
                                      r"ended with exit code 0" + PRINTED)
        rows = self.rows()
        self.assertEqual([rows[how][:2] for how in ("segfault", "not", "exit")],
                         [("failed", 0), ("done", 3), ("failed", 0)])

    def test_what_is_thrown_in_the_check_refuses_the_sweep(self):
        for how, what in (("throw", "thrown by a plugin"),
                          ("throw_a_number", "it threw something that is not a std::exception")):
            with self.subTest(how):
                outcome = self.varia("run", "e.yaml", "model.at=0", f"model.how={how}", code=2)
                self.assertIn(f"model misbehaving with loss elbo cannot process a batch: {what}",
                              outcome.err)

    def test_a_component_that_cannot_be_made_ends_no_check_of_the_others(self):
        out = self.varia("test-plugin", os.environ["MISBEHAVING_PLUGIN"], code=1).out
        place = 0
        for text in ("model gives_up\n", "NO\n    it threw: constructor gave up\n",
                     "model gives_up_with_a_number\n",
                     "NO\n    it threw something that is not a std::exception\n",
                     "model misbehaving\n", "has a lower loss after thirty steps on one batch: yes\n"):
            self.assertIn(text, out[place:])
            place = out.index(text, place)

    def test_no_trial_is_started_that_would_reach_no_checkpoint(self):
        """Each takes three seconds for its first step."""
        end = int(time.time()) + 20
        outcome = self.varia("run", "e.yaml", "model={use: misbehaving, how: dawdle}",
                             "replicates=6", "run.jobs=1", "--deadline", str(end), code=75)
        published = self.files("results", "e", "trials", "*", "*.h5")
        self.assertIn(len(published), range(1, 5))
        self.assertEqual(self.trained(outcome), len(published))
        # The last was started seven seconds before the end at the latest, not one.
        self.assertLess(max(os.stat(file).st_mtime for file in published), end - 2)
        # Nothing was begun and left.
        self.assertEqual(self.files("results", "e", "checkpoints", "*"), [])

    def test_what_a_trial_printed_is_kept_and_harmless(self):
        outcome = self.run_all("sweep.model.how=[chatter, not]")
        self.assertNotIn("\x1b", outcome.err)
        error = self.rows()["chatter"][2]
        self.assertRegex(error, "; it printed: .*line 99999 of far too many . .*red.*the end$")
        self.assertLess(len(error), 3000)
        self.assertNotIn("\n", error)
        self.assert_reported(error)
        self.assertNotIn("\x1b", self.varia("show", "results/e.h5").out)
        self.assertNotIn("\x1b", self.varia("plan", "e.yaml", *self.overrides).out)
        log, = self.files("results", "e", "logs", "*.log")
        with open(log, "rb") as file:
            text = file.read()
        self.assertTrue(text.endswith(b"the end\n"))
        self.assertLess(len(text), 4 << 20)

    def test_memory_that_cannot_be_had(self):
        limit = 8 << 30
        out, err = self.varia("run", "e.yaml", "sweep.model.how=[allocate, not]", code=1,
                              limit=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertIn("1 trained, 0 kept, 1 failed", out)
        rows = self.rows()
        self.assertEqual(rows["not"], ("done", 3, ""))
        self.assertEqual(rows["allocate"][:2], ("failed", 1))
        self.assertRegex(rows["allocate"][2], "(?i)memory|alloc")
        self.assertNotIn("#0", rows["allocate"][2])

    def test_the_kernel_ends_the_worker_that_takes_all_memory(self):
        try:
            os.makedirs(GROUP, exist_ok=True)
            with open(GROUP + "/memory.limit_in_bytes", "w") as file:
                file.write(str(3 << 30))
        except OSError:
            self.skipTest("control groups cannot be made here")
        self.addCleanup(os.rmdir, GROUP)

        def enter():
            with open(GROUP + "/cgroup.procs", "w") as file:
                file.write(str(os.getpid()))

        out, err = self.varia("run", "e.yaml", "sweep.model.how=[allocate, not]", limit=enter,
                              code=1)
        self.assertIn("1 trained, 0 kept, 1 failed", out)
        self.assertRegex(self.rows()["allocate"][2],
                         r"^its process was killed by signal 9 \(Killed\) after step 15, again"
                         + PRINTED)
        self.assertEqual(self.rows()["not"], ("done", 3, ""))

    def test_a_crash_that_does_not_repeat_changes_no_bit(self):
        overrides = [f"model.once={self.path('marker')}", "sweep.model.how=[segfault, exit]",
                     "run.jobs=1"]
        self.write("marker", "")
        self.varia("run", "e.yaml", *overrides, "--results", "whole")
        for every in (0, 60):
            with self.subTest(every):
                name = f"results{every}"
                crashes = 0
                for how in ("segfault", "exit"):
                    with contextlib.suppress(FileNotFoundError):
                        os.remove(self.path("marker"))
                    outcome = self.varia("run", "e.yaml", *overrides, f"run.checkpoint_every={every}",
                                         "--only", f"model.how={how}", "--results", name)
                    crashes += len(re.findall(r"note: trial \w{16} .*it resumes from its checkpoint "
                                              r"\(1 of 2 retries\); it printed: about to",
                                              outcome.err))
                self.assertEqual(crashes, 2)
                self.assert_same_results("whole", name)

    def test_no_retries(self):
        outcome = self.run_all("model.how=segfault", "run.retries=0")
        self.assertNotIn("retries", outcome.err)
        self.assertRegex(self.rows()["segfault"][2], r"after step 15; it printed")

    def test_a_failed_trial_is_tried_again_when_asked(self):
        overrides = ["model.how=segfault", f"model.once={self.path('marker')}"]
        self.varia("run", "e.yaml", *overrides, "run.retries=0", code=1)
        self.varia("run", "e.yaml", *overrides, code=1)
        self.varia("run", "e.yaml", *overrides, "--rerun", "failed")
        self.assertEqual(self.rows()["segfault"], ("done", 3, ""))


if __name__ == "__main__":
    main()
