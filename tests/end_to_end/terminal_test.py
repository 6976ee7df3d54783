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

from harness import PROGRAM, EndToEnd


class Terminal(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("e", "data: {batch: 4}\ntrain: {epochs: 15}\nsweep: {loss.beta: [1, 4]}\n")

    def run_in_terminal(self, *arguments, width=80, interrupt=False):
        """@returns the exit code, and all that was printed on standard error"""
        control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, width, 0, 0))
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

    def test_one_line_is_drawn_again_and_again_and_fits(self):
        numbers = r"loss [\d.]+  \d+ img/s  \d+:\d\d left \(all \d+:\d\d\)$"
        for width, expected in [(120, r"[█░]{12} " + numbers), (80, numbers),
                                (60, r"loss [\d.]+")]:
            with self.subTest(width):
                self.check_drawing(width, r"^\[1/2\] loss.beta=1  epoch \d+/15 .*" + expected)

    def check_drawing(self, width, expected):
        code, text = self.run_in_terminal("--name", f"e{width}", width=width)
        self.assertEqual(code, 0)
        drawn = [line.removesuffix("\x1b[K") for line in text.split("\r") if "epoch" in line]
        self.assertGreater(len(drawn), 1)
        self.assertTrue(all(len(line) < width for line in drawn), drawn)
        self.assertRegex(drawn[0], expected)
        # What stays: one line for each trial.
        kept = [re.sub(r".*\r", "", line).replace("\x1b[K", "")
                for line in text.replace("\r\n", "\n").split("\n")]
        self.assertEqual(kept[-1], "")
        self.assertEqual(len(kept), 3)
        for line, beta in zip(kept, (1, 4)):
            self.assertRegex(line, rf"^\[\d/2\] loss.beta={beta}  done in \d+:\d\d, "
                                   r"train loss [\d.]+, test loss [\d.]+$")
        self.assertIn("2 trained", self.out)
        self.assertNotIn("\x1b", self.out)

    def test_an_interrupted_line_is_taken_away(self):
        code, text = self.run_in_terminal(interrupt=True)
        self.assertEqual(code, 75)
        self.assertRegex(text, r"\r\x1b\[Kinterrupted; the same command goes on with what is "
                               r"missing\r\n$")

    def test_quiet_draws_nothing(self):
        code, text = self.run_in_terminal("--quiet")
        self.assertEqual((code, text, self.out), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
