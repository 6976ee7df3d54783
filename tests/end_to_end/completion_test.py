"""Completion of command lines, by `varia complete` and in the shells themselves."""
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import pyte
from harness import PROGRAM, EndToEnd

SCRIPTS = os.path.join(os.environ["VARIA_SOURCE_DIR"], "tools/completions")
PATIENCE = 30  # seconds, against hanging alone


class Completion(EndToEnd):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = EndToEnd()
        cls.maker.setUp()
        cls.maker.experiment("sweep", "sweep: {loss.beta: [1, 4]}\ntrain: {epochs: 1}\n"
                                      "views: [{use: samples, rows: 2, columns: 2}]\n")
        cls.maker.varia("run", "sweep.yaml", "-q")
        cls.addClassCleanup(cls.maker.doCleanups)

    def setUp(self):
        self.folder = self.maker.folder

    def completions(self, *words):
        """{text: doc}"""
        lines = self.varia("complete", "--", *words).out.splitlines()
        return dict(line.split("\t") for line in lines)

    def test_commands(self):
        commands = self.completions("")
        self.assertEqual(commands["run"], "Train what is missing of an experiment")
        self.assertNotIn("complete", commands)
        self.assertEqual(set(self.completions("me")), {"merge"})
        self.assertEqual(self.completions("rnu", ""), {})

    def test_options_and_the_words_that_they_take(self):
        self.assertEqual(set(self.completions("run", "sweep.yaml", "--live")),
                         {"--live", "--live-port", "--live-host"})
        self.assertEqual(set(self.completions("run", "--rerun", "")), {"failed", "stale"})
        self.assertEqual(set(self.completions("score", "sweep", "--split", "t")), {"train", "test"})

    def test_components(self):
        self.assertIn("dataset", self.completions("plugins", ""))
        self.assertEqual(set(self.completions("describe", "mlp_v")), {"mlp_vae"})
        self.assertIn("Evidence lower bound", self.completions("describe", "elb")["elbo"])

    def test_experiment_files_and_the_keys_behind_them(self):
        self.assertEqual(set(self.completions("run", "")), {"base.yaml", "sweep.yaml", "results/"})
        keys = self.completions("run", "sweep.yaml", "")
        self.assertLessEqual({"loss.beta=", "model.latent=", "train.epochs=", "replicates=",
                              "run.jobs=", "model.likelihood="}, set(keys))
        self.assertNotIn("optimizer.momentum=", keys)  # of another one than the file's
        # What is inside a value is offered once the word leads there.
        self.assertLessEqual({"loss.use=", "loss.beta=", "loss.gamma="},
                             set(self.completions("run", "sweep.yaml", "loss.")))
        self.assertEqual([key for key in keys if key.startswith("loss.beta.")], [])
        self.assertLessEqual({"loss.beta.use=", "loss.beta.epochs="},
                             set(self.completions("run", "sweep.yaml", "loss.beta.")))
        self.assertEqual(keys["train.epochs="], "Passes over the training data.")
        self.assertEqual(set(self.completions("run", "sweep.yaml", "-q", "train.dev")),
                         {"train.device="})
        self.assertEqual(set(self.completions("run", "sweep.yaml", "train.device=c")),
                         {"train.device=cpu", "train.device=cuda"})
        self.assertLessEqual({"model.likelihood=bernoulli", "model.likelihood=gaussian"},
                             set(self.completions("run", "sweep.yaml", "model.likelihood=")))
        self.assertLessEqual({"loss.use=beta_tcvae", "loss.use=elbo"},
                             set(self.completions("run", "sweep.yaml", "loss.use=")))
        self.assertEqual(set(self.completions("run", "sweep.yaml", "--only", "")),
                         {"loss.beta=1", "loss.beta=4", "replicate=0"})
        # Without a file that can be read, keys of any component.
        self.assertIn("optimizer.momentum=", self.completions("run", "absent.yaml", "optimizer.m"))

    def test_what_is_in_a_results_file(self):
        self.assertEqual(set(self.completions("show", "")), {"sweep", "results/"})
        self.assertEqual(set(self.completions("show", "results/")), {"results/sweep.h5",
                                                                     "results/sweep/"})
        for file in "sweep", "results/sweep.h5":
            for command in "compare", "show":
                self.assertEqual(set(self.completions(command, file, "--metric", "test/el")),
                                 {"test/elbo"})
        self.assertEqual(set(self.completions("compare", "sweep", "--against", "loss")),
                         {"loss.beta=1", "loss.beta=4"})
        self.assertEqual(set(self.completions("compare", "sweep", "--by", "")), {"loss.beta"})
        self.assertEqual(set(self.completions("export", "sweep", "--images", "x", "--view", "")),
                         {"samples"})
        trials = self.completions("sample", "sweep", "--trial", "")
        self.assertEqual(set(trials.values()), {"loss.beta=1", "loss.beta=4"})
        self.assertEqual(set(self.completions("status", "")), {"sweep"})
        self.assertEqual(self.completions("compare", "base.yaml", "--metric", ""), {})

    # In the shells: what stands on the line after a tab.

    def typed(self, shell, setup, keys, expected):
        """Types into a shell until `expected` stands on its screen. @returns the screen"""
        control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 40, 100, 0, 0))
        process = subprocess.Popen(
            shell, stdin=terminal, stdout=terminal, stderr=terminal, cwd=self.folder,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm", "HOME": self.home, "NO_COLOR": "1",
                 "PATH": os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]})
        os.close(terminal)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(os.close, control)
        screen = pyte.Screen(100, 40)
        stream = pyte.ByteStream(screen)

        def wait_for(text):
            end = time.monotonic() + PATIENCE
            while not any(text in line for line in screen.display):
                ready, _, _ = select.select([control], [], [], end - time.monotonic())
                self.assertTrue(ready, f"no '{text}' on\n" + "\n".join(screen.display).rstrip())
                part = os.read(control, 4096)
                stream.feed(part)
                if b"\x1b[c" in part or b"\x1b[0c" in part:  # it asks what terminal this is
                    os.write(control, b"\x1b[?62;c")

        os.write(control, setup.encode() + b"\n")
        wait_for("is ready")
        os.write(control, keys.encode())
        wait_for(expected)
        return screen.display

    LINES = [("varia sta\t", "varia status "), ("varia status sw\t", "varia status sweep "),
             ("varia run sweep.yaml --qui\t", "varia run sweep.yaml --quiet "),
             ("varia run sweep.yaml train.dev\t", "varia run sweep.yaml train.device="),
             ("varia run sweep.yaml train.device=cu\t", "varia run sweep.yaml train.device=cuda "),
             ("varia compare sweep --metric test/elb\t", "varia compare sweep --metric test/elbo "),
             ("varia plan swe\t", "varia plan sweep.yaml "),
             ("varia export sweep --csv train\t", "varia export sweep --csv train.idx")]

    def check_lines(self, shell, setup):
        self.home = tempfile.mkdtemp(prefix="varia_home_")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        for keys, expected in self.LINES:
            with self.subTest(keys):
                # What is typed behind it shows whether a space was put there.
                self.typed(shell, setup, keys + "x", expected + ("x" if expected[-1] in " =" else ""))

    def test_bash(self):
        self.check_lines(["bash", "--norc", "--noprofile", "-i"],
                         f"bind 'set enable-bracketed-paste off'; source '{SCRIPTS}/varia.bash'; "
                         "echo is' 'ready")

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh(self):
        self.check_lines(["zsh", "-f", "-i"],
                         f"fpath=('{SCRIPTS}' $fpath); autoload -Uz compinit; compinit -u -D; "
                         "PS1='> '; echo is' 'ready")

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish(self):
        self.check_lines(["fish", "--no-config", "-i"],
                         f"source '{SCRIPTS}/varia.fish'; echo is' 'ready")


if __name__ == "__main__":
    unittest.main()
