"""What `varia compare` says of the settings of a results file, as tables."""
from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from varia.program import ask_json
from varia.trials import Keys, Where, as_list, column_name, flat, groups, typed_like, value_text

if TYPE_CHECKING:
    from varia.results import Results


@dataclass(frozen=True)
class Comparison:
    """Settings side by side, as ``varia compare`` computes them.

    Attributes
    ----------
    table
        One row for each setting and metric, by rank: what tells the setting apart (an axis that is
        called as another column is has ``parameter NAME``), `value` with its
        95% interval from `low` to `high`, `n` (the number of seeds, or of pooled values), `missing`
        values, and the `difference` from the reference with its interval, the number of `pairs`,
        `p`, and `p_holm` (corrected for all comparisons).
    seeds
        The values behind it: one row for each setting, metric and seed.
    keys
        What tells settings apart.
    over, best
        The keys that were pooled, and those of which the best value was chosen.
    metrics
        What was compared.
    units
        Of each metric.
    ranked_by
        The metric that ranks.
    notes
        What a reader should know.
    """

    table: pd.DataFrame
    seeds: pd.DataFrame
    keys: list[str]
    over: list[str]
    best: list[str]
    metrics: list[str]
    units: dict[str, str]
    ranked_by: str
    notes: list[str]

    def __repr__(self) -> str:
        return "\n".join([self.table.to_string(index=False), *self._remarks()])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<p>{html.escape(line)}</p>" for line in self._remarks())
        return self.table.to_html(index=False, max_rows=50, na_rep="") + remarks

    def _remarks(self) -> list[str]:
        pooled = f"; each value is a mean over {', '.join(self.over)}" if self.over else ""
        return [f"ranked by {self.ranked_by}{pooled}", *self.notes]


#: Values in the program's JSON as values of the file's column of that name.
Typed = Callable[[str, Iterable[Any]], pd.Series]


def compare(results: Results, *metrics: Keys, by: Keys = (), over: Keys = (), best: Keys = (),
            against: Mapping[str, Any] | str | int | None = None, order: Keys = ()) -> Comparison:
    """Which setting is best, and how certain that is: what ``varia compare`` computes.

    It calls the program, which VARIA_PROGRAM or PATH must lead to.

    Parameters
    ----------
    metrics
        One metric, or two with their Pareto front, also as a list; by default the ELBO, else the loss.
    by
        Keys that tell settings apart; by default all that is swept.
    over
        Keys that are averaged over.
    best
        Keys of which each setting's best value is chosen, on the validation split.
    against
        What settings are compared with: a trial's setting, or ``{"loss.beta": 1}``; by default the
        first.
    order
        ``higher`` or ``lower``, one for each metric; by default as the metric declares.

    Raises
    ------
    VariaError
        In the program's words; also if trials of one setting differ in a key that is not named.
    """
    arguments = ["compare", os.path.abspath(results.path), "--json", "--all"]
    named = {"--metric": flat(metrics), "--by": by, "--over": over, "--best": best, "--order": order}
    for option, values in named.items():
        for value in as_list(values):
            arguments += [option, str(value)]
    if isinstance(against, Mapping):
        for key, value in against.items():
            arguments += ["--against", f"{key}={value_text(value)}"]
    elif against is not None:
        arguments += ["--against", str(against)]
    found = ask_json(*arguments)

    def typed(key: str, values: Iterable[Any]) -> pd.Series:
        return typed_like(results._trials.column(key), values)

    keys, pooled, chosen = ([_column(key) for key in found[kind]]
                            for kind in ("keys", "over", "best"))
    return Comparison(table=_table(found, typed), seeds=_seeds(found, typed), keys=keys,
                      over=pooled, best=chosen,
                      metrics=[metric["name"] for metric in found["metrics"]],
                      units={metric["name"]: metric["units"] for metric in found["metrics"]},
                      ranked_by=found["ranked_by"], notes=found["notes"])


#: Columns that follow what tells a setting apart.
_ESTIMATE = ["metric", "value", "low", "high", "estimate", "n", "missing", "difference", "difference_low",
             "difference_high", "pairs", "p", "p_holm", "front"]

#: Columns that the tables of every file have.
_COLUMNS = {"rank", "class", *_ESTIMATE, "replicate", "seed"}


def _table(found: Any, typed: Typed) -> pd.DataFrame:
    rows = []
    for setting in found["settings"]:
        for estimate in setting["estimates"]:
            low, high = estimate["interval"] or (None, None)
            difference = estimate["difference"] or {}
            below, above = difference.get("interval") or (None, None)
            rows.append({
                "rank": setting["rank"], "class": found["classes"][setting["class"]],
                **_named({**setting["setting"], **setting["best"]}),
                "metric": estimate["metric"], "value": estimate["value"], "low": low, "high": high,
                "estimate": estimate["estimate"], "n": estimate["n"],
                "missing": sum(estimate["missing_values"].values()),
                "difference": difference.get("value"), "difference_low": below,
                "difference_high": above, "pairs": difference.get("pairs"),
                "p": difference.get("p"), "p_holm": difference.get("p_holm"),
                "front": setting["front"]})
    keys = [_column(key) for key in (*found["keys"], *found["best"])]
    table = pd.DataFrame(rows, columns=["rank", "class", *keys, *_ESTIMATE])
    for name in ("value", "low", "high", "difference", "difference_low", "difference_high", "p",
                 "p_holm"):
        table[name] = table[name].astype(np.float64)
    for name in ("rank", "pairs"):
        table[name] = table[name].astype("Int64")
    _set_types(table, [*found["keys"], *found["best"]], typed)
    unused = [name for name, is_used in (("class", len(found["classes"]) > 1),
                                         ("front", len(found["metrics"]) > 1)) if not is_used]
    return table.drop(columns=unused)


def _seeds(found: Any, typed: Typed) -> pd.DataFrame:
    rows = [{**_named({**setting["setting"], **setting["best"], **seed.get("pooled", {})}),
             "metric": estimate["metric"], "replicate": seed["replicate"], "seed": seed["seed"],
             "value": seed["value"]}
            for setting in found["settings"] for estimate in setting["estimates"]
            for seed in estimate["seeds"]]
    keys = [_column(key) for key in (*found["keys"], *found["best"], *found["over"])]
    table = pd.DataFrame(rows, columns=[*keys, "metric", "replicate", "seed", "value"])
    if not table.empty:
        table["value"] = table["value"].astype(np.float64)
        _set_types(table, [*found["keys"], *found["best"], *found["over"]], typed)
    return table


def _column(key: str) -> str:
    """The column of a key, as the CSV of `varia compare` names it: an axis may be called as another
    column is.

    >>> _column("loss.beta"), _column("value")
    ('loss.beta', 'parameter value')
    """
    return column_name(key, _COLUMNS)


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_column(key): value for key, value in values.items()}


def _set_types(table: pd.DataFrame, keys: Iterable[str], typed: Typed) -> None:
    for key in keys:
        column = _column(key)
        if column in table:
            missing = table[column].isna()
            table[column] = typed(key, table[column].astype(object).mask(missing, "")).to_numpy()


def correlation(results: Results, x: str, y: str, *, over: Keys = (),
                where: Where | None = None) -> pd.DataFrame:
    """The correlation of two metrics over trials.

    Parameters
    ----------
    x, y
        Such as ``test/elbo`` and ``test/nll``.
    over
        Keys whose values are taken together. Without them: over the seeds of each setting.
    where
        A choice of trials.

    Returns
    -------
    pandas.DataFrame
        One row for each setting: `n` trials, Pearson's and Spearman's coefficient; NaN below three
        trials.
    """
    trials = results._trials
    for key in as_list(over):
        trials.column(key)
    keys = [key for key in trials.differing(np.flatnonzero(trials.chosen(where)))
            if key not in as_list(over)]
    values = results.final(*dict.fromkeys((x, y)), where=where)
    for key in keys:
        values[key] = trials.column(key)
    return correlations(values, x, y, keys)


def correlations(values: pd.DataFrame, x: str, y: str, keys: list[str]) -> pd.DataFrame:
    """Correlations of two metrics over the trials of each setting.

    Parameters
    ----------
    values
        [trial] with the columns `keys`, `x` and `y`.
    keys
        What tells settings apart; none: all trials together.

    Returns
    -------
    pandas.DataFrame
        One row for each setting: `n` trials, Pearson's and Spearman's coefficient; NaN below three
        trials.

    >>> table = pd.DataFrame({"a": [1, 1, 1], "x": [1.0, 2.0, 3.0], "y": [1.0, 8.0, 27.0]})
    >>> correlations(table, "x", "y", ["a"]).round(3)
       a  n  pearson  spearman
    0  1  3    0.966       1.0
    """
    values = values.dropna(subset=[x, y])
    columns = [column_name(key, ("n", "pearson", "spearman")) for key in keys]
    rows = []
    for setting, group in groups(values, keys):
        enough = len(group) >= 3
        rows.append({**dict(zip(columns, setting)), "n": len(group),
                     "pearson": group[x].corr(group[y]) if enough else np.nan,
                     "spearman": group[x].rank().corr(group[y].rank()) if enough else np.nan})
    return pd.DataFrame(rows, columns=[*columns, "n", "pearson", "spearman"])
