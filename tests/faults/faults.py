"""What the fault tests share: the processes of a run, what they have open, what a folder holds."""
import contextlib
import glob
import os
import random
import signal
import subprocess
import sys
import time
import unittest

import numpy as np
from harness import PROGRAM, EndToEnd, by_trial, read_all, results_of, write_idx

LONGEST = 120  # seconds that an event is waited for; reached only where the test fails


def number_from_environment(name, default):
    return int(os.environ.get(name, default))


def random_numbers():
    """Seeded by VARIA_SEED, or by a number that is printed, so that a failure can be repeated as
    far as the machine's own timing allows."""
    seed = number_from_environment("VARIA_SEED", random.SystemRandom().randrange(1 << 31))
    print(f"VARIA_SEED={seed}", file=sys.stderr)
    return random.Random(seed)


def wait_until(condition, what, longest=LONGEST):
    """Asks until `condition` gives something true, and returns that."""
    end = time.monotonic() + longest
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.001)
    raise AssertionError(f"waited in vain for {what}")


def children(process):
    """The living child processes of a process, by number; none where it is gone."""
    found = []
    for path in glob.glob(f"/proc/{process}/task/*/children"):
        with contextlib.suppress(OSError):
            with open(path) as file:
                found += [int(number) for number in file.read().split()]
    return [number for number in found if state(number) not in ("Z", "X", "")]


def state(process):
    """Its letter in /proc, "" where it is gone."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(") ")[2][:1]
    except OSError:
        return ""


def is_gone(process):
    return state(process) in ("", "Z", "X")


def send(process, number):
    """@returns False where it is gone"""
    try:
        os.kill(process, number)
        return True
    except ProcessLookupError:
        return False


def hold(process):
    """Stops a process, so that it can be looked at. @returns False where it is gone"""
    if not send(process, signal.SIGSTOP):
        return False
    wait_until(lambda: state(process) in ("T", "") or is_gone(process), f"{process} to stop")
    return state(process) == "T"


def files_being_written(process, folder):
    """The files below a folder that a process has open for writing."""
    found = []
    try:
        descriptors = os.listdir(f"/proc/{process}/fd")
    except OSError:
        return found
    for descriptor in descriptors:
        with contextlib.suppress(OSError, ValueError, IndexError):
            path = os.readlink(f"/proc/{process}/fd/{descriptor}")
            if not path.startswith(folder + "/"):
                continue
            with open(f"/proc/{process}/fdinfo/{descriptor}") as info:
                flags = next(line for line in info if line.startswith("flags:")).split()[1]
            if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                found.append(path)
    return found


def program_of(process):
    """The file of the program that a process runs, "" if it is gone."""
    try:
        return os.readlink(f"/proc/{process}/exe")
    except OSError:
        return ""


class Faults(EndToEnd):
    def setUp(self):
        super().setUp()
        self.folder = os.path.realpath(self.folder)
        labels = np.random.default_rng(2).integers(0, 4, 800).astype(np.uint8)
        write_idx(self.path("train_labels.idx"), labels[:600])
        write_idx(self.path("test_labels.idx"), labels[600:])

    def machine(self, host, boot=0, own_processes=False):
        """The beginning of a command line that runs a program where a machine has this name.
        @param boot          tells machines of one name apart; 0: it is this machine
        @param own_processes count from 1, as in a container"""
        commands = ["hostname " + host]
        if boot:
            path = self.path(f"boot{boot}")
            with open(path, "w") as file:
                file.write(f"{boot:08}-2222-3333-4444-555555555555\n")
            commands.append(f"mount --bind {path} /proc/sys/kernel/random/boot_id")
        spaces = ["--uts", "--mount"]
        if own_processes:
            spaces += ["--pid", "--mount-proc", "--fork", "--kill-child"]
        command = ["unshare", *spaces, "bash", "-c", " && ".join([*commands, 'exec "$@"']), "-"]
        if subprocess.call([*command, "true"], stderr=subprocess.DEVNULL) != 0:
            self.skipTest("this user may not make name spaces")
        return command

    def supervisor(self, process):
        """The process that supervises a run: the run's, or in a container its child.
        @returns None where it has ended"""
        def found():
            if process.poll() is not None:
                return [None]
            return [number for number in [process.pid, *children(process.pid)]
                    if program_of(number) == os.path.realpath(PROGRAM)]
        return wait_until(found, "a run to begin")[0]

    def start_logged(self, name, *arguments, **options):
        """A run that prints into a file, so that it never waits for a reader. `process.log` is
        its path."""
        path = self.path(name)
        with open(path, "w") as log:
            process = self.start_run(*arguments, stdout=log, stderr=log, **options)
        process.log = path
        return process

    def printed(self, process):
        with open(process.log) as file:
            return file.read()

    def start_run(self, *arguments, **options):
        """A run in a process group of its own, which ends with the test at the latest."""
        process = self.start("run", *arguments, start_new_session=True, **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:  # else its number may be another's by now
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def finish(self, process, code=0):
        """Waits for its end. @returns standard output, standard error"""
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code, f"{out}\n{err}")
        return out, err

    def start_until(self, text, *arguments):
        """A run that has just printed a line with `text` on standard error."""
        process = self.start_run(*arguments)
        printed = ""
        for line in process.stderr:
            printed += line
            if text in line:
                return process
        self.fail(f"the run has not printed '{text}' but\n{printed}")

    def workers(self, process, count=1):
        """The workers of a run, as soon as there are so many."""
        return wait_until(lambda: len(found := children(process.pid)) >= count and found,
                          f"{count} workers")

    def published(self, results="results", name="e"):
        """{trial id: path}"""
        paths = self.files(results, name, "trials", "*", "*.h5")
        ids = [os.path.basename(path).removesuffix(".h5") for path in paths]
        self.assertEqual(len(set(ids)), len(ids), "a trial was published twice")
        return dict(zip(ids, paths))

    def assert_same_results(self, expected, found, name="e"):
        """Merged files and kept parameters are equal, bit for bit; so no trial is lost or there
        twice."""
        self.assert_same_content(results_of(self.path(expected, name + ".h5")),
                                 results_of(self.path(found, name + ".h5")), name + ".h5")
        models = self.files(expected, name, "models", "*.h5")
        self.assertEqual([os.path.basename(path) for path in models],
                         [os.path.basename(path)
                          for path in self.files(found, name, "models", "*.h5")])
        for path in models:
            other = self.path(found, name, "models", os.path.basename(path))
            self.assert_same_content(read_all(path), read_all(other), other)
        self.assertEqual(set(self.published(expected, name)), set(self.published(found, name)))

    def assert_nothing_left_behind(self, results="results", name="e"):
        """Of working files, signs of life and temporary files."""
        self.assertEqual(self.files(results, name, "checkpoints", "*"), [])
        self.assertEqual(self.files(results, name, "runs", "*"), [])
        self.assertEqual(self.files(results, "**", "*.tmp"), [])


class WholeFiles:
    """Reads HDF5 files to their end; each as often as it changes."""

    def __init__(self):
        self.read = {}

    def check(self, paths):
        for path in paths:
            try:
                status = os.stat(path)
                key = (status.st_ino, status.st_mtime_ns, status.st_size)
                if self.read.get(path) == key:
                    continue
                read_all(path)
            except FileNotFoundError:  # published, or replaced, since it was listed
                continue
            except OSError as error:
                if not os.path.exists(path):
                    continue
                raise AssertionError(f"{path} cannot be read: {error}") from error
            self.read[path] = key


def main():
    unittest.main()
