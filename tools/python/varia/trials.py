"""The trials of a results file as tables: what was swept, what is known of each, which are chosen."""
from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from varia.errors import VariaError, unknown_name
from varia.layout import ResultsFile

#: A choice of trials: {"loss.beta": 4, "model.latent": [2, 10]}.
Where = Mapping[str, Any]
#: One dotted key or several.
Keys = str | Iterable[str]

#: Fields that tell how a trial went. The others tell what trained it.
STATE_FIELDS = ["replicate", "seed", "status", "error", "epochs_done", "target_epochs",
                "stopped_early", "best_epoch", "total_seconds", "tags"]

#: Fields that every file has, and the kind of their values.
REQUIRED_FIELDS = {"replicate": "integer", "status": "text", "epochs_done": "integer",
                   "total_seconds": "number"}

#: What a trial of a file can be.
STATUSES = ["done", "failed", "partial"]

#: Keys that say how a trial is run, and never what it is.
HOW_IT_IS_RUN = ["train.device", "train.data_on_device", "train.threads", "train.record_every",
                 "train.keep", "model.from.file"]


def typed_numbers(values: npt.ArrayLike) -> pd.Series:
    """Numbers as an experiment file writes them: whole ones as integers.

    NaN stands for a key that a trial does not have.

    >>> typed_numbers([2.0, 10.0]).tolist()
    [2, 10]
    >>> typed_numbers([0.5, 1.0]).tolist()
    [0.5, 1.0]
    >>> typed_numbers([2.0, float("nan")]).tolist()
    [2, <NA>]
    """
    numbers = np.asarray(values, np.float64)
    known = numbers[~np.isnan(numbers)]
    if not known.size or not np.all((known == np.floor(known)) & (np.abs(known) < 2.0**53)):
        return pd.Series(numbers)
    return pd.Series(numbers).astype("int64" if known.size == numbers.size else "Int64")


def typed_texts(values: Iterable[str]) -> pd.Series:
    """YAML texts, or booleans if all of them are. An empty text stands for a key that a trial does
    not have.

    >>> typed_texts(["true", "false"]).tolist()
    [True, False]
    >>> typed_texts(["[400]", ""]).tolist()
    ['[400]', <NA>]
    """
    texts = pd.Series(list(values), dtype=object)
    missing = texts == ""
    known = set(texts[~missing])
    if known and known <= {"true", "false"}:
        if not missing.any():
            return texts == "true"
        return (texts == "true").astype("boolean").mask(missing)
    return texts.mask(missing, pd.NA) if missing.any() else texts


def list_text(value: Any) -> str:
    """What equal lists have in common, those of Python and those that are written in YAML.

    >>> list_text("[1e1, a b]") == list_text([10, "a b"]), list_text("[16,8]") == list_text([8, 16])
    (True, False)
    """
    text = value if isinstance(value, str) else json.dumps(
        value, default=lambda one: one.tolist() if hasattr(one, "tolist") else str(one),
        ensure_ascii=False)
    parts = re.split(r"([\[\]{},:])", re.sub(r"[\s\"']", "", text))
    return "".join(map(_number_text, parts))


def _number_text(text: str) -> str:
    try:
        return value_text(float(text))
    except ValueError:
        return text


def lists_of(column: pd.Series) -> dict[str, str]:
    """The lists and maps among the texts of a column, by `list_text`."""
    return {list_text(text): text for text in column
            if isinstance(text, str) and text[:1] in ("[", "{")}


def matching(column: pd.Series, wanted: Any, none: str) -> npt.NDArray[np.bool_]:
    """Which values of a column are the one that is wanted, or one of several. Where values are lists, a
    list is one of them, or several. None and NaN are values that are missing.

    Parameters
    ----------
    none
        How the message begins that nothing has a value: "no trial".

    >>> hidden = pd.Series(["[32]", "[16, 8]"], name="hidden")
    >>> [matching(hidden, wanted, "").tolist() for wanted in ([32], [[16, 8]], "[16,8]", [[32], [16, 8]])]
    [[True, False], [False, True], [False, True], [True, True]]
    """
    lists = lists_of(column)
    values = as_list(wanted)
    if isinstance(wanted, (list, tuple, np.ndarray)) and list_text(values) in lists:
        values = [values]
    if not values:
        raise VariaError(f"{column.name}: expected a value or several, found none")
    mask = np.zeros(len(column), bool)
    for value in values:
        name = lists.get(list_text(value), value) if lists else value
        if isinstance(name, (list, tuple, dict, np.ndarray)):
            found = np.zeros(len(column), bool)
        else:
            found = (column.isna() if pd.isna(name) else column.isin([name])).to_numpy(bool)
        if not found.any():
            known = ", ".join(map(repr, column.dropna().unique().tolist()[:20]))
            raise VariaError(f"{none} has {column.name}={value!r}. Known: {known}.")
        mask |= found
    return mask


def typed_like(column: pd.Series, values: Iterable[Any]) -> pd.Series:
    """Texts or JSON that the program has written, as values of a column of the file.

    >>> typed_like(pd.Series([1, 4]), ["4", 1]).tolist()
    [4, 1]
    >>> typed_like(pd.Series(["[a, b]", "[c]"]), [["a", "b"], ""]).tolist()
    ['[a, b]', <NA>]
    """
    # A list is the text of the file that has its items.
    known = lists_of(column)
    texts = [known.get(list_text(value), str(value))
             if isinstance(value, (list, dict)) else value_text(value) for value in values]
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return typed_numbers([float(re.sub(r"\.(?=inf|nan)", "", text)) if text else np.nan for text in texts])
    return typed_texts(texts)


class Trials:
    """The trials of a results file in its order.

    Attributes
    ----------
    ids
        The trials' lasting names.
    swept
        The keys that the experiment sweeps.
    parameters
        Every resolved parameter by its dotted key; the index has the ids.
    fields
        What is known of each trial, likewise.
    """

    def __init__(self, file: ResultsFile) -> None:
        self._path = file.path
        self.ids = [str(id) for id in file.read("trials/id", kind="text")]
        self._rows = {id: row for row, id in enumerate(self.ids)}
        if len(self._rows) < len(self.ids):
            twice = next(id for row, id in enumerate(self.ids) if self._rows[id] != row)
            raise file.damaged("trials/id", f"two trials have the id {twice}")
        index = pd.Index(self.ids, name="id")
        columns = {}
        for key in file.names("parameters"):
            values = file.read(f"parameters/{key}")
            columns[key] = typed_texts(values) if values.dtype == object else typed_numbers(values)
        self.parameters = pd.DataFrame(columns).set_axis(index, axis=0)
        self.swept = [key for key in columns if file.attribute("swept", f"parameters/{key}")]
        names = [name for name in file.names("trials") if name not in ("id", "config", "notes")]
        fields = {name: file.read(f"trials/{name}", kind=REQUIRED_FIELDS.get(name, "value"))
                  for name in dict.fromkeys([*names, *REQUIRED_FIELDS])}
        self.fields = pd.DataFrame(fields, index=index)
        if not self.fields["epochs_done"].between(0, file.epochs).all():
            raise file.damaged("trials/epochs_done", f"expected 0 to {file.epochs} epochs")
        if file.has("trials/notes"):
            self._add_notes([file.json("trials/notes", str(text))
                             for text in file.read("trials/notes", kind="text")])

    def _add_notes(self, notes: Sequence[Mapping[str, Any]]) -> None:
        for key in dict.fromkeys(key for one in notes for key in one):
            column = typed_texts(str(one.get(key, "")) for one in notes)
            self.fields[f"notes.{key}"] = column.to_numpy()

    @property
    def table(self) -> pd.DataFrame:
        """What is swept, then how each trial went."""
        return self.beside_settings(*self._state)

    def beside_settings(self, *fields: str) -> pd.DataFrame:
        """Fields beside what is swept, by the names that swept keys have in every table."""
        taken = {"id", "trial", "epoch", *self._state}
        swept = self.parameters[self.swept].rename(columns=lambda key: column_name(key, taken))
        return pd.concat([swept, self.fields[list(fields)]], axis=1)

    @property
    def _state(self) -> list[str]:
        """The fields of `table`."""
        notes = [name for name in map(str, self.fields) if name.startswith("notes.")]
        return [name for name in STATE_FIELDS if name in self.fields] + notes

    @property
    def provenance(self) -> pd.DataFrame:
        """What trained each trial: the fields that `table` leaves out."""
        return self.fields.drop(columns=self._state)

    def find(self, trial: str | int) -> int:
        """The row of a trial: of its id, the id's beginning, or the row itself."""
        if isinstance(trial, (int, np.integer)):
            if not 0 <= trial < len(self.ids):
                raise VariaError(f"{self._path}: there is no row {trial}; it has "
                                 f"{len(self.ids)} trials, and rows count from 0")
            return int(trial)
        if not isinstance(trial, str):
            raise VariaError(f"{self._path}: expected one trial, its id or its row; found {trial!r}")
        if trial in self._rows:
            return self._rows[trial]
        found = [row for id, row in self._rows.items() if trial and id.startswith(trial)]
        if not found:
            raise unknown_name("trial", trial, self.ids, str(self._path))
        if len(found) > 1:
            raise VariaError(f"{self._path}: '{trial}' begins the ids of {len(found)} trials: "
                             f"{', '.join(self.ids[row] for row in found[:5])}")
        return found[0]

    def column(self, key: str) -> pd.Series:
        """A parameter by its dotted key, or a field such as `replicate`."""
        for table in (self.parameters, self.fields):
            if key in table:
                return table[key]
        raise unknown_name("key", key, [*self.parameters, *self.fields], str(self._path))

    def chosen(self, where: Where | None = None, status: Keys | None = "done") -> npt.NDArray[np.bool_]:
        """Which trials are asked for.

        Parameters
        ----------
        where
            The value, or the list of values, of some keys.
        status
            Of the trials, one or several; None: any.
        """
        mask = np.ones(len(self.ids), bool)
        if status is not None:
            known = [*STATUSES, *self.fields["status"]]
            for one in as_list(status):
                if one not in known:
                    raise unknown_name("status", one, dict.fromkeys(known), str(self._path))
            mask &= self.fields["status"].isin(as_list(status)).to_numpy(bool)
        for key, wanted in (where or {}).items():
            mask &= matching(self.column(key), wanted, f"{self._path}: no trial")
        return mask

    def settings(self, rows: npt.ArrayLike, keys: Sequence[str] | None = None) -> list[str]:
        """What each of some trials is called: "loss.beta=4, model.latent=10".

        Parameters
        ----------
        rows
            Of the trials.
        keys
            What the name has; by default what tells the trials apart.
        """
        rows = np.asarray(rows, int)
        if keys is None:
            keys = self.differing(rows)
        columns = [self.column(key).to_numpy() for key in keys]
        return [setting_name(keys, [values[row] for values in columns]) for row in rows]

    def differing(self, rows: npt.ArrayLike) -> list[str]:
        """The keys that tell some trials apart: what is swept, if they differ in it, and any other
        key in which trials of one setting differ, as trials of an earlier version of the experiment
        do. Keys that only say how a trial is run do not count.
        """
        chosen = self.parameters.iloc[np.asarray(rows, int)]
        swept = [key for key in self.swept if chosen[key].nunique(dropna=False) > 1]
        swept = [key for key in swept
                 if not any(key.startswith(f"{other}.") for other in self.swept)]
        others = [key for key in map(str, chosen) if key not in (*self.swept, *HOW_IT_IS_RUN)
                  and chosen[key].nunique(dropna=False) > 1]
        if swept and others:
            settings = chosen.groupby(swept, dropna=False, sort=False)
            others = [key for key in others if (settings[key].nunique(dropna=False) > 1).any()]
        return swept + others

    def refuse_pooling(self, rows: npt.ArrayLike, named: Iterable[str], how: str) -> None:
        """Trials of several settings are never taken together silently.

        Parameters
        ----------
        rows
            Of the trials that are taken together.
        named
            The keys that the caller has named.
        how
            What the caller can do, for the message.

        Raises
        ------
        VariaError
            The trials differ in a key that is not among those named.
        """
        named = set(named)
        pooled = [key for key in self.differing(rows) if key not in named]
        if pooled:
            raise VariaError(f"{self._path}: the trials differ in {' and '.join(pooled)}, which "
                             f"must be named: {how}")


def groups(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """The rows of a table by the values of some keys, in the order of the table.

    >>> table = pd.DataFrame({"beta": [4, 1, 4], "x": [1, 2, 3]})
    >>> [(values, group.x.tolist()) for values, group in groups(table, ["beta"])]
    [((4,), [1, 3]), ((1,), [2])]
    """
    if not keys or table.empty:
        return [((), table)]
    # By one key alone it gives values, and by a list of one it gives tuples from pandas 2 on.
    if len(keys) == 1:
        found = table.groupby(keys[0], dropna=False, sort=False)
        return [((value,), group) for value, group in found]
    return list(table.groupby(list(keys), dropna=False, sort=False))


def column_name(key: str, taken: Container[str]) -> str:
    """The column of a key, as the CSV of `varia compare` names it: an axis may be called as another
    column is.

    >>> column_name("loss.beta", ["value"]), column_name("value", ["value"])
    ('loss.beta', 'parameter value')
    """
    return f"parameter {key}" if key in taken else key


def setting_name(keys: Iterable[str], values: Iterable[Any]) -> str:
    """What a setting is called; keys that it does not have are left out.

    >>> setting_name(["loss.beta", "model.latent"], [4, pd.NA])
    'loss.beta=4'
    """
    return ", ".join(f"{key}={value_text(value)}" for key, value in zip(keys, values)
                     if not pd.isna(value))


def as_list(value: Any) -> list[Any]:
    """One value or several, as a list.

    >>> as_list("test/elbo"), as_list(("a", "b"))
    (['test/elbo'], ['a', 'b'])
    """
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray, pd.Series, pd.Index)):
        return list(value)
    return [value]


def flat(values: Iterable[Any]) -> list[Any]:
    """Values, some of them in lists, as one list.

    >>> flat(["test/elbo", ["test/kl", "test/nll"]])
    ['test/elbo', 'test/kl', 'test/nll']
    """
    return [one for value in values for one in as_list(value)]


def value_text(value: Any) -> str:
    """A value as an experiment file writes it; numbers in the shortest text that reads back.

    >>> value_text(True), value_text(2), value_text(0.5), value_text("[400]")
    ('true', '2', '0.5', '[400]')
    >>> [value_text(value) for value in (0.0012345678, 4.0, 1e6, 1e-5, float("-inf"))]
    ['0.0012345678', '4', '1000000', '1e-05', '-.inf']
    """
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return re.sub(r"(?=inf|nan)", ".", repr(float(value)).removesuffix(".0"))
    return str(value)
