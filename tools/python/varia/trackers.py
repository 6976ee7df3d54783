"""Results for TensorBoard and Weights & Biases, written by their own packages."""
from __future__ import annotations

import datetime
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from varia.errors import VariaError, one_line, optional_module
from varia.pictures import Picture, png
from varia.trials import Where

if TYPE_CHECKING:
    from varia.results import Results


@dataclass(frozen=True)
class TrackedTrial:
    """One trial, as a tracker takes it.

    Attributes
    ----------
    id, name
        The name has what is swept and the replicate, and may be that of a folder.
    group
        The name of its setting, which the other seeds have, too.
    parameters
        Every resolved parameter.
    swept
        The keys of those that are swept.
    begin
        When it began, in seconds since 1970, if it had never been interrupted.
    """

    id: str
    name: str
    group: str
    parameters: dict[str, Any]
    swept: list[str]
    begin: float


class TrialLog(Protocol):
    """Where the values of one trial go."""

    #: Whether it has values of the trial already, from before the trial was interrupted.
    resumes: bool

    def epoch(self, epoch: int, passed: float, values: dict[str, float],
              pictures: Sequence[Picture]) -> None:
        """One epoch, `passed` seconds after the beginning."""

    def end(self, status: str) -> None:
        """The trial is `done`, `failed` or `partial`."""


class Tracker(Protocol):
    """What keeps the values of trials. Several may be open at once."""

    def start(self, trial: TrackedTrial) -> TrialLog:
        """Opens the log of a trial."""


class TensorBoard:
    """A folder for each trial, as ``tensorboard --logdir`` shows it.

    Parameters
    ----------
    folder
        That of all trials.
    resume
        Whether a trial may have events already. Those of the epochs that are logged again, and of
        later ones, are replaced.
    """

    def __init__(self, folder: str | os.PathLike[str], resume: bool, needs: str) -> None:
        self._folder = Path(folder)
        self._resume = resume
        self._writers = optional_module("tensorboard.summary.writer.event_file_writer", needs)
        self._hparams = optional_module("tensorboard.plugins.hparams.summary_v2", needs)
        self._event = optional_module("tensorboard.compat.proto.event_pb2", needs)
        self._summary = optional_module("tensorboard.compat.proto.summary_pb2", needs)

    def start(self, trial: TrackedTrial) -> TrialLog:
        place = self._folder / trial.name
        with one_line(place):
            place.mkdir(parents=True, exist_ok=True)
        resumes = any(place.glob("events.out.tfevents.*"))
        if resumes and not self._resume:
            raise VariaError(f"{place}: has events already, which TensorBoard would show twice. "
                             "Remove it, or name another folder")
        chosen = {key: trial.parameters[key] for key in trial.swept if key in trial.parameters}
        first = self._hparams.hparams_pb(chosen, trial_id=trial.group or trial.id,
                                         start_time_secs=trial.begin)
        return _TensorBoardTrial(self._writers.EventFileWriter(str(place)), self._event,
                                 self._summary.Summary, trial.begin, first, resumes)


class _TensorBoardTrial:
    def __init__(self, writer: Any, event: Any, summary: Any, begin: float, hparams: Any,
                 resumes: bool) -> None:
        self.resumes = resumes
        self._writer = writer
        self._event = event
        self._summary = summary
        self._begin = begin
        self._is_first = True
        self._add(begin, 0, hparams)

    def epoch(self, epoch: int, passed: float, values: dict[str, float],
              pictures: Sequence[Picture]) -> None:
        when = self._begin + passed
        if self.resumes and self._is_first:
            start = self._event.SessionLog(status=self._event.SessionLog.START)
            self._writer.add_event(self._event.Event(wall_time=when, step=epoch, session_log=start))
        self._is_first = False
        Value = self._summary.Value
        shown = [Value(tag=metric, simple_value=value) for metric, value in values.items()]
        self._add(when, epoch, self._summary(value=shown))
        for number, picture in enumerate(pictures):
            height, width = picture.image.shape[:2]
            image = self._summary.Image(height=height, width=width, colorspace=_channels(picture),
                                        encoded_image_string=png(picture.image))
            # An animation has several pictures of one epoch.
            frame = sum(other.view == picture.view for other in pictures[:number])
            tag = f"{picture.view}/{frame}" if frame else picture.view
            self._add(when, epoch, self._summary(value=[Value(tag=tag, image=image)]))
        self._writer.flush()

    def end(self, status: str) -> None:
        self._writer.close()

    def _add(self, when: float, step: int, summary: Any) -> None:
        self._writer.add_event(self._event.Event(wall_time=when, step=step, summary=summary))


class WeightsAndBiases:
    """A run of Weights & Biases for each trial, with its parameters, metrics and pictures.

    Parameters
    ----------
    project
        Where the runs are.
    folder
        Where wandb keeps its files.
    offline
        Write to ``folder/wandb`` alone; ``wandb sync`` sends it later.
    """

    def __init__(self, project: str, folder: str | os.PathLike[str], offline: bool,
                 needs: str) -> None:
        self._wandb = optional_module("wandb", needs)
        self._project = project
        self._folder = Path(folder)
        self._mode = "offline" if offline else "online"
        with one_line(folder):
            self._folder.mkdir(parents=True, exist_ok=True)

    def start(self, trial: TrackedTrial) -> TrialLog:
        run = self._wandb.init(
            project=self._project, name=trial.name, id=trial.id, group=trial.group or None,
            config=trial.parameters, dir=os.fspath(self._folder), mode=self._mode, resume="allow",
            reinit="create_new")
        return _WeightsAndBiasesTrial(self._wandb, run)


class _WeightsAndBiasesTrial:
    def __init__(self, wandb: Any, run: Any) -> None:
        self._wandb = wandb
        self._run = run
        self.resumes = run.resumed is True

    def epoch(self, epoch: int, passed: float, values: dict[str, float],
              pictures: Sequence[Picture]) -> None:
        shown: dict[str, Any] = {**values, "seconds": passed}
        for picture in pictures:
            shown.setdefault(picture.view, []).append(
                self._wandb.Image(picture.image, caption=picture.title or None))
        self._run.log(shown, step=epoch)

    def end(self, status: str) -> None:
        self._run.summary["status"] = status
        self._run.finish(exit_code=0 if status == "done" else 1)


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
    _track(results, TensorBoard(folder, False, "to_tensorboard"), where, status, pictures)


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
    tracker = WeightsAndBiases(project or results.name, folder, offline, "to_wandb")
    _track(results, tracker, where, status, pictures)


def _track(results: Results, tracker: Tracker, where: Where | None, status: str | None,
           pictures: bool) -> None:
    """Gives a tracker the chosen trials of a file, one after the other."""
    trials = results._trials
    rows = np.flatnonzero(trials.chosen(where, status))
    if not rows.size:
        raise VariaError(f"{results.path}: no trial is chosen")
    every = trials.differing(range(len(trials.ids)))
    settings = trials.settings(rows, every)
    names = unique_names([(setting, int(trials.fields["replicate"].iloc[row]), trials.ids[row])
                          for setting, row in zip(settings, rows)])
    metrics = {metric: results.curves(metric, status=None) for metric in results.metrics.index
               if not results.metrics.loc[metric, "axes"]}
    metrics = {metric: curves for metric, curves in metrics.items() if curves.ndim == 2}
    seconds = results.curves("timing/seconds", status=None)
    end = _created(results)
    for row, setting, name in zip(rows, settings, names):
        done = int(trials.fields["epochs_done"].iloc[row])
        passed = np.nancumsum(seconds.values[row, :done])
        shown = [picture for view in results.picture_views
                 for picture in results.pictures(view, int(row))] if pictures else []
        parameters = {str(key): value for key, value in trials.parameters.iloc[row].items()
                      if not pd.isna(value)}
        log = tracker.start(TrackedTrial(
            id=trials.ids[row], name=name, group=setting, parameters=_plain(parameters),
            swept=results.swept, begin=end - (passed[-1] if done else 0)))
        for number in range(done):
            values = {metric: float(curves.values[row, number]) for metric, curves in metrics.items()}
            epoch = int(seconds.epoch.values[number])
            log.epoch(epoch, float(passed[number]),
                      {metric: value for metric, value in values.items() if not np.isnan(value)},
                      [picture for picture in shown if picture.epoch == epoch])
        log.end(str(trials.fields["status"].iloc[row]))


def unique_names(trials: Sequence[tuple[str, int, str]]) -> list[str]:
    """Names of folders for trials, given as setting, replicate and id.

    >>> unique_names([("model.hidden=[400]", 0, "0a"), ("model.hidden=[400]", 1, "0b")])
    ['model.hidden=_400_,replicate=0-0a', 'model.hidden=_400_,replicate=1-0b']
    >>> unique_names([("x=1", 0, "0a"), ("x=1", 0, "0b")])
    ['x=1,replicate=0-0a', 'x=1,replicate=0-0b']
    """
    names = [_file_name(*trial) for trial in trials]
    return [f"{name}-{id}" if names.count(name) > 1 else name for name, (_, _, id) in zip(names, trials)]


def _file_name(setting: str, replicate: int, id: str) -> str:
    """As `varia export` names pictures, with the id where that name may be another trial's, too: a run
    that resumes has to find the same names, whatever other trials it has.

    >>> _file_name("loss.beta=4, model.latent=2", 0, "0a")
    'loss.beta=4,model.latent=2,replicate=0'
    >>> _file_name("loss.beta=4, model.hidden=[400]", 0, "0a")
    'loss.beta=4,model.hidden=_400_,replicate=0-0a'
    """
    parts = [*(setting.split(", ") if setting else []), f"replicate={replicate}"]
    name = ",".join(re.sub(r"[^A-Za-z0-9.+=_-]", "_", part) for part in parts)[:200]
    return name if name == ",".join(parts) else f"{name}-{id}"


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
