"""What data sets load, as print_samples (print_samples.cpp) says."""
import json
import os
import subprocess

import numpy as np


def load(plugin, data_sections):
    """What it says of each `data` section, whose data set is of a plugin."""
    lines = "".join(json.dumps(section) + "\n" for section in data_sections)
    path = os.path.join(os.environ["VARIA_BUILD_DIR"], "plugins", plugin + ".so")
    process = subprocess.run([os.environ["PRINT_SAMPLES"], path], input=lines, text=True,
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
