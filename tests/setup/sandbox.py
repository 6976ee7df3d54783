"""A copy of tools/ in a temporary folder, and a PATH on which commands can be scripts of ours."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# What the scripts under test use of a plain Debian system.
PLAIN_COMMANDS = """awk bash cat chmod cp curl cut dirname dpkg-deb env find flock grep gzip head id
  ldd ls mkdir mktemp mv nproc readlink realpath rm sh sha256sum sleep sort stat tail tar tee
  touch""".split()


class Sandbox(unittest.TestCase):
    """Gives each test a repository with tools/ alone (self.root) and a PATH of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="varia-setup-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.root = self.folder / "varia"
        self.commands = self.folder / "commands"
        self.commands.mkdir()
        (self.root / "tools").mkdir(parents=True)
        for name in ("setup", "varia", "test", "check", "fetch-data", "data_sets.txt", "archive",
                     "image", "libraries", "test-debian13"):
            shutil.copy2(SOURCE / "tools" / name, self.root / "tools" / name)
        for name in PLAIN_COMMANDS:
            found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
            if found:
                (self.commands / name).symlink_to(found)
        self.environment = {
            "HOME": str(self.folder / "home"),
            "PATH": str(self.commands),
            "STATE": str(self.folder),
        }
        (self.folder / "home").mkdir()

    def command(self, name, script):
        """Puts a bash script on the PATH; it finds the test's folder in $STATE."""
        path = self.commands / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
        path.chmod(0o755)

    def read_instead(self, tool, file, text):
        """Lets the copy of a tool read a text in the place of a file of the system."""
        place = self.folder / pathlib.Path(file).name
        place.write_text(text)
        script = self.root / "tools" / tool
        lines = script.read_text()
        self.assertTrue(file in lines, f"{tool} does not read {file}")
        script.write_text(lines.replace(file, str(place)))
        return place

    def start(self, tool, *arguments, cwd=None, **environment):
        return subprocess.Popen(
            [str(self.root / "tools" / tool), *arguments],
            cwd=cwd or self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_tool(self, tool, *arguments, cwd=None, **environment):
        """Runs a tool to its end: (exit code, stdout, stderr)."""
        process = self.start(tool, *arguments, cwd=cwd, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def log(self):
        """What the commands of the test wrote to $STATE/log."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""
