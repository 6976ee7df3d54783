"""varia submit on a real Slurm: tasks that are signalled, requeued, killed and run out of time."""
import glob
import os
import re
import shutil
import signal
import subprocess
import unittest

from cluster import Cluster
from harness import PLUGINS, PROGRAM, EndToEnd, results_of, same

# Three replicates of a setting are a task. A trial takes some seconds of one core.
EXPERIMENT = """
model: {hidden: [64]}
data: {batch: 16}
train: {epochs: 300}
run: {checkpoint_every: 0.2}
views: [{use: samples, rows: 2, columns: 2, every: 100}]
sweep: {loss.beta: [1, 2, 4, 8]}
replicates: 3
cluster: {time: 30, signal_before: 60, trials_per_task: 3}
"""


class SlurmTest(EndToEnd):
    def setUp(self):
        super().setUp()
        self.cluster = self.enterContext(Cluster(cpus=4))
        self.experiment("e", EXPERIMENT)

    def slurm(self, *command):
        return self.cluster.run(*command, cwd=self.folder)

    def varia(self, *arguments, code=0, environment=None):
        return super().varia(*arguments, code=code,
                             environment={**self.cluster.environment, **(environment or {})})

    def submit(self, *arguments, environment=None):
        """@returns what `varia submit --json` says"""
        return self.varia("submit", "e.yaml", "--json", *arguments, environment=environment).json

    def log(self, job, task):
        return self.path("results", "e", "logs", f"slurm-{job}_{task}.out")

    def wait_for_line(self, path, pattern, timeout=400):
        """Reads a file that grows, which need not exist yet, up to a line with the pattern."""
        tail = subprocess.Popen(["timeout", str(timeout), "tail", "-n", "+1", "-F", path],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            for line in tail.stdout:
                found = re.search(pattern, line)
                if found:
                    return found
        finally:
            tail.kill()
            tail.wait()
            tail.stdout.close()
        text = "(there is no such file)"
        if os.path.exists(path):
            with open(path) as file:
                text = file.read()
        self.fail(f"{path} has no line /{pattern}/ after {timeout} s:\n{text}\n"
                  f"{self.cluster.logs()}")

    def wait_for_controller(self, pattern, start=0, timeout=400):
        return self.cluster.controller.wait_for(pattern, timeout, start)

    def processes_of(self, task):
        """[pid of varia, pids of its workers...] of a task that runs."""
        found = {}
        for folder in glob.glob("/proc/[0-9]*"):
            try:
                with open(folder + "/cmdline") as file:
                    words = file.read().split("\0")
                with open(folder + "/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if words[0] == PROGRAM and any(
                    word.startswith("@" + self.folder) and word.endswith(f"/tasks/{task}")
                    for word in words):
                found[int(os.path.basename(folder))] = parent
        supervisor = [pid for pid, parent in found.items() if parent not in found]
        self.assertEqual(len(supervisor), 1, found)
        return supervisor + [pid for pid in found if pid not in supervisor]

    def assert_equal_to_one_run(self):
        self.varia("run", "e.yaml", "--results", "plain", "--quiet")
        plain, found = results_of(self.path("plain/e.h5")), results_of(self.path("results/e.h5"))
        self.assertEqual(list(plain), list(found))
        for name in plain:
            self.assertTrue(same(plain[name], found[name]), name)

    def test_tasks_that_are_stopped_in_every_way_end_in_the_results_of_one_run(self):
        document = self.submit()
        self.assertEqual((document["trials"], document["tasks"]), (12, 4))
        job, merge = (one["id"] for one in document["jobs"])
        for task in range(4):
            self.wait_for_line(self.log(job, task), r"epoch 3/300")

        # 3: the wall time comes while a trial takes long, as it is held here.
        worker = self.processes_of(3)[1]
        os.kill(worker, signal.SIGSTOP)
        self.slurm("scontrol", "update", f"JobId={job}_3", "TimeLimit=1")
        # 0: a signal to the script. 1: requeued by somebody. 2: killed, as if memory had run out.
        self.slurm("scancel", "--batch", "--signal=TERM", f"{job}_0")
        self.slurm("scontrol", "requeue", f"{job}_1")
        os.kill(self.processes_of(2)[0], signal.SIGKILL)
        self.wait_for_controller(rf"JobId={job}_3\b.*(warn|signal)|(warn|signal).*JobId={job}_3\b")
        os.kill(worker, signal.SIGCONT)
        self.wait_for_controller(rf"Requeuing JobId={job}_3\b")
        self.slurm("scontrol", "update", f"JobId={job}_3", "TimeLimit=30")

        self.wait_for_line(self.log(job, 0), "interrupted; back in the queue")
        self.wait_for_line(self.log(job, 3), "interrupted; back in the queue")
        self.wait_for_line(self.log(job, 2), "ends with exit code 137")
        self.wait_for_controller(rf"_job_complete: JobId={merge} done")
        for task in (0, 1, 3):
            self.wait_for_line(self.log(job, task), "restart 1")
            self.wait_for_line(self.log(job, task), "ends with exit code 0")
        report = self.path("results", "e", "logs", f"slurm-merge-{merge}.out")
        self.wait_for_line(report, r"[1-3] missing")

        missing = [state for state, _ in self.plan("e.yaml")].count("done")
        document = self.submit()
        self.assertEqual(document["trials"], 12 - missing)
        self.assertEqual(document["tasks"], 1)
        self.wait_for_controller(rf"_job_complete: JobId={document['jobs'][1]['id']} done")
        self.assertEqual(self.plan("e.yaml"), [("done", "")] * 12)
        self.assertIn("nothing to submit (12 done)", self.varia("submit", "e.yaml").out)
        self.assert_equal_to_one_run()

    def hold_the_node(self):
        self.slurm("scontrol", "update", "NodeName=ALL", "State=DRAIN", "Reason=test")

    def release_the_node(self):
        self.slurm("scontrol", "update", "NodeName=ALL", "State=RESUME")

    def test_edits_and_newer_plugins_do_not_reach_what_was_submitted(self):
        plugins = shutil.copytree(PLUGINS, self.path("plugins"),
                                  ignore=shutil.ignore_patterns("*.cmake", "CMake*"))
        environment = {"VARIA_PLUGIN_FOLDER": plugins}
        settings = ["train.epochs=2", "cluster.trials_per_task=6"]
        self.hold_the_node()
        document = self.submit(*settings, environment=environment)
        expected = self.plan("e.yaml", *settings)
        # They wait, so nothing is sent twice.
        again = self.varia("submit", "e.yaml", *settings, environment=environment)
        self.assertIn("nothing to submit (12 queued already)", again.out)

        self.experiment("e", EXPERIMENT.replace("[1, 2, 4, 8]", "[3]").replace("[64]", "[1]"))
        for file in glob.glob(plugins + "/*.so"):
            os.remove(file)
            with open(file, "w") as broken:
                broken.write("a build that has just failed")
        self.release_the_node()
        self.wait_for_controller(rf"_job_complete: JobId={document['jobs'][1]['id']} done")
        self.experiment("e", EXPERIMENT)
        self.assertEqual(self.plan("e.yaml", *settings), [("done", "")] * len(expected))

    def test_a_cancelled_task_is_not_requeued_and_can_be_sent_again(self):
        long = "train.epochs=2000"  # no trial ends before its job is cancelled
        document = self.submit("--only", "loss.beta=1", long)
        self.assertEqual((document["trials"], document["tasks"]), (3, 1))
        job = document["jobs"][0]["id"]
        self.wait_for_line(self.log(job, 0), r"epoch 3/2000")
        self.slurm("scancel", job)
        self.wait_for_line(self.log(job, 0), "interrupted; Slurm says the job is")
        self.wait_for_controller(rf"_job_complete: JobId={document['jobs'][1]['id']} done")
        states = self.plan("e.yaml", "loss.beta=1", long)
        self.assertEqual(states[0][0], "partial", states)
        self.assertEqual(self.submit("--only", "loss.beta=1", "--no-send", long)["trials"], 3)


if __name__ == "__main__":
    unittest.main()
