"""The loops that the measurements start: what they train, and the processes that train it."""
import functools
import os
import subprocess
import sys

LOOPS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(LOOPS)))
DEBIAN_PYTHON = "/usr/bin/python3"  # which has python3-torch

# Fully connected: hidden, latent, batch, activation.
PERCEPTRONS = {
    "mlp_400_20": ("400", 20, 128, "relu"),
    "mlp_256_10": ("256", 10, 128, "relu"),
    "deep_2": ("400,400", 2, 100, "leaky_relu"),
}
OTHERS = {"joint": 128, "conv": 32}  # batch
MODELS = [*PERCEPTRONS, *OTHERS]


@functools.cache
def program(name):
    """A program of VARIA_BUILD_DIR, or else of the folder that is now set up."""
    folder = os.environ.get("VARIA_BUILD_DIR")
    if folder is None:
        setup = os.path.join(ROOT, "tools", "setup")
        subprocess.run([setup, "bench"], check=True)
        folder = subprocess.run([setup, "--folder"], check=True, capture_output=True,
                                text=True).stdout.strip()
    return os.path.join(folder, "bin", name)


def varia_command(model, file, *overrides):
    """Varia's loop on the images of `file`, an .npy file, or on MNIST."""
    batch = OTHERS[model] if model in OTHERS else PERCEPTRONS[model][2]
    data = f"data={{use: numpy, file: {file}, batch: {batch}}}" if file else f"data.batch={batch}"
    if model in PERCEPTRONS:
        hidden, latent, _, activation = PERCEPTRONS[model]
        overrides = (f"model.hidden=[{hidden}]", f"model.latent={latent}",
                     f"model.activation={activation}", *overrides)
    experiment = os.path.join(LOOPS, "..", "models", ("mlp" if model in PERCEPTRONS else model) + ".yaml")
    return [program("bench_training"), "varia", os.path.normpath(experiment), data, *overrides]


def python_words(model, file):
    """What a Python loop is told of the model and the images."""
    if model in OTHERS:
        return [file or "mnist", str(OTHERS[model]), model]
    hidden, latent, batch, activation = PERCEPTRONS[model]
    return [file or "mnist", str(batch), "mlp", hidden, str(latent), activation]


def pytorch_command(python, kind, model, file, device="cpu"):
    return [python, os.path.join(LOOPS, "pytorch_loops.py"), kind, device, *python_words(model, file)]


def can_import(python, modules):
    return subprocess.run([python, "-c", f"import {modules}"], capture_output=True).returncode == 0


class Worker:
    """A process that trains when it is told to, with one thread."""

    def __init__(self, name, command, cores=()):
        self.name = name
        pinned = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        self.process = subprocess.Popen([*pinned, *command], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait_until_ready(self):
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"the loop '{self.name}' does not start")

    def begin(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()

    def end(self):
        """Seconds of the processor, seconds, and the mean loss of the steps."""
        answer = self.process.stdout.readline().split()
        if len(answer) != 3:
            sys.exit(f"the loop '{self.name}' ended")
        return [float(word) for word in answer]

    def run(self, steps):
        self.begin(steps)
        return self.end()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
