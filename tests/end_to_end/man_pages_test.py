"""The man pages: whole, without a warning of man, and of what --help says."""
import os
import re
import shutil
import subprocess
import unittest

from harness import EndToEnd

BUILT = os.path.join(os.environ["VARIA_BUILD_DIR"], "man")


@unittest.skipUnless(shutil.which("man"), "there is no man")
class ManPages(EndToEnd):
    def read(self, name):
        """A page as a terminal of 80 columns shows it."""
        outcome = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", self.path(name)],
                                 capture_output=True, text=True,
                                 env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8",
                                      "MAN_KEEP_FORMATTING": ""})
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), name)
        return outcome.stdout

    def test_every_command_has_a_page_that_man_reads_without_a_warning(self):
        self.varia("man", ".")
        pages = {os.path.basename(path) for path in self.files("*.1")}
        overview = self.varia("--help").out
        commands = re.findall(r"(?m)^  ([a-z-]+) ", overview.split("Subcommands:")[1])
        self.assertEqual(pages, {"varia.1"} | {f"varia-{command}.1" for command in commands})
        self.assertEqual(pages, set(os.listdir(BUILT)))
        for command in commands:
            page = self.read(f"varia-{command}.1")
            self.assertIn("EXIT STATUS", page)
            words = "".join(page.replace("\u2010\n", "-").replace("\u2010", "-").split())
            for option in re.findall(r"--[a-z-]+", self.varia(command, "--help").out):
                self.assertIn(option, words, command)
        overview = self.read("varia.1")
        for command in commands:
            self.assertRegex(overview, rf"\n       {command}[ \n]")


if __name__ == "__main__":
    unittest.main()
