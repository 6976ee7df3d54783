"""The data set `table` against pandas and Python's csv module, which read the same files."""
import csv
import gzip
import io
import os
import random
import re
import tempfile
import unittest

import numpy as np
import pandas as pd
from samples import array, load, same

MISSING = {"", "NA", "NaN", "nan"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SPACED = re.compile(r'(?:^|[,;\t\r\n ])" | "(?:[,;\t\r\n]|$)')  # quotes with a space at an end
MUTATIONS = int(os.environ.get("VARIA_MUTATIONS", "600"))


def example(rows, seed):
    """Columns as people have them: numbers of all sizes, text that needs quotes, missing cells."""
    draw = np.random.default_rng(seed)
    text = np.array(["red", 'dark "red"', "blue, light", "two\nlines", "grün"])
    frame = pd.DataFrame({
        "age": draw.integers(0, 90, rows),
        "mass": draw.normal(70, 15, rows),
        "tiny": draw.normal(0, 1e-20, rows),
        "huge": draw.normal(0, 1e30, rows),
        "colour": text[draw.integers(0, len(text), rows)],
        "smoker": draw.choice(["yes", "no"], rows),
        "kind": draw.choice(["cat", "dog", "emu"], rows)})
    for column in ("age", "mass", "colour"):
        frame.loc[draw.random(rows) < 0.2, column] = None
    return frame


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="varia_table_")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def check_frame(self, found, frame, label=None):
        """What was loaded is what pandas has, column by column."""
        values = array(found["train"]["values"])
        place = 0
        numbers = [c for c in frame if frame[c].dtype != object and c != label]
        for column in numbers:
            self.assertEqual(found["features"][place], column)
            self.assertTrue(same(values[:, place], frame[column]), column)
            place += 1
        for column in frame:
            if column in numbers or column == label:
                continue
            hot = pd.get_dummies(frame[column])
            expected = hot.to_numpy(np.float32)
            expected[frame[column].isna()] = np.nan
            self.assertEqual(found["features"][place:place + len(hot.columns)],
                             [f"{column}={category}" for category in hot.columns])
            self.assertTrue(same(values[:, place:place + len(hot.columns)], expected), column)
            place += len(hot.columns)
        self.assertEqual(place, values.shape[1])
        if label:
            codes, classes = pd.factorize(frame[label], sort=True)
            self.assertEqual(found["train"]["labels"], codes.tolist())
            self.assertEqual(found["classes"], [str(name) for name in classes])

    def test_a_file_is_read_to_the_numbers_that_pandas_reads(self):
        frame = example(500, seed=1)
        frame.to_csv(self.path("a.csv"), index=False)
        frame.to_csv(self.path("b.tsv"), index=False, sep="\t", na_rep="NA")
        frame.to_csv(self.path("c.csv.gz"), index=False, lineterminator="\r\n",
                     quoting=csv.QUOTE_ALL)
        frame.to_csv(self.path("d.csv"), sep=";")  # with the index, a column without a name
        options = [{"file": self.path("a.csv")}, {"file": self.path("b.tsv")},
                   {"file": self.path("c.csv.gz")},
                   {"file": self.path("d.csv"), "separator": "semicolon"}]
        read = pd.read_csv(self.path("a.csv"), float_precision="round_trip")
        for found in load("table", [{"use": "table", "label": "kind", **option} for option in options]):
            self.assertNotIn("error", found)
            self.assertEqual(found["likelihood"], "mixed")
            self.check_frame(found, read, label="kind")

    def test_standardised_numbers_are_those_of_numpy(self):
        frame = example(400, seed=2)[["age", "mass", "tiny"]]
        frame.to_csv(self.path("a.csv"), index=False)
        data = {"use": "table", "file": self.path("a.csv"), "test": 0.25, "validation": 0.2}
        raw, zscore, minmax = load("table",
            [{**data, "standardise": how} for how in ("none", "zscore", "minmax")])
        self.assertEqual((raw["likelihood"], minmax["likelihood"]), ("gaussian", "bernoulli"))
        train = array(raw["train"]["values"]).astype(np.float64)
        mean, deviation = np.nanmean(train, 0), np.nanstd(train, 0)
        least, most = np.nanmin(train, 0), np.nanmax(train, 0)
        for split in ("train", "validation", "test"):
            before = array(raw[split]["values"]).astype(np.float64)
            np.testing.assert_allclose(array(zscore[split]["values"]), (before - mean) / deviation,
                                       rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(array(minmax[split]["values"]),
                                       np.clip((before - least) / (most - least), 0, 1),
                                       rtol=1e-6, atol=1e-7)

    def test_covariates_are_those_of_pandas_standardised_by_the_training_split(self):
        frame = example(50, seed=3)
        frame.to_csv(self.path("a.csv"), index=False)
        found, = load("table", [{"use": "table", "file": self.path("a.csv"), "columns": ["huge"],
                        "covariates": ["smoker", "tiny"], "test": 0.2}])
        self.assertEqual(found["covariates"], ["smoker=no", "smoker=yes", "tiny"])
        train = array(found["train"]["values"])[:, 0]
        rows = {split: [np.flatnonzero(frame.huge.astype(np.float32) == huge)[0]
                        for huge in array(found[split]["values"])[:, 0]]
                for split in ("train", "test")}
        tiny = frame.tiny[rows["train"]]
        for split, chosen in rows.items():
            part = frame.iloc[chosen]
            expected = np.column_stack([part.smoker == "no", part.smoker == "yes",
                                        (part.tiny - tiny.mean()) / tiny.std(ddof=0)])
            np.testing.assert_allclose(array(found[split]["covariates"]), expected, rtol=1e-5,
                                       atol=1e-6)
        self.assertEqual(found["features"], ["huge"])

    def test_a_changed_file_is_an_error_or_read_as_the_csv_module_reads_it(self):
        chance = random.Random(4)
        originals = [example(12, seed).to_csv(index=False).encode() for seed in range(4)]
        originals.append(b"a,b\r\n1,2\r\n3,4\r\n\r\n5,NA\r\n")
        originals.append(b'x,"y, z"\n"1","a"\n 2 , b\n3,"c""d"\n')
        pieces = [b",", b'"', b"\n", b"\r\n", b"\r", b"", b"-", b".", b"e5", b"NA", b"nan", b"x", b'""',
                  b"\0", b",,", b"1e400", b"\xff", b"\n\n", *[b"0", b"7", b" ", b",", b"2,", b",NA"] * 4]
        files = []
        for number in range(MUTATIONS):
            content = bytearray(chance.choice(originals))
            for _ in range(chance.choice([0, 1, 1, 1, 2, 5])):
                begin = chance.randrange(len(content) + 1)
                end = min(len(content), begin + chance.choice([0, 0, 1, 1, 2, 20]))
                content[begin:end] = chance.choice(pieces)
            if chance.random() < 0.1:
                del content[chance.randrange(len(content) + 1):]
            files.append((self.write(f"{number}.csv", bytes(content)), bytes(content)))
        compared = 0
        for (path, content), found in zip(files, load(
                "table", [{"use": "table", "file": path} for path, _ in files])):
            with self.subTest(content):
                if "error" in found:
                    self.assertIn(path, found["error"])
                    continue
                compared += self.check_cells(content, found)
        self.assertGreater(compared, MUTATIONS // 5)

    def check_cells(self, content, found):
        """@returns whether Python's csv module could read it as well"""
        rows = python_rows(content, ",")
        if rows is None:
            return False
        header, rows = rows[0], rows[1:]
        self.assertEqual({len(row) for row in rows}, {len(header)})
        values = array(found["train"]["values"])
        self.assertEqual(len(values), len(rows))
        place, seen = 0, set()
        while place < len(found["features"]):
            feature = found["features"][place]
            if feature.strip() in header:  # a number
                column = header.index(feature.strip())
                cells = [row[column] for row in rows]
                expected = [np.nan if cell in MISSING else float(cell) for cell in cells]
                self.assertTrue(same(values[:, place], expected), feature)
                place += 1
            else:
                names = {feature[:place].strip(" ") for place, letter in enumerate(feature)
                         if letter == "="}
                column = next(i for i, name in enumerate(header)
                              if i not in seen and name and name in names)
                cells = [row[column] for row in rows]
                categories = sorted({cell for cell in cells if cell not in MISSING},
                                    key=lambda cell: cell.encode())
                self.assertFalse(categories and all(map(NUMBER.fullmatch, categories)), cells)
                names = found["features"][place:place + len(categories)]
                self.assertEqual([name.replace(" ", "") for name in names],
                                 [f"{header[column]}={category}".replace(" ", "")
                                  for category in categories])
                for row, cell in zip(values[:, place:place + len(categories)], cells):
                    hot = [np.nan if cell in MISSING else float(cell == c) for c in categories]
                    self.assertTrue(same(row, hot), (cell, categories))
                place += len(categories)
            seen.add(column)
        self.assertEqual(seen, {i for i, name in enumerate(header) if name})
        return True

    def test_changed_settings_of_a_changed_file_are_an_error_or_what_they_say(self):
        chance = random.Random(5)
        header = list(example(1, 0).columns)
        settings = [{"label": "kind", "covariates": ["smoker", "tiny"], "ignore": ["huge"]},
                    {"columns": ["mass", "age", "colour"], "categories": ["age"]},
                    {"counts": ["age"], "covariates": ["age2"]},
                    {"label": "smoker", "missing": ["", "0", "cat"]},
                    {"header": False, "label": "7", "ignore": ["5"]}]
        names = [*header, "age2", "7", "1", "no such column", "", "a=b", "=", "x" * 5000, "\u00fc", "'\"\n"]
        sections = []
        for number in range(MUTATIONS):
            given = {key: list(value) if isinstance(value, list) else value
                     for key, value in chance.choice(settings).items()}
            frame = example(12, chance.randrange(4))
            frame["age2"] = range(12)
            separator, ending = chance.choice([(",", ".csv"), ("\t", ".tsv"), (";", ".txt"), (" ", ".amat")])
            if separator in "; ":
                given["separator"] = {";": "semicolon", " ": "blank"}[separator]
            if separator == " ":  # cells are not empty, nor in quotes
                frame = frame.drop(columns="colour").fillna("NA")
                given.pop("columns", None)
            content = bytearray(frame.to_csv(index=False, sep=separator,
                                             header=given.get("header", True)).encode())
            for _ in range(chance.choice([0, 0, 1, 2])):
                begin = chance.randrange(len(content) + 1)
                content[begin:begin + chance.choice([0, 1, 1, 3])] = chance.choice(
                    [separator.encode(), b"7", b"", b'"', b"NA", b"\n", b"cat", b" ", b"\t", b"\xff", b"."])
            for _ in range(chance.choice([0, 0, 1, 2])):
                key = chance.choice([*given, "columns", "ignore", "covariates", "counts", "categories",
                                     "missing", "label"])
                if key in ("header", "separator"):
                    given[key] = {"header": True, "separator": "comma"}[key]
                elif key == "label":
                    given[key] = chance.choice(names)
                else:
                    given[key] = [*given.get(key, [])[:chance.randrange(3)],
                                  *chance.sample(names, chance.randrange(3))]
            path = self.write(f"{number}{ending}", bytes(content))
            if chance.random() < 0.1:
                with gzip.open(path + ".gz", "wb") as file:
                    file.write(content)
                path += ".gz"
            sections.append(({"use": "table", "file": path, **given}, separator, bytes(content)))
        compared = 0
        for (section, separator, content), found in zip(
                sections, load("table", [section for section, *_ in sections])):
            with self.subTest(settings=section, content=content):
                if "error" in found:
                    self.assertGreater(len(found["error"]), 20)
                else:
                    compared += self.check_settings(content, section, separator, found)
        self.assertGreater(compared, MUTATIONS // 5)

    def check_settings(self, content, section, separator, found):
        """@returns whether Python could read it as well"""
        separator = "," if section.get("separator") == "comma" else separator
        rows = python_rows(content, separator)
        if rows is None:
            return False
        names = rows.pop(0) if section.get("header", True) else [
            str(i + 1) for i in range(len(rows[0]))]
        missing = set(section.get("missing", MISSING))
        cells = {name: [None if row[i] in missing else row[i] for row in rows]
                 for i, name in enumerate(names) if name}
        label = section.get("label")
        covariates = section.get("covariates", [])
        taken = {label, *covariates, *section.get("ignore", [])}
        data = section.get("columns") or [name for name in names if name and name not in taken]
        kinds = {name: kind_of(cells[name], name, section) for name in data + covariates}
        data.sort(key=lambda name: ("number", "count", "category").index(kinds[name]))
        features, values = numbers_of(data, cells, kinds)
        self.assertEqual(found["features"], features)
        self.assertTrue(same(array(found["train"]["values"]), values))
        if label:
            classes = in_order(cells[label])
            self.assertEqual(found["classes"], classes)
            self.assertEqual(found["train"]["labels"], [classes.index(cell) for cell in cells[label]])
        if covariates:
            features, values = numbers_of(covariates, cells, kinds)
            self.assertEqual(found["covariates"], features)
            for place, feature in enumerate(features):
                if kinds.get(feature, "category") != "category":
                    column = values[:, place].astype(np.float64)
                    values[:, place] = (column - column.mean()) / column.std()
            np.testing.assert_allclose(array(found["train"]["covariates"]), values, rtol=1e-4, atol=1e-5)
        return True


def python_rows(content, separator):
    """The rows as Python reads them; None if it cannot, or does not tell blanks that are a part of a cell
    from others."""
    try:
        text = content.decode()
        if separator == " ":
            lines = re.split("\r\n|\r|\n", text)
            return None if '"' in text else [
                re.split("[ \t]+", line.strip(" \t")) for line in lines if line.strip(" \t")]
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True,
                               skipinitialspace=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    if separator != "\t" and "\t" in text or SPACED.search(text):
        return None
    rows = [[cell.strip(" ") for cell in row] for row in rows]
    return [row for row in rows if any(row) or len(row) > 1]  # without blank lines


def kind_of(cells, name, section):
    if name in section.get("categories", []):
        return "category"
    if name in section.get("counts", []):
        return "count"
    first = next(cell for cell in cells if cell is not None)
    return "number" if NUMBER.fullmatch(first) else "category"


def in_order(cells):
    names = {cell for cell in cells if cell is not None}
    if all(map(NUMBER.fullmatch, names)):
        return sorted(names, key=lambda cell: (float(cell), cell.encode()))
    return sorted(names, key=lambda cell: cell.encode())


def numbers_of(columns, cells, kinds):
    """@returns names of the numbers, and the numbers [rows, names]"""
    features, numbers = [], []
    for name in columns:
        if kinds[name] != "category":
            features.append(name)
            numbers.append([np.nan if cell is None else float(cell) for cell in cells[name]])
            continue
        for category in in_order(cells[name]):
            features.append(f"{name}={category}")
            numbers.append([np.nan if cell is None else float(cell == category)
                            for cell in cells[name]])
    return features, np.array(numbers, np.float32).T


if __name__ == "__main__":
    unittest.main()
