"""What the tests of plan, status and merge share."""
import os
import pty
import subprocess

from harness import PROGRAM, EndToEnd, results_of

SWEEP = "sweep: {loss.beta: [1, 2, 4]}\n"


class KnownSweep(EndToEnd):
    """Tests about a sweep `e`: its plan, its files, answers typed on a terminal, its results."""

    def document(self, *arguments):
        return self.varia("plan", *arguments, "--json").json

    def files_of_sweep(self, *pattern):
        return self.files("results", "e", *pattern)

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
        self.assert_same_content(results_of(self.path(one)), results_of(self.path(other)))
