"""Results for TensorBoard and Weights & Biases, written by their own packages."""
from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from varia.errors import VariaError, optional_module
from varia.pictures import Picture, png
from varia.trials import Where

if TYPE_CHECKING:
    from varia.results import Results


@dataclass(frozen=True)
class _TrackedTrial:
    """One trial, as a tracker takes it.

    Attributes
    ----------
    id, name
        The name has what is swept and the replicate, and may be that of a folder.
    group
        The name of its setting, which the other seeds have, too.
    status
        `done`, `failed` or `partial`.
    parameters
        Every resolved parameter.
    epochs
        For each epoch its number, the seconds since the beginning, and the metrics that have a
        value.
    pictures
        Those of all views.
    """

    id: str
    name: str
    group: str
    status: str
    parameters: dict[str, Any]
    epochs: list[tuple[int, float, dict[str, float]]]
    pictures: list[Picture]


def _tracked_trials(results: Results, where: Where | None, status: str | None,
                    pictures: bool) -> Iterator[_TrackedTrial]:
    """The chosen trials of a file, one after the other."""
    trials = results._trials
    rows = np.flatnonzero(trials.chosen(where, status))
    if not rows.size:
        raise VariaError(f"{results.path}: no trial is chosen")
    every = trials.differing(range(len(trials.ids)))
    settings = trials.settings(rows, every)
    names = [_file_name(setting, int(trials.fields["replicate"].iloc[row]))
             for setting, row in zip(settings, rows)]
    metrics = {metric: results.curves(metric, status=None) for metric in results.metrics.index
               if not results.metrics.loc[metric, "axes"]}
    metrics = {metric: curves for metric, curves in metrics.items() if curves.ndim == 2}
    seconds = results.curves("timing/seconds", status=None)
    for row, setting, name in zip(rows, settings, names):
        if names.count(name) > 1:
            name += f"-{trials.ids[row]}"
        done = int(trials.fields["epochs_done"].iloc[row])
        passed = np.nancumsum(seconds.values[row, :done])
        epochs = []
        for number in range(done):
            values = {metric: float(curves.values[row, number]) for metric, curves in metrics.items()}
            values = {metric: value for metric, value in values.items() if not np.isnan(value)}
            epochs.append((int(seconds.epoch.values[number]), float(passed[number]), values))
        parameters = {str(key): value for key, value in trials.parameters.iloc[row].items()
                      if not pd.isna(value)}
        yield _TrackedTrial(
            id=trials.ids[row], name=name, group=setting, parameters=_plain(parameters),
            status=str(trials.fields["status"].iloc[row]), epochs=epochs,
            pictures=[picture for view in results._picture_views()
                      for picture in results.pictures(view, int(row))] if pictures else [])


def to_tensorboard(results: Results, folder: str | os.PathLike[str], *, where: Where | None = None,
                   status: str | None = None, pictures: bool = True) -> None:
    """Writes trials as TensorBoard shows them: metrics by epoch, pictures, and what is swept as
    hyperparameters. A folder for each trial; it needs the package tensorboard.

    Parameters
    ----------
    folder
        What ``tensorboard --logdir`` is given.
    where, status
        A choice of trials, as `Results.final`; by default all.
    pictures
        Write the pictures of the views, too.
    """
    needs = "to_tensorboard"
    writers = optional_module("tensorboard.summary.writer.event_file_writer", needs, "tensorboard")
    hparams = optional_module("tensorboard.plugins.hparams.summary_v2", needs, "tensorboard")
    event_pb2 = optional_module("tensorboard.compat.proto.event_pb2", needs, "tensorboard")
    Event = event_pb2.Event
    summary_pb2 = optional_module("tensorboard.compat.proto.summary_pb2", needs, "tensorboard")
    Summary = summary_pb2.Summary
    end = _created(results)
    for trial in _tracked_trials(results, where, status, pictures):
        place = Path(folder) / trial.name
        if any(place.glob("events.out.tfevents.*")):
            raise VariaError(f"{place}: has events already, which TensorBoard would show twice. "
                             "Remove it, or name another folder")
        begin = end - (trial.epochs[-1][1] if trial.epochs else 0)
        writer = writers.EventFileWriter(str(place))
        try:
            chosen = {key: trial.parameters[key] for key in results.swept if key in trial.parameters}
            summary = hparams.hparams_pb(chosen, trial_id=trial.group or trial.id,
                                         start_time_secs=begin)
            writer.add_event(Event(wall_time=begin, summary=summary))
            when = {}
            for epoch, passed, values in trial.epochs:
                when[epoch] = begin + passed
                summary = Summary(value=[Summary.Value(tag=metric, simple_value=value)
                                         for metric, value in values.items()])
                writer.add_event(Event(wall_time=when[epoch], step=epoch, summary=summary))
            for number, picture in enumerate(trial.pictures):
                height, width = picture.image.shape[:2]
                image = Summary.Image(height=height, width=width, colorspace=_channels(picture),
                                      encoded_image_string=png(picture.image))
                # An animation has several pictures of one epoch.
                frame = sum(other.view == picture.view and other.epoch == picture.epoch
                            for other in trial.pictures[:number])
                tag = f"{picture.view}/{frame}" if frame else picture.view
                writer.add_event(Event(wall_time=when.get(picture.epoch, end), step=picture.epoch,
                                       summary=Summary(value=[Summary.Value(tag=tag, image=image)])))
        finally:
            writer.close()


def to_wandb(results: Results, *, offline: bool = False, project: str | None = None,
             folder: str | os.PathLike[str] = ".", where: Where | None = None,
             status: str | None = None, pictures: bool = True) -> None:
    """Logs trials to Weights & Biases: a run for each, with its parameters, metrics and pictures. It
    needs the package wandb.

    Parameters
    ----------
    offline
        Write to ``folder/wandb`` alone; ``wandb sync`` sends it later.
    project
        By default the name of the experiment.
    folder
        Where wandb keeps its files.
    where, status, pictures
        As `Results.to_tensorboard`.
    """
    wandb = optional_module("wandb", "to_wandb")
    Path(folder).mkdir(parents=True, exist_ok=True)
    for trial in _tracked_trials(results, where, status, pictures):
        run = wandb.init(project=project or results.name, name=trial.name, id=trial.id,
                         group=trial.group or None, config=trial.parameters, dir=os.fspath(folder),
                         mode="offline" if offline else "online")
        for epoch, passed, values in trial.epochs:
            shown: dict[str, Any] = {**values, "seconds": passed}
            for picture in trial.pictures:
                if picture.epoch == epoch:
                    shown.setdefault(picture.view, []).append(
                        wandb.Image(picture.image, caption=picture.title or None))
            run.log(shown, step=epoch)
        run.summary["status"] = trial.status
        run.finish(exit_code=0 if trial.status == "done" else 1)


def _file_name(setting: str, replicate: int) -> str:
    """As `varia export` names pictures.

    >>> _file_name("loss.beta=4, model.hidden=[400]", 0)
    'loss.beta=4,model.hidden=_400_,replicate=0'
    """
    parts = [*(setting.split(", ") if setting else []), f"replicate={replicate}"]
    return ",".join(re.sub(r"[^A-Za-z0-9.+=-]", "_", part) for part in parts)[:200]


def _channels(picture: Picture) -> int:
    return 3 if picture.image.ndim == 3 else 1


def _created(results: Results) -> float:
    """Seconds since 1970 when the file was made."""
    try:
        return datetime.datetime.fromisoformat(results.created).timestamp()
    except ValueError:
        return 0.0


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values without the types of NumPy."""
    return {key: value.item() if isinstance(value, np.generic) else value
            for key, value in values.items()}
