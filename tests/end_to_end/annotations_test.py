"""Tags and notes: what people write about trials, and no part of what these are."""
import os
import signal
import unittest

from known_sweep import SWEEP, KnownSweep

NOTED = SWEEP + "tags: [paper]\nnotes: {why: a first try}\n"


class Annotations(KnownSweep):
    def rows(self):
        return self.varia("show", "results/e.h5", "--json").json["trials"]

    def test_a_change_reaches_finished_trials_without_training(self):
        self.experiment("e", SWEEP)
        self.varia("run", "e.yaml")
        before = {row["id"]: row["metrics"] for row in self.rows()}
        files = {path: os.stat(path).st_mtime_ns for path in self.files_of_sweep("trials", "*", "*.h5")}
        self.experiment("e", NOTED)
        self.assertEqual(self.document("e.yaml")["counts"], {"done": 3})
        self.assertEqual(self.trained(self.varia("run", "e.yaml")), 0)
        for row in self.rows():
            self.assertEqual((row["tags"], row["notes"]), (["paper"], {"why": "a first try"}))
            self.assertEqual(row["metrics"], before[row["id"]])
        self.varia("merge", "e", "--pack")
        self.experiment("e", NOTED.replace("paper", "old, draft"))
        self.varia("merge", "e", "--experiment", "e.yaml")
        self.assertEqual(self.rows()[0]["tags"], ["old", "draft"])
        self.assertEqual(self.files_of_sweep("trials", "*", "*.h5"), [])
        self.assertEqual(len(files), 3)

    def test_they_are_shown_and_choose_trials(self):
        self.experiment("e", "sweep: {size: {small: {set: {loss: {beta: 1}, notes: {size: tiny}}}, "
                             "large: {set: {loss: {beta: 4}, tags: [big]}}}}\n")
        out = self.varia("plan", "e.yaml").out
        self.assertIn("size=tiny", out)
        self.assertIn("big", out)
        chosen = self.document("e.yaml", "--only", "tag=big")["trials"]
        self.assertEqual([trial["tags"] for trial in chosen], [["big"]])
        self.varia("run", "e.yaml")
        out = self.varia("show", "results/e.h5").out
        self.assertIn("notes.size", out)
        self.assertIn("big", out)
        self.assertIn("notes.size", self.varia("compare", "results/e.h5", "--by", "notes.size").out)

    def test_a_resume_ignores_them(self):
        self.experiment("e", "data: {batch: 8}\ntrain: {epochs: 60}\n")
        self.varia("run", "e.yaml")
        whole = self.rows()[0]["metrics"]
        process = self.start("run", "e.yaml", "run.checkpoint_every=0.001", "--name", "parts")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for line in process.stderr:
            if "epoch 3/60" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        resumed = self.varia("run", "e.yaml", "--name", "parts", "tags=[later]")
        self.assertNotIn("epoch 1/60", resumed.err)
        row, = self.varia("show", "results/parts.h5", "--json").json["trials"]
        self.assertEqual((row["tags"], row["metrics"]), (["later"], whole))

    def test_what_is_wrong_is_told_with_its_place(self):
        self.experiment("e", "tags: [two words]\n")
        self.assertRegex(self.refused("run", "e.yaml"), r"e\.yaml:2:8: tags: expected 1 to 100")


if __name__ == "__main__":
    unittest.main()
