"""Commands in the root folder of another system, as a user without rights, network or home."""

import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(os.environ["VARIA_SOURCE_DIR"]).resolve()
DATA = pathlib.Path(os.environ.get("VARIA_DATA", pathlib.Path.home() / ".cache" / "varia"))
NOBODY = 65534


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


class System:
    """A root folder, with MNIST at /mnt and a folder of the user at `home`."""

    def __init__(self, root, folder, home, bound=None, **environment):
        """@param folder for the data and the user's folder
        @param bound   folders of this machine to read, by their places in the root folder"""
        self.root, self.home, self.bound = root, home, bound or {}
        self.environment = {"LC_ALL": "C.UTF-8", "VARIA_DATA": "/mnt", **environment}
        self.data = folder / "data"
        shutil.copytree(DATA / "mnist", self.data / "mnist")
        run("chmod", "-R", "a+rX", self.data)
        self.folder = folder / "user"
        self.folder.mkdir()
        self.give()

    def give(self):
        """Makes the user the owner of what is in the folder."""
        run("chown", "-R", f"{NOBODY}:{NOBODY}", self.folder)

    def run(self, *words):
        settings = [word for name, value in self.environment.items()
                    for word in ("--setenv", name, value)]
        bound = [word for place, folder in self.bound.items() for word in ("--ro-bind", folder, place)]
        return run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                   "bwrap", "--unshare-all", "--ro-bind", self.root, "/",
                   "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
                   "--ro-bind", self.data, "/mnt", *bound, "--bind", self.folder, self.home,
                   "--chdir", self.home, "--clearenv", *settings, *words)
