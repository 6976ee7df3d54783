"""What a run looks like on a terminal."""
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
NUMBERS = r"loss [\d.e+]+  \d+ img/s  \d+:\d\d left"
DONE = rf"^{BEGIN}done in \d+:\d\d, train loss [\d.]+, test loss [\d.]+$"
STARTING = rf"^{BEGIN}epoch 1/15 [█░]* ?starting$"
SUMMARY = r"^\d of 4 trials(, (\d+:)?\d+:\d\d left)?$"


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
        printed = b""
        while True:
            try:
                part = os.read(control, 4096)
            except OSError:  # its other end is closed
                break
            printed += part
            if interrupt and b"epoch" in printed:
                process.send_signal(signal.SIGINT)
                interrupt = False
        os.close(control)
        self.out = process.stdout.read().decode()
        process.stdout.close()
        return process.wait(), printed.decode()

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
            shown.append(lines)
        return shown

    def test_running_trials_are_drawn_again_and_again_and_fit(self):
        for width, expected in [(120, r"[█░]{12} " + NUMBERS), (80, NUMBERS), (60, r"loss [\d.]+")]:
            with self.subTest(width):
                self.check_drawing(width, rf"^{BEGIN}epoch \d+/15 .*" + expected)

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
                         ["interrupted; the same command goes on with what is missing"])

    def test_quiet_draws_nothing(self):
        code, text = self.run_in_terminal("--quiet")
        self.assertEqual((code, text, self.out), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
