"""Trained models as modules of PyTorch: what ``varia export --model`` writes, loaded."""
from __future__ import annotations

import math
import operator
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, Union

import numpy as np
import numpy.typing as npt
import torch

from varia.arrays import numbers
from varia.errors import VariaError, unknown_name
from varia.model_folder import read_about, read_script
from varia.onnx import to_onnx

#: A tensor, or an array that becomes one.
Values: TypeAlias = Union[torch.Tensor, npt.ArrayLike]


class Model(torch.nn.Module):
    """A trained model, without Varia: `encode`, `decode`, `sample`, `log_prob`.

    Samples are numbers as the model sees them, [batch, E...]; `to_event` makes them of the numbers
    of the data's files, and `to_units` makes those of them. A number that is missing is NaN.

    Models that are given labels or covariates take them as `labels`, [batch] whole numbers, and
    `covariates`, [batch, V]. Whatever is drawn is drawn by `generator`, else by PyTorch's own.

    What is trained on one of its methods changes the others: they have the same parameters. After
    ``m.to("cuda")`` or ``m.double()`` everything is computed there, or in that type; numbers that are
    given may lie anywhere.

    Attributes
    ----------
    about
        The content of ``model.json``: architecture, event, latent variables, likelihood.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        super().__init__()
        self.about = read_about(Path(folder))
        try:
            self._read(Path(folder))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise VariaError(f"{Path(folder) / 'model.json'}: is damaged ({error})") from error

    def _read(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # PyTorch 2.13 advises against TorchScript, the one format that LibTorch 1.13 writes.
            warnings.simplefilter("ignore", DeprecationWarning)
            for name, script in self.about["scripts"].items():
                self.add_module(name, read_script(folder / script["file"]))
        self.eval()
        self._share()
        for name in ("scale", "offset"):
            number = torch.tensor(self.about["units"][name], dtype=torch.float32)
            self.register_buffer(name, number, persistent=False)

    def _share(self) -> None:
        """Makes parameters and buffers of one name one tensor: each script brings its own."""
        known: dict[str, torch.Tensor] = {}
        for script in self.about["scripts"]:
            for path, module in self.get_submodule(script).named_modules():
                for name, value in [*module.named_parameters(recurse=False),
                                    *module.named_buffers(recurse=False)]:
                    shared = known.setdefault(f"{path}.{name}", value)
                    if (shared.shape, shared.dtype) != (value.shape, value.dtype):
                        raise ValueError(f"{path}.{name} differs between the scripts")
                    setattr(module, name, shared)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()  # a copy copies script by script

    def _apply(self, fn: Any, *more: Any, **options: Any) -> Model:
        super()._apply(fn, *more, **options)
        self._share()  # and so do `to` and its like
        return self

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of a sample."""
        return tuple(self.about["event"])

    def to_event(self, values: Values) -> torch.Tensor:
        """Numbers of the data's files, [batch, E...], as the model sees them."""
        return (self._tensor(values, "values") - self.get_buffer("offset")) / self.get_buffer("scale")

    def to_units(self, x: Values) -> torch.Tensor:
        """What the model sees or gives, as numbers of the data's files."""
        return self._tensor(x, "x") * self.get_buffer("scale") + self.get_buffer("offset")

    def encode(self, x: Values, *, labels: Values | None = None, covariates: Values | None = None,
               generator: torch.Generator | None = None) -> dict[str, dict[str, torch.Tensor]]:
        """The posterior q(z | x).

        Returns
        -------
        dict
            For each latent variable the parameters of its distribution by their names, such as
            ``encode(x)["z"]["mean"]``, [batch, D].
        """
        given = self._given(x, labels, covariates)
        found: dict[str, dict[str, torch.Tensor]] = {}
        for name, value in self._run("encoder", given, generator).items():
            latent, _, parameter = name.partition(".")
            found.setdefault(latent, {})[parameter] = value
        return found

    def decode(self, z: Values | Mapping[str, Values], *, labels: Values | None = None,
               covariates: Values | None = None) -> torch.Tensor:
        """The mean of p(x | z), [batch, E...].

        Counts of a model that takes the total of a sample as given are those of a sample of the mean
        total, the one of the training split; a call of the model takes the total of `x`.

        Parameters
        ----------
        z
            The value of the latent variable, [batch, D]; of several a map by their names. A
            category is one-hot.
        """
        return self.likelihood(z, labels=labels, covariates=covariates)["mean"]

    def likelihood(self, z: Values | Mapping[str, Values], *, labels: Values | None = None,
                   covariates: Values | None = None) -> dict[str, torch.Tensor]:
        """The parameters of p(x | z) by their names, and its `mean`; otherwise as `decode`."""
        names = self._inputs("decoder")
        hidden = [latent["name"] for latent in self.about["latents"] if not latent["observed"]]
        if isinstance(z, Mapping):
            known = [latent["name"] for latent in self.about["latents"]]
            for name in z:
                if name not in known:
                    raise unknown_name("latent variable", name, known)
            # The decoder of a hierarchical model does not see all of them.
            given = {name: self._tensor(value, name, may_miss=False) for name, value in z.items()
                     if name in names}
        elif len(hidden) == 1:
            given = {hidden[0]: self._tensor(z, hidden[0], may_miss=False)}
        else:
            raise VariaError(f"decode: the model has the latent variables {', '.join(hidden)}: give "
                             "a map by their names")
        if labels is not None and "y" in names:
            count = _batch(given)
            given["y"] = torch.nn.functional.one_hot(self._labels(labels, count),
                                                     self.about["classes"])
        if covariates is not None:
            given["covariates"] = self._tensor(covariates, "covariates", may_miss=False)
        return self._run("decoder", given, None)

    def sample(self, count: int = 1, *, labels: Values | None = None,
               covariates: Values | None = None,
               generator: torch.Generator | None = None) -> torch.Tensor:
        """Draws codes from the prior, and labels too if the model needs some and none are given.

        Returns
        -------
        torch.Tensor
            [count, E...] the mean of p(x | z) of each as `decode` gives it, without gradients.
        """
        count = _whole(count, "sample: count", 0)
        with torch.no_grad():
            z = self._run("prior", {}, generator, count)
            return self.decode(z, labels=labels, covariates=covariates)

    def log_prob(self, x: Values, samples: int = 100, *, labels: Values | None = None,
                 covariates: Values | None = None,
                 generator: torch.Generator | None = None) -> torch.Tensor:
        """ln p(x), [batch], in nats, estimated by importance weights (Burda et al. 2015).

        Parameters
        ----------
        samples
            Codes that are drawn for each sample. The estimate is below ln p(x) in the mean, the
            less so the more are drawn; one draw estimates the ELBO.
        """
        samples = _whole(samples, "log_prob: samples", 1)
        given = self._given(x, labels, covariates)
        weights = [self._run("log_weight", given, generator)["log_weight"] for _ in range(samples)]
        return torch.logsumexp(torch.stack(weights), 0) - math.log(samples)

    def forward(self, x: Values, *, labels: Values | None = None,
                covariates: Values | None = None,
                generator: torch.Generator | None = None) -> torch.Tensor:
        """Reconstructions, as ``varia reconstruct`` makes them: `decode` of the posterior's mean, or
        of a draw if it is not normal. Where the model takes the total of a sample as given, it is that
        of `x`; of a sample in which numbers are missing, that of the others."""
        posterior = self.encode(x, labels=labels, covariates=covariates, generator=generator)
        z = {}
        for latent in self.about["latents"]:
            name = latent["name"]
            if latent["observed"] or name not in self._inputs("decoder"):
                continue
            if latent["family"] == "normal":
                z[name] = posterior[name]["mean"]
            elif latent["family"] == "vector_quantised":
                z[name] = posterior[name]["value"]
            elif latent["family"] == "categorical":
                logarithms = posterior[name]["log_probabilities"]
                draw = torch.multinomial(logarithms.to(self._device(generator)).exp(), 1,
                                         generator=generator)
                z[name] = torch.zeros_like(logarithms).scatter(1, draw.to(logarithms.device), 1)
            else:
                given = self._given(x, labels, covariates)
                z[name] = self._run("posterior", given, generator)[f"{name}.value"]
        return _mean_given(self._tensor(x, "x"),
                           self.likelihood(z, labels=labels, covariates=covariates))

    def to_onnx(self, folder: str | os.PathLike[str],
                scripts: Sequence[str] = ("encoder", "decoder")) -> list[Path]:
        """`varia.onnx.to_onnx` of this model: ONNX files, checked by onnxruntime."""
        return to_onnx(self, folder, scripts)

    def extra_repr(self) -> str:
        return (f"{self.about['model']['use']} of trial {self.about['trial']}, "
                f"event {list(self.event)}")

    def _device(self, generator: torch.Generator | None = None) -> torch.device:
        """Where the model is, or where a generator draws."""
        return self.get_buffer("scale").device if generator is None else generator.device

    def _tensor(self, values: Values, what: str, *, may_miss: bool = True) -> torch.Tensor:
        """Numbers that are given as the model computes with them: where it is, and of its type."""
        return _tensor(values, what, self._type(), may_miss=may_miss).to(self._device())

    def _type(self) -> torch.dtype:
        return self.get_buffer("scale").dtype

    def _inputs(self, script: str) -> list[str]:
        return [given["name"] for given in self._script(script)["inputs"]]

    def _script(self, name: str) -> Any:
        if name not in self.about["scripts"]:
            reason = self.about.get("absent", {}).get(name, "the folder does not have it")
            raise VariaError(f"the model has no {name}.pt: {reason}")
        return self.about["scripts"][name]

    def _given(self, x: Values, labels: Values | None,
               covariates: Values | None) -> dict[str, torch.Tensor]:
        """What scripts take of some samples."""
        values = self._tensor(x, "x")
        if tuple(values.shape[1:]) != self.event:
            raise VariaError(f"expected samples [batch, {', '.join(map(str, self.event))}], found "
                             f"{list(values.shape)}")
        missing = values.isnan()
        given = {"input": values.masked_fill(missing, 0), "mask": ~missing}
        if labels is not None:
            given["labels"] = self._labels(labels, len(values))
        if covariates is not None:
            given["covariates"] = self._tensor(covariates, "covariates", may_miss=False)
        return given

    def _labels(self, labels: Values, count: int) -> torch.Tensor:
        """Labels of `count` samples, checked."""
        classes = self.about["classes"]
        if not classes:
            raise VariaError("the model was trained without labels; expected none")
        expected = f"labels: expected {count} whole numbers from 0 to {classes - 1}"
        found = _tensor(labels, "labels", torch.float64, may_miss=False)
        if tuple(found.shape) != (count,):
            raise VariaError(f"{expected}, found an array {list(found.shape)}")
        wrong = (found != found.floor()) | ~((found >= 0) & (found < classes))
        if wrong.any():
            raise VariaError(f"{expected}, found {float(found[wrong][0]):g}")
        return found.to(torch.int64).to(self._device())

    def _run(self, name: str, given: Mapping[str, torch.Tensor],
             generator: torch.Generator | None, count: int | None = None) -> dict[str, torch.Tensor]:
        """Calls a script; noise is drawn. @returns its outputs by their names"""
        script = self._script(name)
        if count is None:
            count = _batch(given)
        inputs = []
        for wanted in script["inputs"]:
            if "noise" in wanted:
                noise = _noise(wanted, count, generator, self._device(generator))
                inputs.append(noise.to(self._device(), self._type()))
            elif wanted["name"] in given:
                value = _of_shape(given[wanted["name"]], wanted, count)
                inputs.append(value.to(self._type()) if wanted["type"] == "float32" else value)
            else:
                # Labels are a latent variable of the decoder.
                missing = "labels" if wanted["name"] == "y" else wanted["name"]
                raise VariaError(f"the model needs {missing}, which were not given")
        outputs = self.get_submodule(name)(*inputs)
        return {output["name"]: value for output, value in zip(script["outputs"], outputs)}


def _tensor(values: Values, what: str, type: torch.dtype, *, may_miss: bool) -> torch.Tensor:
    """A tensor of any numbers. What a mask hides is NaN if it `may_miss`, and else an error."""
    if isinstance(values, torch.Tensor):
        return values.to(type)
    # Copied, and of a type that PyTorch has: it warns of arrays that cannot be written.
    known = numbers(values, what, type=np.float32 if type == torch.float32 else np.float64,
                    masked="" if may_miss else "expected all of them")
    return torch.from_numpy(np.array(known)).to(type)


def _whole(value: int, what: str, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise VariaError(f"{what}: expected a whole number, found {value!r}") from None
    if number < least:
        raise VariaError(f"{what}: expected at least {least}, found {number}")
    return number


def _batch(given: Mapping[str, torch.Tensor]) -> int:
    """How many samples these are of; 0 if that is not known."""
    return next((len(value) for value in given.values() if value.dim()), 0)


def _of_shape(value: torch.Tensor, wanted: Mapping[str, Any], count: int) -> torch.Tensor:
    """The value itself, if it is as the script says."""
    shape = [str(size) for size in wanted["shape"]]
    if len(shape) != value.dim() or any(size != str(found) for size, found in
                                        zip(shape[1:], value.shape[1:])):
        raise VariaError(f"expected {wanted['name']} [{', '.join(shape)}], found {list(value.shape)}")
    if shape[:1] == ["batch"] and len(value) != count:
        raise VariaError(f"expected {wanted['name']} of {count} samples, found {len(value)}")
    return value


def _mean_given(x: torch.Tensor, likelihood: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The mean of p(x | z), given the total of x where the model takes it as given: that of the numbers
    that were observed falls on these by their shares.

    Parameters
    ----------
    x
        [batch, E...], NaN where a number is missing.
    likelihood
        What the decoder gives.
    """
    if "log_share" not in likelihood:
        return likelihood["mean"]
    share, observed = likelihood["log_share"].double(), ~x.isnan()
    # Finite, so that gradients are finite if nothing of a sample was observed.
    log_observed = share.masked_fill(~observed, -1e30).flatten(1).logsumexp(1)
    log_total = x.double().masked_fill(~observed, 0).flatten(1).sum(1).clamp_min(1).log()
    each = (-1, *[1] * (x.dim() - 1))
    mean = (share + (log_total - log_observed).view(each)).exp()
    if "zero_logits" in likelihood:
        mean = mean * (-likelihood["zero_logits"]).sigmoid()
    is_any = observed.flatten(1).any(1).view(each)
    return torch.where(is_any, mean.to(x.dtype), likelihood["mean"])


def _noise(wanted: Mapping[str, Any], count: int, generator: torch.Generator | None,
           device: torch.device) -> torch.Tensor:
    shape = [count if size == "batch" else int(size) for size in wanted["shape"]]
    if wanted["noise"] == "normal":
        return torch.randn(shape, generator=generator, device=device)
    if wanted["noise"] == "uniform":  # of the open interval: rand() may be 0
        drawn = torch.rand(shape, generator=generator, device=device)
        return drawn.clamp_min(torch.finfo(drawn.dtype).tiny)
    raise VariaError(f"model.json: noise: expected normal or uniform, found '{wanted['noise']}'")
