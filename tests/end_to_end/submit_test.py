"""varia submit without Slurm: what it prints, what it refuses, what it writes. tests/slurm has the
rest."""
import hashlib
import json
import os
import re
import stat
import subprocess
import unittest

from harness import PROGRAM, EndToEnd

EXPERIMENT = """
train: {epochs: 1}
sweep: {loss.beta: [1, 2, 4]}
replicates: 2
"""

PROFILES = """
default: campus
campus: {partition: cpu, account: physics, time: "2:00:00", setup: ["module load gcc/12"]}
large: {partition: large, cpus_per_task: 16, extra: ["--qos=long"]}
"""


class Submit(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        os.makedirs(self.path("home", "varia"))
        os.mkdir(self.path("bin"))
        self.command("scontrol", "exit 1")
        self.command("squeue", "exit 1")
        self.command("sbatch", """
if [[ $1 == --version ]]; then echo slurm 0; exit; fi
echo "$PWD: $*" >>"$ASKED"
echo $((100 + $(wc -l <"$ASKED")))""")

    def command(self, name, body):
        self.write(os.path.join("bin", name), "#!/bin/bash\n" + body + "\n")
        os.chmod(self.path("bin", name), stat.S_IRWXU)

    def profiles(self, text):
        self.write("home/varia/clusters.yaml", text)

    def varia(self, *arguments, code=0, environment=None):
        return super().varia(*arguments, code=code, environment={
            "PATH": self.path("bin") + ":/usr/bin:/bin", "XDG_CONFIG_HOME": self.path("home"),
            "ASKED": self.path("asked"), **(environment or {})})

    def asked(self):
        """The calls of sbatch so far."""
        if not os.path.exists(self.path("asked")):
            return []
        with open(self.path("asked")) as file:
            return file.read().splitlines()

    def dry_run(self, *arguments, **options):
        """{file: text} of what would be written."""
        out = self.varia("submit", "e.yaml", "--dry-run", "--verbose", *arguments, **options).out
        parts = re.split(r"^==> (.*)\n", out, flags=re.MULTILINE)
        return {os.path.relpath(name, self.path("results/e/submissions/1")): text
                for name, text in zip(parts[1::2], parts[2::2])}

    def everything(self):
        return sorted(os.path.join(folder, name) for folder, _, names in os.walk(self.folder)
                      for name in names)

    def test_a_dry_run_prints_everything_and_writes_nothing(self):
        before = self.everything()
        files = self.dry_run("--trials-per-task", "4", "--limit", "8", "--time", "30",
                             "loss.beta=2")
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.asked(), [])
        for line in ("#SBATCH --job-name=varia-e", "#SBATCH --time=30", "#SBATCH --requeue",
                     "#SBATCH --open-mode=append", "#SBATCH --signal=B:USR1@120"):
            self.assertIn(line + "\n", files["job.sh"])
        self.assertIn("beta: 2", files["experiment.yaml"])
        self.assertNotIn("loss.beta", files["job.sh"])
        self.assertIn("send array 0 1 --array=0-0%8 job.sh 0\n", files["submit.sh"])
        self.assertIn('--dependency="afterany$all" merge.sh\n', files["submit.sh"])
        ids = [trial["id"] for trial in self.varia("plan", "e.yaml", "loss.beta=2", "--json").json[
            "trials"]]
        self.assertEqual(files["tasks/0"].split(), ids)
        self.assertIn(PROGRAM, files["digests"])
        for name in ("job.sh", "merge.sh", "submit.sh"):
            self.write("script", files[name])
            subprocess.run(["bash", "-n", self.path("script")], check=True)

    def test_a_dry_run_in_json_says_what_would_be_sent_and_writes_nothing(self):
        before = self.everything()
        document = self.varia("submit", "e.yaml", "--dry-run", "--json", "--trials-per-task", "4").json
        self.assertEqual((document["experiment"], document["trials"], document["dry_run"]),
                         ("e", 6, True))
        self.assertTrue(document["folder"].endswith("/results/e/submissions/1"), document["folder"])
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.asked(), [])

    def test_a_short_dry_run_fits_on_a_screen(self):
        self.command("scontrol", "echo 'MaxArraySize            = 4'")
        self.profiles(PROFILES)
        out = self.varia("submit", "e.yaml", "--dry-run", "--trials-per-task", "1",
                         "cluster.merge.time=5").out
        lines = out.splitlines()
        self.assertEqual(lines[:3], ["sbatch --array=0-3 job.sh 0", "sbatch --array=0-1 job.sh 4",
                                     'sbatch --dependency="afterany$all" merge.sh'])
        for line in ("#SBATCH --partition=cpu", "#SBATCH --time=2:00:00", "#SBATCH --time=5",
                     "module load gcc/12"):
            self.assertIn(line, lines)
        self.assertIn('--only "@$submission/tasks/$task"', out)
        self.assertIn('"${varia[@]}" merge e', out)
        self.assertLess(len(lines), 60)
        self.assertEqual(self.asked(), [])

    def test_the_merge_has_resources_of_its_own(self):
        self.profiles("""
default: gpus
gpus: {partition: gpu, account: physics, time: "8:00:00", memory: 64G, constraint: a100,
       cpus_per_task: 8, extra: ["--gres=gpu:1"], merge: {partition: short, time: 10}}
""")
        self.experiment("e", EXPERIMENT + "cluster: {merge: {memory: 2G}}\n")
        files = self.dry_run("cluster.merge.time=5")
        asked = [line for line in files["merge.sh"].splitlines() if line.startswith("#SBATCH")]
        self.assertEqual(asked, [f"#SBATCH --{option}" for option in (
            "job-name=varia-merge-e", "partition=short", "account=physics", "time=5", "mem=2G",
            "nodes=1", "ntasks=1", "cpus-per-task=1", "requeue", "open-mode=append",
            "output=../../logs/slurm-merge-%j.out")])
        self.assertIn("#SBATCH --gres=gpu:1\n", files["job.sh"])
        self.assertIn("merge", json.loads(files["submission.json"])["settings"])
        self.assertIn("Did you mean 'partition'?",
                      self.refused("submit", "e.yaml", "cluster.merge.partitoin=x"))

    def test_an_array_that_the_site_refuses_is_told_and_sent_by_the_next_submission(self):
        self.command("scontrol", "echo 'MaxArraySize            = 4'")
        self.command("sbatch", """
if [[ $1 == --version ]]; then echo slurm 0; exit; fi
if [[ -e $ASKED && ! -e $ASKED.open ]]; then
  echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1
fi
echo "$*" >>"$ASKED"
echo $((100 + $(wc -l <"$ASKED")))""")
        err = self.varia("submit", "e.yaml", "--trials-per-task", "1", code=2).err
        self.assertIn("sbatch: error: QOSMaxSubmitJobPerUserLimit\n", err)
        self.assertIn("It took: job 101: tasks 0 to 3. Not sent: tasks 4 to 5 and the merge.", err)
        self.write("asked.open", "")
        self.command("squeue", "for i in 0 1 2 3; do echo \"101|$i|PENDING\"; done")
        out = self.varia("submit", "e.yaml", "--trials-per-task", "1").out
        self.assertIn("2 trials in 2 tasks, 1 array; left out: 4 queued already", out)
        self.assertEqual(self.asked()[1:], [
            "--parsable --array=0-1 job.sh 0", "--parsable --dependency=afterany:101:102 merge.sh"])

    def test_the_command_line_wins_over_the_experiment_and_that_over_the_profile(self):
        self.profiles(PROFILES)
        self.experiment("e", EXPERIMENT + "cluster: {time: 90, memory: 4G}\n")
        script = self.dry_run("--account", "chemistry")["job.sh"]
        for line in ("partition=cpu", "account=chemistry", "time=90", "mem=4G"):
            self.assertIn(f"#SBATCH --{line}\n", script)
        self.assertIn("\nmodule load gcc/12\n", script)
        script = self.dry_run("--profile", "large", "cluster.memory=8G")["job.sh"]
        for line in ("partition=large", "cpus-per-task=16", "qos=long", "mem=8G"):
            self.assertIn(f"#SBATCH --{line}\n", script)
        self.assertNotIn("account", script)

    def test_what_is_wrong_is_refused_before_anything_is_written(self):
        before = self.everything()
        self.assertIn("Did you mean 'partition'?",
                      self.refused("submit", "e.yaml", "cluster.partitoin=x"))
        self.assertIn("--time on the command line: cluster: time: expected minutes",
                      self.refused("submit", "e.yaml", "--time", "soon"))
        self.assertIn("there is no profile 'none'",
                      self.refused("submit", "e.yaml", "--profile", "none"))
        self.assertIn("control characters",
                      self.refused("submit", "e.yaml", "--no-send", "--results", "a\nb"))
        os.remove(self.path("bin", "sbatch"))
        line = self.refused("submit", "e.yaml", environment={"PATH": self.path("bin")})
        self.assertIn("there is no sbatch in PATH", line)
        self.assertEqual(self.everything(), [path for path in before if "sbatch" not in path])

    def test_arrays_are_split_at_the_largest_size_of_the_site(self):
        self.command("scontrol", "echo 'MaxArraySize            = 4'")
        script = self.dry_run("--trials-per-task", "1")["submit.sh"]
        self.assertIn("send array 0 4 --array=0-3 job.sh 0\n"
                      "send array 4 2 --array=0-1 job.sh 4\n", script)

    def test_a_submission_is_frozen_sent_once_and_not_sent_again_while_it_is_queued(self):
        document = self.varia("submit", "e.yaml", "--trials-per-task", "4", "--json").json
        self.assertEqual((document["trials"], document["tasks"]), (6, 2))
        folder = document["folder"]
        self.assertEqual(self.asked(), [
            f"{folder}: --parsable --array=0-1 job.sh 0",
            f"{folder}: --parsable --dependency=afterany:101 merge.sh"])
        subprocess.run(["sha256sum", "--check", "--quiet", folder + "/digests"], check=True)
        with open(folder + "/submission.json") as file:
            submission = json.load(file)
        for plugin in submission["plugins"]:
            with open(os.path.join(folder, "plugins", plugin["copy"]), "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), plugin["sha256"])

        again = self.varia("submit", "e.yaml", "--dry-run")
        self.assertIn("squeue cannot be asked", again.err)
        self.assertIn("6 trials", again.err)
        self.command("squeue", "echo '101|1|PENDING'; echo '102|N/A|PENDING'")
        again = self.varia("submit", "e.yaml", "--dry-run")
        self.assertIn("4 trials", again.err)
        self.assertIn("left out: 2 queued already", again.err)

    def test_a_merge_that_was_refused_is_sent_by_the_next_submission(self):
        self.command("sbatch", """
if [[ $1 == --version ]]; then echo slurm 0; exit; fi
if [[ $* == *merge.sh && ! -e $ASKED.open ]]; then echo 'sbatch: error: full' >&2; exit 1; fi
echo "$*" >>"$ASKED"
echo $((100 + $(wc -l <"$ASKED")))""")
        err = self.varia("submit", "e.yaml", "--trials-per-task", "4", code=2).err
        self.assertIn("sbatch: error: full\n", err)
        self.assertIn("It took: job 101: tasks 0 to 1. Not sent: the merge.", err)
        self.write("asked.open", "")
        # All trials are queued, and nothing merges them.
        self.command("squeue", "echo '101|0|RUNNING'; echo '101|1|PENDING'")
        out = self.varia("submit", "e.yaml").out
        self.assertIn("left out: 6 queued already", out)
        self.assertIn("job 102: merge, when all tasks have ended", out)
        self.assertEqual(self.asked()[-1], "--parsable --dependency=afterany:101 merge.sh")
        self.command("squeue", "echo '101|1|PENDING'; echo '102|N/A|PENDING'")
        self.varia("run", "e.yaml", "loss.beta=1", "replicates=1", "--quiet")
        out = self.varia("submit", "e.yaml", "replicates=3", "--trials-per-task", "9").out
        # New trials: the new merge waits for the old arrays as well.
        self.assertEqual(self.asked()[-1], "--parsable --dependency=afterany:101:103 merge.sh")
        self.assertNotIn("nothing to submit", out)

    def test_only_what_is_not_done_is_sent(self):
        self.varia("run", "e.yaml", "loss.beta=2", "--quiet")
        err = self.varia("submit", "e.yaml", "--dry-run").err
        self.assertIn("4 trials", err)
        self.assertIn("2 done", err)
        self.assertIn("nothing to submit (2 done)", self.varia("submit", "e.yaml", "loss.beta=2").out)

    def test_what_is_not_sent_can_be_sent_by_hand(self):
        out = self.varia("submit", "e.yaml", "--no-send").out
        self.assertEqual(self.asked(), [])
        command = re.search(r"this sends it: (bash .*)\n", out).group(1)
        subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PATH": self.path("bin") + ":/usr/bin:/bin",
                            "ASKED": self.path("asked")})
        self.assertEqual(len(self.asked()), 2)

    def test_a_task_of_an_older_submission_leaves_the_newer_plan(self):
        """What is expected, and may be pruned, is what was sent last."""
        self.varia("submit", "e.yaml", "--no-send")
        self.experiment("e", EXPERIMENT.replace("[1, 2, 4]", "[8]"))
        self.varia("submit", "e.yaml", "--no-send")
        expected = self.varia("status", "e").out
        subprocess.run(["bash", self.path("results/e/submissions/1/job.sh"), "0"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "PATH": self.path("bin") + ":/usr/bin:/bin"})
        with open(self.path("results/e/experiment.yaml")) as file:
            self.assertIn("[8]", file.read())
        self.assertIn("2 new", expected)
        self.assertIn("2 new", self.varia("status", "e").out)

    def test_the_plan_is_the_same_where_an_override_meets_a_variant(self):
        """The override holds in a variant that sets the same key, in the frozen file, too."""
        self.experiment("e", EXPERIMENT.replace("sweep: {loss.beta: [1, 2, 4]}", """
sweep:
  method: {a: {set: {loss: {use: elbo, beta: 3}}}, b: {set: {model: {latent: 2}}}}"""))
        self.varia("submit", "e.yaml", "loss.beta=7")
        self.assertEqual(len(self.asked()), 2)


if __name__ == "__main__":
    unittest.main()
