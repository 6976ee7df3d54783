"""What the tests of plan, status and merge share."""
import glob
import os
import pty
import subprocess

from harness import PROGRAM, EndToEnd, results_of, same

SWEEP = "sweep: {loss.beta: [1, 2, 4]}\n"


class KnownSweep(EndToEnd):
    """Tests about a sweep `e`: its plan, its files, answers typed on a terminal, its results."""

    def document(self, *arguments):
        return self.varia("plan", *arguments, "--json").json

    def files(self, *parts):
        return sorted(glob.glob(self.path("results", "e", *parts)))

    def answer(self, text, *arguments):
        """Runs the program on a terminal on which `text` is typed. @returns (code, what is shown)"""
        control, terminal = pty.openpty()
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdin=terminal,
                                   stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        os.write(control, text.encode())
        out = process.stdout.read().decode()
        process.stdout.close()
        code = process.wait(timeout=60)
        os.close(control)
        return code, out

    def assert_same_results(self, one, other):
        one, other = results_of(self.path(one)), results_of(self.path(other))
        self.assertEqual(list(one), list(other))
        for name in one:
            self.assertTrue(same(one[name], other[name]), name)
