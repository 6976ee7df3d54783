"""Samples as a data set loads them, by print_samples (tests/datasets)."""
import json
import os
import subprocess

import numpy as np


def load_all(plugin, data_sections):
    """What print_samples says of each `data` section."""
    lines = "".join(json.dumps(section) + "\n" for section in data_sections)
    plugin = os.path.join(os.environ["VARIA_BUILD_DIR"], "plugins", plugin + ".so")
    process = subprocess.run([os.environ["PRINT_SAMPLES"], plugin], input=lines, text=True,
                             capture_output=True, timeout=600)
    found = [json.loads(line) for line in process.stdout.splitlines()]
    if process.returncode != 0 or len(found) != len(data_sections):
        raise AssertionError(f"ended with {process.returncode} after {len(found)} of "
                             f"{len(data_sections)}: {process.stderr}")
    return found


def array(rows):
    return np.array(rows, dtype=np.float32)  # None becomes NaN


def same(found, expected):
    return np.array_equal(found, np.asarray(expected, np.float32), equal_nan=True)
