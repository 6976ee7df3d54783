"""What the tests of the program share: a folder with small data, the program, its results as arrays."""
import glob
import json
import os
import shutil
import struct
import subprocess
import tempfile
import textwrap
import unittest

import h5py
import numpy as np

PROGRAM = os.environ["VARIA_PROGRAM"]
MNIST = os.path.join(os.environ.get("VARIA_DATA") or os.path.expanduser("~/.cache/varia"), "mnist")
PLUGINS = os.path.join(os.path.dirname(os.path.dirname(PROGRAM)), "plugins")

BASE = """
data: {use: idx, images: train.idx, test_images: test.idx, batch: 64}
model: {use: mlp_vae, hidden: [32], latent: 4}
loss: {use: elbo}
optimizer: {use: adam, lr: 1e-3}
train: {epochs: 2}
"""


def write_idx(path, array):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 8, array.ndim]))
        file.write(struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def blobs(count, seed, side=8):
    """Images [count, side, side] with one bright spot each, so that there is something to learn."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side]
    centre = random.uniform(1, side - 2, (count, 2, 1, 1))
    distance = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2
    return np.round(255 * np.exp(-distance / 3)).astype(np.uint8)


class Outcome:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


class EndToEnd(unittest.TestCase):
    """A new folder for each test, with train.idx (600 images of 8x8), test.idx (200), base.yaml."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="varia_end_to_end_")
        self.addCleanup(shutil.rmtree, self.folder)
        write_idx(self.path("train.idx"), blobs(600, 0))
        write_idx(self.path("test.idx"), blobs(200, 1))
        self.write("base.yaml", BASE)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def files(self, *pattern):
        return sorted(glob.glob(self.path(*pattern), recursive=True))

    def write(self, name, content):
        with open(self.path(name), "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)
        return name

    def experiment(self, name, text):
        """name.yaml: base.yaml with `text` laid over it."""
        return self.write(name + ".yaml", "extends: base.yaml\n" + textwrap.dedent(text))

    def start(self, *arguments, environment=None, before=(), **options):
        """@param before the beginning of the command line, such as ["nice"]"""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*before, PROGRAM, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
            env={**os.environ, **(environment or {})}, **{**streams, **options})

    def varia(self, *arguments, code=0, environment=None):
        """Runs the program, which must end with `code`."""
        process = self.start(*arguments, environment=environment)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code,
                         f"varia {' '.join(arguments)}\n{out}\n{err}")
        return Outcome(process.returncode, out, err)

    def refused(self, *arguments, environment=None, lines=1):
        """Runs the program, which must end with code 2 and one line on standard error alone.
        @returns that line"""
        outcome = self.varia(*arguments, code=2, environment=environment)
        self.assertEqual(outcome.out, "")
        self.assertEqual(outcome.err.count("\n"), lines, outcome.err)
        self.assertTrue(outcome.err.endswith("\n"))
        for noise in ("terminate called", "frame #", "Exception raised", "std::"):
            self.assertNotIn(noise, outcome.err)
        return outcome.err.rstrip("\n")

    def mount_tmpfs(self, folder, options):
        """A file system of its own on a folder; skips the test where that is not allowed."""
        command = ["mount", "-t", "tmpfs", "-o", options, "none", folder]
        if os.geteuid() != 0 or subprocess.call(command, stderr=subprocess.DEVNULL) != 0:
            self.skipTest("file systems cannot be mounted here")
        self.addCleanup(subprocess.call, ["umount", folder])

    def assert_same_content(self, expected, found, what=""):
        """Data sets of two files, as `read_all` and `results_of` give them, are equal bit for bit."""
        self.assertEqual(list(expected), list(found), what)
        self.assertGreater(len(expected), 0, what)
        for key, value in expected.items():
            self.assertTrue(same(value, found[key]), f"{what} {key}")

    def plan(self, *arguments, results="results"):
        """[(state, reason)] of the planned trials."""
        document = self.varia("plan", *arguments, "--json", "--results", results).json
        return [(trial["status"], trial["reason"]) for trial in document["trials"]]

    def trained(self, outcome):
        """How many trials a run says it has trained."""
        return int(outcome.out.rstrip("\n").splitlines()[-1].split(" trained")[0])


def read_all(path):
    """Every data set of an HDF5 file by its path, with its attributes."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]
            for key, value in item.attrs.items():
                if not isinstance(value, np.ndarray) or value.dtype.kind in "iufS":
                    found[f"{name} @{key}"] = value

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def read_parameters(path):
    """What a run has kept of a trial: {tensor: array}, and the epoch that they are of."""
    return {name.removeprefix("tensors/"): value for name, value in read_all(path).items()}


def same(a, b):
    """Equal bit for bit, NaN included."""
    if not isinstance(a, np.ndarray):
        return type(a) is type(b) and (a == b or (a != a and b != b))
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.hasobject:
        return a.tolist() == b.tolist()
    return a.tobytes() == b.tobytes()


def results_of(path):
    """All of a merged file that must not differ between two runs of one experiment."""
    how_it_ran = ("timing/", "trials/host", "trials/token", "trials/total_seconds",
                  "trials/gpu_memory")
    return {name: value for name, value in read_all(path).items()
            if not name.startswith(how_it_ran)}


def by_trial(path):
    """{trial id: {data set: row}} of a merged file, for what does not depend on how it was run."""
    parts = ("metrics", "final", "schedules", "steps", "views", "points")
    content = {}
    with h5py.File(path) as file:
        ids = [id.decode() for id in file["trials/id"][()]]

        def visit(name, item):
            if isinstance(item, h5py.Dataset) and not h5py.h5ds.is_scale(item.id):
                content[name] = item[()]

        for part in parts:
            if part in file:
                file[part].visititems(lambda name, item: visit(part + "/" + name, item))
    return {id: {name: value[row] for name, value in content.items()} for row, id in enumerate(ids)}
