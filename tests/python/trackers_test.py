"""What `run.log_to` is told, and the trackers of the Python package that it may be told to."""
import glob
import importlib.util
import json
import os
import shlex
import signal
import sys

import h5py
import numpy as np
import pypi  # noqa: F401
from harness import EndToEnd, unittest

PACKAGE = os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools", "python")
sys.path.insert(0, PACKAGE)
import varia  # noqa: E402
from varia.log import follow  # noqa: E402
from varia.trackers import unique_names  # noqa: E402

SWEEP = """
    model: {hidden: [8]}
    train: {epochs: 3}
    views: [{use: samples, rows: 2, columns: 3}]
    sweep: {loss.beta: [1, 4]}
    """
# With the folders of this Python, so that it finds what pypi made importable.
LOG = f"PYTHONPATH={shlex.quote(os.pathsep.join([PACKAGE, *sys.path]))} {sys.executable} -m varia.log"


def has(package):
    return importlib.util.find_spec(package) is not None


class Told(EndToEnd):
    def events(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_a_command_is_told_what_the_results_have(self):
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml", "run.log_to=cat > events")
        events = self.events("events")
        self.assertEqual(events[0], {"event": "run", "version": 1, "experiment": "e",
                                     "results": self.path("results", "e.h5")})
        results = varia.open(self.path("results", "e.h5"))
        started = {event["trial"]: event for event in events if event["event"] == "trial"}
        self.assertEqual(set(started), set(results.trials.index))
        for id, event in started.items():
            self.assertEqual((event["swept"], event["replicate"], event["past"]), (["loss.beta"], 0, []))
            self.assertEqual(event["parameters"], {
                key: value for key, value in results.parameters.loc[id].items()
                if value == value and key in event["parameters"]})
            epochs = [one for one in events if one["event"] == "epoch" and one["trial"] == id]
            self.assertEqual([one["epoch"] for one in epochs], [1, 2, 3])
            np.testing.assert_array_equal([one["seconds"] for one in epochs],
                                          results.curves("timing/seconds", id))
            for metric in ("test/elbo", "train/kl", "test/active_units_z"):
                np.testing.assert_array_equal([one["metrics"][metric] for one in epochs],
                                              results.curves(metric, id))
            self.assertNotIn("test/kl_per_dim_z", epochs[0]["metrics"])
            (end,) = [one for one in events if one["event"] == "end" and one["trial"] == id]
            self.assertEqual((end["status"], end["error"]), ("done", ""))

        class Pictures:
            """A tracker that keeps the pictures alone."""
            resumes = False
            kept = {}

            def start(self, trial):
                self.id = trial.id
                return self

            def epoch(self, epoch, passed, values, pictures):
                self.kept.setdefault(self.id, []).extend(pictures)

            def end(self, status):
                pass

        for id in started:
            tracker = Pictures()
            follow([json.dumps(event) for event in events if event.get("trial", id) == id], tracker)
            for given, stored in zip(tracker.kept[id], results.pictures("samples", id), strict=True):
                np.testing.assert_array_equal(given.image, stored.image)
                self.assertEqual((given.epoch, given.title), (stored.epoch, stored.title))

    def test_a_command_that_fails_ends_no_run(self):
        for number, (command, expected) in enumerate([
                ("no-such-command", "note: run.log_to ended with code 127"),
                ("exec true", None),
                ("head -n 1 > /dev/null; exit 3", "note: run.log_to ended with code 3"),
                ("kill -9 $$", "note: run.log_to ended with code 137")]):
            self.experiment(f"e{number}", SWEEP)
            done = self.varia("run", f"e{number}.yaml", f"run.log_to={command}")
            self.assertEqual(done.err.count("run.log_to"), 0 if expected is None else 1, done.err)
            self.assertIn(expected or "", done.err)
            self.assertTrue(os.path.exists(self.path("results", f"e{number}.h5")))

    def test_what_a_command_prints_is_no_part_of_the_output(self):
        self.experiment("e", SWEEP)
        done = self.varia("run", "e.yaml", "--json", "run.log_to=echo heard; cat > /dev/null")
        self.assertEqual(len(done.json["trials"]), 2)
        self.assertIn("heard\n", done.err)

    def interrupt_at_epoch(self, epoch, log):
        """Interrupts a run when its command has been told an epoch; the run waits for the command."""
        os.mkfifo(self.path("told"))
        run = self.start("run", "e.yaml", f"run.log_to=tee told | {log}")
        with open(self.path("told"), encoding="utf-8") as told:
            for line in told:
                event = json.loads(line)
                if event["event"] == "epoch" and event["epoch"] == epoch:
                    run.send_signal(signal.SIGINT)
        out, err = run.communicate()
        self.assertEqual(run.returncode, 75, err)
        os.remove(self.path("told"))

    def test_a_trial_that_resumes_brings_its_past(self):
        self.experiment("e", "model: {hidden: [8]}\ntrain: {epochs: 300}\n")
        self.interrupt_at_epoch(2, "cat > first")
        first = [one for one in self.events("first") if one["event"] == "epoch"]
        self.assertEqual(self.events("first")[-1]["status"], "partial")
        self.varia("run", "e.yaml", "run.log_to=cat > second")
        (trial,) = [one for one in self.events("second") if one["event"] == "trial"]
        self.assertEqual([{"event": "epoch", "trial": trial["trial"], **one} for one in trial["past"]],
                         first)
        later = [one["epoch"] for one in self.events("second") if one["event"] == "epoch"]
        self.assertEqual(later, list(range(len(first) + 1, 301)))

    @unittest.skipUnless(has("tensorboard"), "not on this system: tensorboard")
    def test_tensorboard_follows_a_run_that_is_interrupted(self):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        self.experiment("e", SWEEP.replace("epochs: 3", "epochs: 300") + "run: {jobs: 2}\n")
        log = f"{LOG} tensorboard board"
        self.interrupt_at_epoch(2, log)
        self.varia("run", "e.yaml", f"run.log_to={log}")
        results = varia.open(self.path("results", "e.h5"))
        self.assertEqual(sorted(os.listdir(self.path("board"))),
                         ["loss.beta=1,replicate=0", "loss.beta=4,replicate=0"])
        for id, beta in results.trials["loss.beta"].items():
            events = EventAccumulator(self.path("board", f"loss.beta={beta},replicate=0"),
                                      {"scalars": 0, "images": 0})
            events.Reload()
            curve = results.curves("test/elbo", id)
            found = events.Scalars("test/elbo")
            self.assertEqual([one.step for one in found], list(range(1, 301)))
            np.testing.assert_array_equal([one.value for one in found],
                                          curve.values.astype(np.float32))
            self.assertTrue(all(np.diff([one.wall_time for one in found]) > 0))
            pictures = results.pictures("samples", id)
            self.assertEqual([(one.step, one.encoded_image_string) for one in events.Images("samples")],
                             [(one.epoch, one._repr_png_()) for one in pictures])

    @unittest.skipUnless(has("wandb"), "not on this system: wandb")
    def test_wandb_follows_a_run_without_a_network(self):
        self.experiment("e", SWEEP)
        done = self.varia("run", "e.yaml", "--quiet", f"run.log_to={LOG} wandb --offline --folder w")
        self.assertNotIn("run.log_to", done.err)
        with h5py.File(self.path("results", "e.h5")) as file:
            ids = [id.decode() for id in file["trials/id"]]
        for id in ids:
            (run,) = glob.glob(self.path("w", "wandb", "offline-run-*", f"run-{id}.wandb"))
            with open(run, "rb") as file:
                content = file.read()
            for part in (b"test/elbo", b"loss.beta", b"status"):
                self.assertIn(part, content)
            self.assertTrue(glob.glob(os.path.join(os.path.dirname(run),
                                                   "files", "media", "images", "*.png")))

    def test_names_that_were_cut_or_changed_tell_trials_apart_whatever_else_a_run_has(self):
        long = "x=" + 300 * "a"
        trials = [("x=a b", 0, "0a"), ("x=a_b", 0, "0b"), (long + "b", 0, "0c"), (long + "c", 0, "0d")]
        names = unique_names(trials)
        self.assertEqual(len(set(names)), len(trials))
        self.assertEqual([unique_names([trial]) for trial in trials], [[name] for name in names])
        self.assertEqual(names[:2], ["x=a_b,replicate=0-0a", "x=a_b,replicate=0"])
        self.assertLess(max(map(len, names)), 255)

    def test_newer_messages_are_refused(self):
        line = json.dumps({"event": "run", "version": 2, "experiment": "e"})
        with self.assertRaisesRegex(varia.VariaError, "version 2 of its messages, and this package"):
            follow([line], None)


if __name__ == "__main__":
    unittest.main()
