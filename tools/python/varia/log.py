"""A run that is under way, for TensorBoard and Weights & Biases: what ``run.log_to`` calls.

.. code-block:: yaml

    run: {log_to: python3 -m varia.log tensorboard board}
    run: {log_to: python3 -m varia.log wandb --offline}
"""
from __future__ import annotations

import argparse
import base64
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from varia.errors import VariaError
from varia.pictures import Picture
from varia.trackers import (TensorBoard, TrackedTrial, Tracker, TrialLog, WeightsAndBiases,
                            unique_names)
from varia.trials import setting_name

#: The newest version of the program's messages that this package reads.
LOG_VERSION = 1


class _Trial:
    """A trial that is under way."""

    def __init__(self, log: TrialLog, past: list[dict[str, Any]]) -> None:
        self._log = log
        self._passed = 0.0
        self._pictures: list[Picture] = []
        for epoch in past:
            self._add(epoch, not log.resumes)

    def add_picture(self, event: dict[str, Any]) -> None:
        pixels = np.frombuffer(base64.b64decode(event["pixels"]), np.uint8)
        self._pictures.append(Picture(event["view"], event["trial"], event["epoch"], event["title"],
                                      pixels.reshape(event["shape"])))

    def add_epoch(self, event: dict[str, Any]) -> None:
        self._add(event, True)
        self._pictures = []

    def end(self, status: str) -> None:
        self._log.end(status)

    def _add(self, epoch: dict[str, Any], is_logged: bool) -> None:
        self._passed += epoch["seconds"]
        if is_logged:
            self._log.epoch(epoch["epoch"], self._passed, epoch["metrics"], self._pictures)


def follow(lines: Iterable[str], tracker: Tracker) -> None:
    """Gives a tracker what a run tells, until the run ends.

    Parameters
    ----------
    lines
        One JSON object each, as the reference of experiment files describes them.
    """
    trials: dict[str, _Trial] = {}
    names: dict[str, str] = {}
    for line in lines:
        event = json.loads(line)
        kind, id = event["event"], event.get("trial", "")
        if kind == "run" and event["version"] > LOG_VERSION:
            raise VariaError(f"the program tells version {event['version']} of its messages, and this "
                             f"package reads versions up to {LOG_VERSION}. Install the Python package "
                             "of that Varia")
        if kind == "trial":
            if id in trials:  # tried again after a crash
                trials.pop(id).end("partial")
            started = _tracked(event, names)
            trials[id] = _Trial(tracker.start(started), event["past"])
        elif kind == "picture":
            trials[id].add_picture(event)
        elif kind == "epoch":
            trials[id].add_epoch(event)
        elif kind == "end" and id in trials:
            trials.pop(id).end(event["status"])
    for trial in trials.values():
        trial.end("partial")


def _tracked(event: dict[str, Any], names: dict[str, str]) -> TrackedTrial:
    """A trial that starts. @param names those that are taken, with the ids"""
    parameters = {key: json.dumps(value) if isinstance(value, (list, dict)) else value
                  for key, value in event["parameters"].items() if value is not None}
    swept = [key for key in event["swept"] if key in parameters]
    setting = setting_name(swept, [parameters[key] for key in swept])
    id = event["trial"]
    (name,) = unique_names([(setting, event["replicate"], id)])
    if names.setdefault(name, id) != id:
        name = f"{name}-{id}"
    begin = time.time() - sum(epoch["seconds"] for epoch in event["past"])
    return TrackedTrial(id, name, setting, parameters, swept, begin)


def _tracker(arguments: argparse.Namespace, experiment: str) -> Tracker:
    if arguments.tracker == "tensorboard":
        return TensorBoard(arguments.folder, True, "varia.log tensorboard")
    return WeightsAndBiases(arguments.project or experiment, arguments.folder, arguments.offline,
                            "varia.log wandb")


def main() -> int:
    """Reads standard input to its end.

    Returns
    -------
    int
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python3 -m varia.log", description="Gives what a run of Varia tells to a tracker.",
        epilog="Name it in the experiment file, run: {log_to: python3 -m varia.log ...}; it reads "
               "standard input.")
    trackers = parser.add_subparsers(dest="tracker", required=True, metavar="TRACKER")
    board = trackers.add_parser("tensorboard", help="events, a folder for each trial")
    board.add_argument("folder", help="what tensorboard --logdir is given")
    wandb = trackers.add_parser("wandb", help="a run of Weights & Biases for each trial")
    wandb.add_argument("--project", help="by default the name of the experiment")
    wandb.add_argument("--offline", action="store_true", help="write to wandb/ alone")
    wandb.add_argument("--folder", default=".", help="where wandb keeps its files")
    arguments = parser.parse_args()
    # The terminal belongs to the run's own progress.
    os.environ.setdefault("WANDB_QUIET", "true")
    # The run ends it by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        first = sys.stdin.readline()
        if first:
            tracker = _tracker(arguments, json.loads(first)["experiment"])
            follow(itertools.chain([first], sys.stdin), tracker)
    except VariaError as error:
        print(f"varia.log: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # of a tracker, which may have lost its server
        print(f"varia.log: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
