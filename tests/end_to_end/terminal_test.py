"""What a run, tables, help and messages look like on a terminal."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unittest

import pyte
from harness import PROGRAM, EndToEnd

ROWS = 24
TRIALS = 4
BEGIN = r"\[\d/4\] loss\.beta=\d  "
LEFT = r"\d+:\d\d left"
NUMBERS = r"loss [\d.e+]+  \d+ img/s  \d+:\d\d left"
DONE = rf"^{BEGIN}done in \d+:\d\d, train loss [\d.]+, test loss [\d.]+$"
STARTING = rf"^{BEGIN}epoch 1/15 [█░]* ?starting$"
SUMMARY = r"^\d of 4 trials(, (\d+:)?\d+:\d\d left)?$"


def read_to_end(control, hear=lambda printed: None):
    """All that is printed on a terminal, which is closed. @param hear is told of what came so far"""
    printed = b""
    while True:
        try:
            printed += os.read(control, 4096)
        except OSError:  # its other end is closed
            break
        hear(printed)
    os.close(control)
    return printed


class Terminal(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", "data: {batch: 4}\ntrain: {epochs: 15}\n"
                             "sweep: {loss.beta: [1, 2, 4, 8]}\nrun: {jobs: 2}\n")

    def run_in_terminal(self, *arguments, width=80, rows=ROWS, interrupt=False):
        """@returns the exit code, and all that was printed on standard error"""
        control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, width, 0, 0))
        process = subprocess.Popen([PROGRAM, "run", "e.yaml", *arguments], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        def hear(printed):
            nonlocal interrupt
            if interrupt and b"epoch" in printed:
                process.send_signal(signal.SIGINT)
                interrupt = False

        printed = read_to_end(control, hear)
        self.out = process.stdout.read().decode()
        process.stdout.close()
        return process.wait(), printed.decode()

    def on_terminal(self, *arguments, width=80, code=0, environment=None):
        """@returns the lines that a command prints on a terminal, both streams together"""
        control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", ROWS, width, 0, 0))
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdin=terminal,
                                   stdout=terminal, stderr=terminal,
                                   env={**os.environ, "NO_COLOR": "1", "TERM": "xterm",
                                        **(environment or {})})
        os.close(terminal)
        printed = read_to_end(control)
        self.assertEqual(process.wait(), code, printed.decode())
        return printed.decode().replace("\r\n", "\n").splitlines()

    def screens(self, text, width, rows=ROWS):
        """What stands on the terminal before each drawing, and at the end: lists of lines."""
        screen = pyte.Screen(width, rows)
        stream = pyte.Stream(screen)
        shown = []
        for part in re.split(r"(?=\r(?!\n))", text):
            stream.feed(part)
            lines = [""]
            for line in screen.display:
                lines[-1] += line.rstrip()
                if len(line.rstrip()) < width:  # else it goes on in the next row
                    lines.append("")
            while lines and lines[-1] == "":
                lines.pop()
            # What was wrapped is one line.
            whole = []
            for line in lines:
                if line.startswith("  ") and whole:
                    whole[-1] += " " + line.strip()
                else:
                    whole.append(line)
            shown.append(whole)
        return shown

    def test_running_trials_are_drawn_again_and_again_and_fit(self):
        # Where it gets tight, the bar goes first, then the speed; no number is cut.
        for width, expected in [(120, r"[█░]{12} " + NUMBERS), (80, NUMBERS),
                                (60, r"loss [\d.e+]+(  \d+ img/s)?  " + LEFT)]:
            with self.subTest(width):
                self.check_drawing(width, rf"^{BEGIN}epoch \d+/15 .*" + expected + "$")

    def check_drawing(self, width, expected):
        code, text = self.run_in_terminal("--name", f"e{width}", width=width)
        self.assertEqual(code, 0)
        shown = self.screens(text, width)
        at_once = set()
        is_running = False
        for lines in shown:
            drawn = [line for line in lines if not re.search(DONE, line)]
            # What is done stands above, and nothing is left of an earlier drawing.
            self.assertEqual(lines[len(lines) - len(drawn):], drawn)
            if not drawn:
                continue
            self.assertRegex(drawn[-1], SUMMARY)
            for line in drawn[:-1]:
                self.assertRegex(line, rf"{expected}|{STARTING}")
                self.assertLess(len(line), width)
                is_running |= "img/s" in line
            at_once.add(len(drawn) - 1)
        self.assertTrue(is_running or width < 80)
        self.assertIn(2, at_once)
        self.assertLessEqual(max(at_once), 2)
        # What stays: one line for each trial.
        self.assertEqual(len(shown[-1]), TRIALS)
        for line in shown[-1]:
            self.assertRegex(line, DONE)
        self.assertEqual({line.split("  ")[0] for line in shown[-1]},
                         {f"[{i + 1}/4] loss.beta={2 ** i}" for i in range(TRIALS)})
        self.assertIn("4 trained", self.out)
        self.assertNotIn("\x1b", self.out)

    def test_a_low_terminal_is_not_scrolled(self):
        code, text = self.run_in_terminal("--jobs", "4", rows=4)
        self.assertEqual(code, 0)
        for lines in self.screens(text, 80, 4):
            drawn = [line for line in lines if not re.search(DONE, line)]
            self.assertLessEqual(len(drawn), 3)
            self.assertLessEqual(sum("trials" in line for line in lines), 1, lines)

    def test_an_interrupted_drawing_is_taken_away(self):
        code, text = self.run_in_terminal(interrupt=True)
        self.assertEqual(code, 75)
        self.assertEqual(self.screens(text, 80)[-1],
                         ["interrupted with 0 of 4 planned trials done; the same command resumes"])

    def test_the_label_of_a_trial_is_cut_before_its_numbers(self):
        self.experiment("e", "data: {batch: 4}\ntrain: {epochs: 15}\nrun: {jobs: 1}\n"
                             "sweep: {loss.beta: [1, 2], optimizer.lr: [1e-3], model.latent: [4],\n"
                             "        data.shuffle: [true]}\n")
        code, text = self.run_in_terminal(width=80)
        self.assertEqual(code, 0)
        drawn = {line for lines in self.screens(text, 80) for line in lines if "img/s" in line or
                 re.search(LEFT + "$", line) and "epoch" in line}
        self.assertTrue(drawn)
        for line in drawn:
            self.assertRegex(line, r"^\[\d/2\] .*…  epoch \d+/15 +loss [\d.e+]+  \d+:\d\d left$")
        # What stays is whole, and no word of it is broken.
        for line in text.replace("\r\n", "\n").splitlines():
            self.assertNotRegex(line, r"loss=?$")

    def test_tables_fit_the_terminal_and_say_what_is_left_out(self):
        self.varia("run", "e.yaml", "-q", "train.epochs=1", "replicates=2")
        whole = self.varia("show", "e").out.splitlines()
        wide = self.on_terminal("show", "e", "--wide", width=60)
        self.assertEqual([line for line in "".join(wide).split()],
                         [line for line in "".join(whole).split()])
        for width in 120, 80, 60:
            lines = self.on_terminal("show", "e", width=width)
            self.assertLessEqual(max(map(len, lines)), width)
            self.assertIn("test/elbo", lines[0])
            self.assertIn("loss.beta", lines[0])
        self.assertIn("not shown, for lack of width: epochs, test/loss,",
                      "\n".join(lines))
        for command in (["plan", "e.yaml"], ["status", "e"], ["compare", "e"], ["plugins"],
                        ["describe", "elbo"]):
            for width in 80, 60:
                with self.subTest(command, width=width):
                    lines = self.on_terminal(*command, width=width)
                    self.assertLessEqual(max(map(len, lines)), width)

    def test_no_word_is_broken(self):
        self.experiment("wrong", "loss: {use: elbo, bta: 4}\nmodel: {use: mlp_vea}\n")
        words = set(" ".join(self.varia("run", "--help").out.split()).split())
        for command, code in ((["run", "--help"], 0), (["compare", "--help"], 0), (["--help"], 0),
                              (["check", "wrong.yaml"], 2)):
            with self.subTest(command):
                lines = self.on_terminal(*command, width=60, code=code)
                self.assertLessEqual(max(map(len, lines)), 60)
                if command == ["run", "--help"]:
                    self.assertEqual(set(" ".join(lines).split()), words)

    def test_colour_is_for_terminals_that_have_it(self):
        self.varia("run", "e.yaml", "-q", "train.epochs=1")
        coloured = self.on_terminal("show", "e", environment={"NO_COLOR": ""})
        self.assertTrue(coloured[0].startswith("\x1b[1mtrial\x1b[0m"), coloured[0])
        self.assertIn("\x1b[32mdone\x1b[0m", coloured[1])
        plain = [re.sub(r"\x1b\[\d+m", "", line) for line in coloured]
        self.assertEqual(plain, self.on_terminal("show", "e"))
        self.assertEqual(plain, self.on_terminal("show", "e", environment={"NO_COLOR": "",
                                                                           "TERM": "dumb"}))
        self.assertNotIn("\x1b", self.varia("show", "e", environment={"NO_COLOR": ""}).out)

    def test_quiet_draws_nothing(self):
        code, text = self.run_in_terminal("--quiet")
        self.assertEqual((code, text, self.out), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
