"""Commands, their help, their JSON, their tables."""
import os
import re
import subprocess
import unittest

from harness import PROGRAM, EndToEnd

HELP = {
    "run": ["EXPERIMENT.yaml", "KEY=VALUE", "--results", "--name", "--json", "--quiet", "--rerun",
            "--from", "--trial"],
    "plan": ["EXPERIMENT.yaml", "KEY=VALUE", "--results", "--name", "--json"],
    "check": ["EXPERIMENT.yaml", "KEY=VALUE", "--results", "--name", "--json"],
    "plugins": ["kind", "--json"],
    "describe": ["name", "--kind", "--json"],
    "show": ["RESULTS.h5", "--metric", "--order", "--limit", "--all", "--json"],
    "export": ["RESULTS.h5", "--images", "--view", "--trial", "--epoch", "--scale", "--frame-rate",
               "--gif", "--sheet", "--json", "--csv", "--metric", "--yaml"],
    "sample": ["RESULTS.h5", "--trial", "KEY=VALUE", "--output", "--scale", "--parameters"],
    "encode": ["RESULTS.h5", "--trial", "--output", "--split", "--other-plugins"],
}


class Help(EndToEnd):
    def test_every_command_lists_its_options(self):
        overview = self.varia("--help").out
        for command, options in HELP.items():
            self.assertIn(f"\n  {command} ", overview)
            page = self.varia(command, "--help").out
            for option in options:
                self.assertIn(option, page, command)
        for code in ("0 all", "1 some", "2 the", "75 interrupted"):
            self.assertIn(code, " ".join(overview.split()))

    def test_every_command_says_its_own_exit_codes_once(self):
        overview = self.varia("--help").out
        commands = re.findall(r"(?m)^  ([a-z-]+) ", overview.split("Subcommands:")[1])
        self.assertIn("test-plugin", commands)
        codes = {"run": "0 1 2 75", "verify": "0 1 2 75", "merge": "0 1 2", "diff": "0 1 2",
                 "verify-file": "0 1 2", "test-plugin": "0 1 2"}
        for command in commands:
            page = " ".join(self.varia(command, "--help").out.split())
            self.assertEqual(page.count("Exit codes:"), 1, command)
            footer = page[page.index("Exit codes:"):]
            found = re.findall(r"(?:Exit codes:|,) (\d+) ", footer)
            self.assertEqual(" ".join(found), codes.get(command, "0 2"), command)

    def test_commands_that_are_for_scripts_alone_are_not_named(self):
        overview = self.varia("--help").out
        commands = re.findall(r"(?m)^  ([a-z-]+) ", overview.split("Subcommands:")[1])
        for word in ("complet", "mann", "help"):
            line = self.refused(word)
            self.assertEqual(line.split(" Known: ")[1].rstrip(".").split(", "), sorted(commands))
            for hidden in ("complete", "man"):
                self.assertNotIn(f"'{hidden}'", line)
        # They can be called.
        self.assertIn("merge\t", self.varia("complete", "--", "me").out)
        self.varia("man", ".")

    def test_versions(self):
        lines = self.varia("--version").out.splitlines()
        self.assertEqual([line.split()[0] for line in lines],
                         ["varia", "LibTorch", "HDF5", "BLAS", "compiler"])
        for line in lines:
            self.assertRegex(line, r"\d")

    def test_wrong_calls_help(self):
        for arguments, expected in [
                (["rnu", "e.yaml"], "'rnu' is no command of varia. Did you mean 'run'?"),
                ([], "A subcommand is required (varia --help says more)"),
                (["run"], "experiment or --from is required (varia run --help says more)"),
                (["run", "base.yaml", "--quite"], "not expected: --quite (varia run --help"),
                (["run", "base.yaml", "--rerun", "all"], "--rerun: expected 'failed' or 'stale', found 'all' ("),
                (["run", "base.yaml", "--quite"], "Did you mean '--quiet'?"),
                (["run", "base.yaml", "--epochs", "3"], "are given as KEY=VALUE, such as"),
                (["show", "x.h5", "--limit", "-3"],
                 "--limit: expected a whole number from 1, found -3 ("),
                (["show", "x.h5", "--limit", "0"],
                 "--limit: expected a whole number from 1, found 0 ("),
                (["show", "x.h5", "--limit", "9" * 30], "--limit: expected a whole number from 1, found 999"),
                (["run", "base.yaml", "--jobs", "0"],
                 "--jobs: expected a whole number from 1 to 4096, found 0 ("),
                (["run", "base.yaml", "--jobs", "010"], "from 1 to 4096, found 010 ("),
                (["run", "base.yaml", "--jobs"], "--jobs: expected a value, found nothing ("),
                (["run", "base.yaml", "--json=abc"], "--json: expected no value, found 'abc' ("),
                (["run", "base.yaml", "--deadline", "abc"],
                 "--deadline: expected a whole number from 0 to 9000000000, found 'abc' ("),
                # Milliseconds by mistake.
                (["run", "base.yaml", "--deadline", "1790000000000"],
                 "--deadline: expected a whole number from 0 to 9000000000, found 1790000000000 ("),
                (["run", "base.yaml", "--live", "--live-port", "65536"],
                 "--live-port: expected a whole number from 0 to 65535, found 65536 ("),
                (["sample", "x.h5", "--trial", "0", "--frame-rate", "nan"],
                 "--frame-rate: expected a number from 0.01 to 50, found nan ("),
                (["verify", "--minutes", "nan"],
                 "--minutes: expected a number from 0 to 1000000000, found nan ("),
                (["export", "x.h5", "--figure", "bars", "--width", "5"],
                 "--width: expected a number from 20 to 1000, found 5 ("),
                (["export", "x.h5", "--figure", "scater"], "Did you mean 'scatter'?"),
                (["status", "e.yaml"], "is an experiment file; expected the name of the experiment, "
                                       "or its results file: results/e.h5"),
                (["show", "x.h5", "--order", "best"], "--order: expected 'higher' or 'lower', found 'best' ("),
                (["plugins", "lossy"], "'lossy' is no kind of component. Did you mean 'loss'?"),
                (["run", "--from", "x.h5", "--trial", "0", "base.yaml"],
                 "--from takes the place of the experiment file; expected KEY=VALUE behind it, "
                 "found 'base.yaml'"),
                (["describe", "elbow"], "no component is called 'elbow'. Did you mean 'elbo'?")]:
            self.assertIn(expected, self.refused(*arguments))


class Catalogue(EndToEnd):
    def test_a_name_of_several_kinds_is_proposed_once(self):
        names = self.refused("describe", "nope").split("Known: ")[1].rstrip(".").split(", ")
        self.assertEqual(sorted(set(names)), names)

    def test_the_list_of_components(self):
        everything = self.varia("plugins", "--json").json
        self.assertEqual(everything["left_out"], [])
        names = {(one["kind"], one["name"]) for one in everything["components"]}
        self.assertLessEqual({
            ("dataset", "mnist"), ("dataset", "fashion_mnist"), ("dataset", "idx"),
            ("dataset", "hdf5"), ("model", "mlp_vae"), ("loss", "elbo"), ("optimizer", "adam"),
            ("schedule", "linear"), ("view", "samples"), ("likelihood", "bernoulli")}, names)
        for one in everything["components"]:
            self.assertTrue(one["doc"].endswith("."), one["name"])
            self.assertTrue(os.path.isfile(one["file"]))
            self.assertRegex(one["version"], r"^\d+\.\d+\.\d+$")
        losses = self.varia("plugins", "loss").out
        self.assertRegex(losses, r"(?m)^loss +elbo +Evidence lower bound")
        self.assertNotIn("mlp_vae", losses)

    def test_a_components_parameters(self):
        page = self.varia("describe", "elbo").out
        for text in ("loss elbo", "plugin elbo", "beta", "capacity", "gamma", "Higgins et al."):
            self.assertIn(text, page)
        (document,) = self.varia("describe", "elbo", "--json").json
        (beta,) = [one for one in document["parameters"] if one["name"] == "beta"]
        self.assertEqual(set(beta), {"name", "type", "default", "range", "doc"})
        self.assertEqual(beta["default"], "1")
        self.assertNotIn("every", document)

    def test_when_a_metric_or_a_view_is_evaluated(self):
        for name, default in ("nll", "last"), ("accuracy", "1"), ("samples", "last"):
            self.assertRegex(self.varia("describe", name).out, f"every +.*default {default}\n")
            (document,) = self.varia("describe", name, "--json").json
            self.assertEqual(document["every"], default)

    def test_a_plugin_that_cannot_be_used_is_listed_with_the_reason(self):
        self.write("broken.so", "no library")
        environment = {"VARIA_PLUGIN_PATH": self.path("broken.so")}
        outcome = self.varia("plugins", environment=environment)
        self.assertIn(self.path("broken.so"), outcome.err)
        (reason,) = self.varia("plugins", "--json", environment=environment).json["left_out"]
        self.assertIn(self.path("broken.so"), reason)
        # It stops nothing.
        self.varia("run", "base.yaml", environment=environment)


class Experiments(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", "sweep: {loss.beta: [1, 4]}\nreplicates: 2\n")

    def test_plan_and_check_in_json(self):
        plan = self.varia("plan", "e.yaml", "--json").json
        self.assertEqual(plan["experiment"], "e")
        self.assertEqual([trial["settings"] for trial in plan["trials"]],
                         [{"loss.beta": 1}] * 2 + [{"loss.beta": 4}] * 2)
        self.assertEqual([trial["replicate"] for trial in plan["trials"]], [0, 1, 0, 1])
        self.assertEqual({trial["status"] for trial in plan["trials"]}, {"new"})
        self.assertEqual(len({trial["id"] for trial in plan["trials"]}), 4)
        # Replicates of different settings pair: they have the same seeds.
        seeds = [trial["seed"] for trial in plan["trials"]]
        self.assertEqual(seeds[:2], seeds[2:])
        self.assertEqual(self.varia("check", "e.yaml", "--json").json,
                         {"experiment": "e", "trials": 4, "crashes": [], "notes": []})
        self.assertEqual(self.varia("check", "e.yaml").out, "e.yaml: 4 trials, all can be run\n")
        self.assertFalse(os.path.exists(self.path("results")))

    def test_run_in_json(self):
        outcome = self.varia("run", "e.yaml", "--json")
        document = outcome.json
        self.assertEqual(document["experiment"], "e")
        self.assertEqual(len(document["trials"]), 4)
        for trial in document["trials"]:
            self.assertLessEqual({"id", "status", "replicate", "seed", "epochs_done", "error",
                                  "parameters", "metrics"}, set(trial))
            self.assertEqual(trial["status"], "done")
            self.assertEqual(trial["parameters"]["model.use"], "mlp_vae")
            self.assertEqual(trial["parameters"]["train.epochs"], 2)
            self.assertLess(trial["metrics"]["test/elbo"], 0)
        self.assertEqual(self.varia("show", "results/e.h5", "--json").out, outcome.out)

    def test_overrides(self):
        def settings(*arguments):
            plan = self.varia("plan", "e.yaml", "--json", *arguments).json
            return plan["experiment"], [trial["settings"] for trial in plan["trials"]]

        # The axis is fixed: nothing varies but the replicate.
        self.assertEqual(settings("loss.beta=4")[1], [{}, {}])
        self.assertEqual(settings("sweep.loss.beta=[2, 3, 5]", "replicates=1")[1],
                         [{"loss.beta": 2}, {"loss.beta": 3}, {"loss.beta": 5}])
        self.assertEqual(settings("name=other")[0], "other")
        self.assertEqual(settings("--name", "other")[0], "other")

    def test_a_run_under_another_name_leaves_the_first_alone(self):
        self.varia("run", "e.yaml", "loss.beta=1", "replicates=1")
        self.varia("run", "e.yaml", "loss.beta=4", "replicates=1", "--name", "quick")
        self.assertEqual(sorted(os.listdir(self.path("results"))),
                         ["e", "e.h5", "quick", "quick.h5"])
        (trial,) = self.varia("show", "results/e.h5", "--json").json["trials"]
        self.assertEqual(trial["parameters"]["loss.beta"], 1)

    def test_quiet_prints_nothing_when_all_is_well(self):
        outcome = self.varia("run", "e.yaml", "--quiet")
        self.assertEqual((outcome.out, outcome.err), ("", ""))

    def test_progress_is_plain_lines_on_standard_error(self):
        outcome = self.varia("run", "e.yaml", "--jobs", "1")
        lines = outcome.err.splitlines()
        self.assertEqual(len(lines), 4 * 3)
        self.assertEqual(lines[0], "[1/4] loss.beta=1 replicate 0")
        self.assertEqual(lines[3], "[2/4] loss.beta=1 replicate 1")
        self.assertRegex(lines[1], r"^\[1/4\] loss.beta=1 replicate 0  epoch 1/2  train loss [\d.]+, test loss [\d.]+  [\d.]+ s$")
        self.assertNotIn("epoch 1/2", outcome.out)
        for stream in (outcome.out, outcome.err):
            self.assertNotIn("\x1b", stream)
            self.assertNotIn("\r", stream)

    def test_it_works_from_any_folder_and_through_a_link(self):
        os.mkdir(self.path("elsewhere"))
        os.symlink(PROGRAM, self.path("elsewhere/link"))
        subprocess.run([self.path("elsewhere/link"), "run", "../e.yaml", "-q"], check=True,
                       cwd=self.path("elsewhere"))
        self.assertTrue(os.path.isfile(self.path("elsewhere/results/e.h5")))


class Show(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", "sweep: {loss.beta: [4, 1, 8]}\ntrain: {epochs: 4}\n")
        self.varia("run", "e.yaml", "-q")

    def rows(self, *arguments):
        document = self.varia("show", "results/e.h5", "--json", *arguments).json
        return document, document["trials"]

    def test_the_best_comes_first(self):
        document, trials = self.rows()
        self.assertEqual((document["sorted_by"], document["order"]), ("test/elbo", "higher"))
        for metric, order in [("test/loss", "lower"), ("test/elbo", "higher"),
                              ("train/kl", "lower")]:
            document, trials = self.rows("--metric", metric)
            self.assertEqual((document["sorted_by"], document["order"]), (metric, order))
            values = [trial["metrics"][metric] for trial in trials]
            self.assertEqual(len(set(values)), 3)
            self.assertEqual(values, sorted(values, reverse=order == "higher"))
            document, reverse = self.rows("--metric", metric, "--order",
                                          "lower" if order == "higher" else "higher")
            self.assertEqual([trial["id"] for trial in reverse],
                             [trial["id"] for trial in trials][::-1])

    def test_the_table(self):
        lines = self.varia("show", "results/e.h5", "--metric", "test/kl").out.splitlines()
        self.assertEqual(len(lines), 5)
        for column in ("trial", "status", "loss.beta", "epochs", "test/kl", "test/elbo"):
            self.assertIn(column, lines[0].split())
        self.assertEqual(lines[4], "3 of 3 trials, lowest test/kl first")
        (first, *_), (_, trials) = lines[1].split(), self.rows("--metric", "test/kl")
        self.assertEqual(first, trials[0]["id"])
        short = self.varia("show", "results/e.h5", "--metric", "test/loss", "--limit",
                           "1").out.splitlines()
        self.assertEqual(len(short), 3)
        self.assertEqual(short[2], "1 of 3 trials, lowest test/loss first; it is another quantity "
                                   "where loss.beta differs, varia compare ranks by the ELBO")

    def test_show_and_compare_rank_by_the_same_metric(self):
        for settings, metric in [("", "test/elbo"), ("data.validation=0.5", "validation/elbo")]:
            self.varia("run", "e.yaml", "-q", *settings.split())
            document, trials = self.rows()
            compared = self.varia("compare", "results/e.h5", "--json").json
            self.assertEqual((document["sorted_by"], compared["ranked_by"]), (metric, metric))
            self.assertEqual([[trial["id"]] for trial in trials],
                             [setting["trials"] for setting in compared["settings"]])

    def test_a_name_stands_for_its_results(self):
        expected = self.varia("show", "results/e.h5").out
        self.assertEqual(self.varia("show", "e").out, expected)
        # A file of that path comes first.
        os.mkdir(self.path("e"))
        self.assertEqual(self.varia("show", "e").out, expected)
        self.write("e.h5", "another file")
        self.assertIn("e.h5: cannot be opened as HDF5", self.refused("show", "e.h5"))
        self.assertEqual(self.varia("show", "e").out, expected)
        self.assertIn("all 3 trials are the same", self.varia("diff", "e", "results/e.h5").out)
        for command in (["compare", "e"], ["verify-file", "e"], ["report", "e"],
                        ["export", "e", "--csv", "-"]):
            self.varia(*command)

    def test_an_unknown_metric_names_the_nearest(self):
        line = self.refused("show", "results/e.h5", "--metric", "test/elb")
        self.assertIn("results/e.h5 has no metric 'test/elb'. Did you mean 'test/elbo'?", line)

    def test_files_that_are_no_results(self):
        for file, expected in [("absent.h5", "absent.h5: cannot be opened"),
                               ("base.yaml", "base.yaml: is an experiment file, not a results file"),
                               ("results", "results: is a folder, not a results file")]:
            self.assertIn(expected, self.refused("show", file))


if __name__ == "__main__":
    unittest.main()
