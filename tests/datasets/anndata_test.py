"""The data set `anndata` against numbers that h5py, and AnnData itself if it is here, have written."""
import os
import random
import shutil
import tempfile
import unittest

import h5py
import numpy as np
from anndata_files import TEXT, write_h5ad
from hostile_changes import KINDS, change
from hostile_target import Neighbours
from samples import array, load, same

try:
    import anndata
except ImportError:
    anndata = None

MUTATIONS = int(os.environ.get("VARIA_MUTATIONS", "100"))


def counts(cells=40, features=7, seed=1):
    return np.random.default_rng(seed).negative_binomial(1, 0.4, (cells, features)).astype("f4")


def columns(cells):
    draw = np.random.default_rng(2)
    return {"type": (["T", "B", "NK"], draw.integers(0, 3, cells)),
            "batch": draw.choice(["two", "one"], cells),
            "sick": draw.choice([True, False], cells),
            "age": draw.integers(20, 80, cells),
            "score": draw.normal(5, 3, cells)}


def categories(values):
    return sorted(set(values.tolist()))


class AnnData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="varia_anndata_")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def load(self, *options):
        return load("anndata", [{"use": "anndata", **option} for option in options])

    def refused(self, expected, **options):
        found, = self.load({"file": self.path("a.h5ad"), **options})
        self.assertIn(expected, found.get("error", str(found)[:500]))
        self.assertNotIn("\n", found["error"])

    def test_every_layout_and_number_type_gives_the_numbers_of_the_matrix(self):
        matrix = counts()
        files = []
        for version in ("0.6", "0.7", "0.12"):
            for layout in ("dense", "csr", "csc"):
                for type in ("f4", "f8", "f2", "i1", "i8", "u1", "u8", ">i4", ">f8"):
                    files.append(write_h5ad(self.path(f"{version}{layout}{type}.h5ad"),
                                            matrix.astype(type), layout=layout, version=version))
        for path, found in zip(files, self.load(*[{"file": path} for path in files])):
            self.assertNotIn("error", found, path)
            self.assertTrue(same(array(found["train"]["values"]), matrix), path)
            self.assertEqual(found["features"], [f"gene {i}" for i in range(7)])
            self.assertEqual(found["train"]["names"], [f"cell {i}" for i in range(40)])
            self.assertEqual(found["likelihood"], "negative_binomial", path)

    def test_layers_raw_and_numbers_that_are_not_counts(self):
        matrix, raw = counts(), counts(features=9, seed=3)
        for layout, version in (("dense", "0.6"), ("csr", "0.7"), ("csc", "0.12")):
            path = write_h5ad(self.path(layout + ".h5ad"), np.log1p(matrix) - 0.25, layout=layout,
                              version=version,
                              layers=[("counts", matrix, layout), ("scaled", -matrix, "dense")],
                              raw=raw)
            real, layer, scaled, rest = self.load(*[
                {"file": path, **option} for option in
                ({}, {"layer": "counts"}, {"layer": "scaled"}, {"layer": "raw", "limit": 5})])
            self.assertTrue(same(array(real["train"]["values"]), np.log1p(matrix) - 0.25))
            self.assertTrue(same(array(layer["train"]["values"]), matrix))
            self.assertTrue(same(array(scaled["train"]["values"]), -matrix))
            self.assertTrue(same(array(rest["train"]["values"]), raw[:5]))
            self.assertEqual(rest["features"], [f"raw gene {i}" for i in range(9)])
            self.assertEqual([found["likelihood"] for found in (real, layer, scaled, rest)],
                             ["gaussian", "negative_binomial", "gaussian", "negative_binomial"])

    def test_splits_have_the_rows_of_their_names(self):
        matrix = counts(200)
        for layout in ("dense", "csr", "csc"):
            for type in ("f4", "f8"):  # of which dense f4 is mapped
                path = write_h5ad(self.path("a.h5ad"), matrix.astype(type), layout=layout,
                                  obs={"type": columns(200)["type"]})
                found, = self.load({"file": path, "test": 0.3, "limit": 50, "validation": 0.2,
                                    "label": "type"})
                seen = []
                for split, size in (("train", 40), ("validation", 10), ("test", 50)):
                    rows = [int(name.split()[1]) for name in found[split]["names"]]
                    seen += rows
                    self.assertEqual(len(rows), size)
                    self.assertTrue(same(array(found[split]["values"]), matrix[rows]))
                    self.assertEqual(found[split]["labels"],
                                     columns(200)["type"][1][rows].tolist())
                self.assertEqual(len(set(seen)), 100)

    def test_columns_of_obs_are_labels_and_covariates(self):
        obs = columns(40)
        for version in ("0.6", "0.7", "0.8"):
            path = write_h5ad(self.path("a.h5ad"), counts(), obs=obs, version=version)
            found, text, numbers = self.load(
                {"file": path, "label": "type", "test": 0.25,
                 "covariates": ["batch", "age", "sick", "type", "score"]},
                {"file": path, "label": "batch"}, {"file": path, "label": "age"})
            self.assertEqual(found["classes"], ["T", "B", "NK"])
            self.assertEqual(found["covariates"], ["batch=one", "batch=two", "age", "sick=False",
                                                   "sick=True", "type=T", "type=B", "type=NK",
                                                   "score"])
            rows = {split: [int(name.split()[1]) for name in found[split]["names"]]
                    for split in ("train", "test")}
            for split in rows:
                at = rows[split]
                zscore = [(np.asarray(obs[name], "f8") - np.mean(obs[name][rows["train"]]))
                          / np.std(obs[name][rows["train"]]) for name in ("age", "score")]
                expected = np.column_stack(
                    [obs["batch"] == "one", obs["batch"] == "two", zscore[0], ~obs["sick"],
                     obs["sick"], *[obs["type"][1] == code for code in range(3)], zscore[1]])[at]
                np.testing.assert_allclose(array(found[split]["covariates"]), expected, atol=1e-6)
                self.assertEqual(found[split]["labels"], obs["type"][1][at].tolist())
            self.assertEqual(text["classes"], ["one", "two"])
            self.assertEqual(text["train"]["labels"], (obs["batch"] == "two").astype(int).tolist())
            ages = categories(obs["age"])
            self.assertEqual(numbers["classes"], [str(age) for age in ages])
            self.assertEqual(numbers["train"]["labels"], [ages.index(age) for age in obs["age"]])

    def test_nullable_columns_and_missing_entries(self):
        missing = np.zeros(40, bool)
        missing[7] = True
        obs = {"age": np.ma.array(np.arange(40), mask=missing),
               "all": np.ma.array(np.arange(40), mask=False),
               "flag": np.ma.array(np.arange(40) % 2 == 0, mask=False),
               "text": np.ma.array(np.array(["a", "b"] * 20, dtype=object), mask=False),
               "score": np.where(missing, np.nan, 1.5),
               "type": (["T", "B"], np.where(missing, -1, 1))}
        write_h5ad(self.path("a.h5ad"), counts(), obs=obs)
        found, = self.load({"file": self.path("a.h5ad"), "label": "text",
                            "covariates": ["flag", "all"]})
        self.assertEqual(found["train"]["labels"], [0, 1] * 20)
        self.assertEqual(found["covariates"], ["flag=False", "flag=True", "all"])
        for name in ("age", "score", "type"):
            self.refused(f"obs: column '{name}': row 7 has no entry", covariates=[name])
        self.refused("obs: column 'type': row 7 has no entry", label="type")

    def test_indices_may_be_unsorted_and_occur_twice(self):
        write_h5ad(self.path("a.h5ad"), counts(2, 4))
        with h5py.File(self.path("a.h5ad"), "a") as file:
            for name, values in (("data", [1, 2, 3, 4]), ("indices", [3, 1, 3, 0]),
                                 ("indptr", [0, 3, 4])):
                del file["X"][name]
                file["X"][name] = np.array(values)
        found, = self.load({"file": self.path("a.h5ad")})
        self.assertEqual(found["train"]["values"], [[0, 2, 0, 4], [4, 0, 0, 0]])

    def test_what_was_not_observed_is_missing_if_that_is_said(self):
        matrix = counts()
        matrix[3, 2] = np.nan
        for layout in ("dense", "csr"):
            write_h5ad(self.path("a.h5ad"), matrix, layout=layout)
            self.refused("a.h5ad: X: row 3 holds NaN", domain="count")
            found, = self.load({"file": self.path("a.h5ad"), "missing": "nan"})
            self.assertTrue(same(array(found["train"]["values"]), matrix))

    def test_what_is_wrong_is_one_line(self):
        half = counts() + 0.5
        write_h5ad(self.path("a.h5ad"), half, obs={**columns(40), "one": np.ones(40)},
                   layers=[("counts", counts(), "csr"), ("log", half, "dense")])
        self.refused("a.h5ad: X: row 0 holds ", domain="count")
        self.refused(".5; expected counts, whole numbers from 0 to 16777215. Layers that begin with "
                     "counts: counts (set 'layer').", domain="count")
        self.refused("has no layer 'count'. Did you mean 'counts'?", layer="count")
        self.refused("obs has no column 'tpye'. Did you mean 'type'?", label="tpye")
        self.refused("covariates: column 'age' is named twice.", covariates=["age", "age"])
        self.refused("covariate 'one' has the one value 1 in the training split", covariates=["one"])
        self.refused("a.h5ad: obs: column 'score': expected labels that are whole numbers",
                     label="score")
        for what, expected in (
                (lambda file: file["X/indptr"].__setitem__(5, 9999), "X: is damaged: indptr does not"),
                (lambda file: file["X/indices"].__setitem__(3, -1), "X: is damaged: there is an index"),
                (lambda file: file["X/indices"].__setitem__(3, 7), "X: is damaged: there is an index"),
                (lambda file: file["X"].attrs.__setitem__("shape", [40, 2**40]), "X: has 40 cells of"),
                (lambda file: file["X"].attrs.__setitem__("shape", [39, 7]),
                 "X: is damaged: data, indices and indptr"),
                (lambda file: file["X"].attrs.__setitem__("encoding-type", "coo"),
                 "X: is of another encoding than expected: array, csr_matrix or csc_matrix"),
                (lambda file: file["obs/type/codes"].__setitem__(3, 5),
                 "obs: column 'type' is damaged: it has the category 5 among 3."),
                (lambda file: file["obs"].pop("type"), "obs has no column 'type'"),
                (lambda file: file.pop("obs"), "is not an AnnData file: it has no 'obs'"),
                (lambda file: file.pop("var"), "is not an AnnData file: it has no 'var'"),
                (lambda file: file.pop("X"), "has no layer 'X'. Known: counts, log.")):
            with self.subTest(expected):
                shutil.copy(self.path("a.h5ad"), self.path("good.h5ad"))
                with h5py.File(self.path("a.h5ad"), "a") as file:
                    what(file)
                self.refused(expected, label="type")
                shutil.move(self.path("good.h5ad"), self.path("a.h5ad"))
        with h5py.File(self.path("a.h5ad"), "a") as file:
            del file["obs"]
            file["obs"] = np.zeros(40)
        self.refused("a.h5ad: obs: expected a data frame, found an array without columns.")

    def test_a_chunk_that_is_stored_unpacked_and_too_short_is_refused(self):
        write_h5ad(self.path("a.h5ad"), counts(), layout="dense")
        for filters in ({}, {"compression": "gzip"}, {"shuffle": True, "fletcher32": True}):
            with h5py.File(self.path("a.h5ad"), "a") as file:
                del file["X"]
                made = file.create_dataset("X", (40, 7), "f4", chunks=(40, 7), **filters)
                made.id.write_direct_chunk((0, 0), bytes(40 * 7 * 4 - 4), filter_mask=3)
            self.refused("a.h5ad: X: was never written")

    def test_names_that_are_all_one_long_text_are_refused(self):
        write_h5ad(self.path("a.h5ad"), counts(2000))
        with h5py.File(self.path("a.h5ad"), "a") as file:
            del file["obs/_index"]
            file["obs"].create_dataset("_index", data=["x" * 2**20] + ["y"] * 1999, dtype=TEXT)
            begin = file["obs/_index"].id.get_offset()
        with open(self.path("a.h5ad"), "r+b") as file:
            file.seek(begin)
            text = file.read(16)  # where it stands in the file
            file.seek(begin)
            file.write(text * 2000)
        self.refused("a.h5ad: /obs/_index: it has more than 1 GiB of text.")

    def test_a_changed_file_is_an_error_or_read_as_h5py_reads_it(self):
        outside = self.path("outside")
        os.mkdir(outside)
        neighbours = Neighbours(outside, "marker-of-a-file-that-nobody-named")
        matrix, files = counts(), []
        for number in range(MUTATIONS):
            layout = random.Random(number).choice(["dense", "csr", "csc"])
            path = write_h5ad(self.path(f"{number}.h5ad"), matrix, layout=layout, obs=columns(40),
                              version=("0.6", "0.7", "0.12")[number // len(KINDS) % 3])
            files.append((path, change(path, number, neighbours)))
        read = 0
        sections = [{"file": path, "label": "type", "covariates": ["batch"]} for path, _ in files]
        for (path, what), found in zip(files, self.load(*sections)):
            with self.subTest(path=path, what=what):
                self.assertNotIn("marker", str(found))
                if "error" not in found and not self.is_short(path):
                    read += 1
                    self.check_as_h5py(path, found)
        self.assertGreater(read, MUTATIONS // 10)

    @staticmethod
    def is_short(path):
        """True for n-bit chunks, which HDF5 unpacks to what lies behind them if they are too short."""
        with h5py.File(path) as file:
            items = [file["X"]] if isinstance(file["X"], h5py.Dataset) else list(file["X"].values())
            plans = [item.id.get_create_plist() for item in items]
            return any(plan.get_filter(place)[0] == h5py.h5z.FILTER_NBIT for plan in plans
                       for place in range(plan.get_nfilters()))

    def check_as_h5py(self, path, found):
        with h5py.File(path) as file:
            item = file["X"]
            if isinstance(item, h5py.Group):
                is_old = "encoding-type" not in item.attrs
                shape = tuple(item.attrs["h5sparse_shape" if is_old else "shape"])
                by_rows = "csr" in item.attrs["h5sparse_format" if is_old else "encoding-type"]
                expected = np.zeros(shape)
                lines = expected if by_rows else expected.T
                begins = item["indptr"][()].astype(int)
                for line, begin, end in zip(lines, begins, begins[1:]):
                    np.add.at(line, item["indices"][begin:end].astype(int), item["data"][begin:end])
            else:
                expected = item[()]
            self.assertTrue(same(array(found["train"]["values"]), expected))
            obs = file["obs"]
            codes = obs["type"]
            codes = codes["codes"] if isinstance(codes, h5py.Group) else codes
            self.assertEqual(found["train"]["labels"], np.asarray(codes[()]).astype(int).tolist())
            text = [entry.decode(errors="replace") for entry in np.asarray(obs["batch"][()])]
            expected = [[entry == name.removeprefix("batch=") for name in found["covariates"]]
                        for entry in text]
            self.assertTrue(same(array(found["train"]["covariates"]), expected))

    @unittest.skipIf(anndata is None, "AnnData is not on this machine")
    def test_files_of_anndata_are_read_to_its_own_numbers(self):
        import pandas
        import scipy.sparse
        matrix, obs = counts(), columns(40)
        frame = pandas.DataFrame({**obs, "type": pandas.Categorical.from_codes(
            obs["type"][1], obs["type"][0])}, index=[f"cell {i}" for i in range(40)])
        if not anndata.__version__.startswith("0.7."):  # which does not write them
            frame["level"] = pandas.array([1, 2] * 20, dtype="Int64")
        for kind in (np.asarray, scipy.sparse.csr_matrix, scipy.sparse.csc_matrix):
            made = anndata.AnnData(kind(matrix), obs=frame.copy())
            made.layers["half"] = kind(matrix / 2)
            made.raw = made
            for compression in (None, "gzip"):
                made.write_h5ad(self.path("a.h5ad"), compression=compression)
                again = anndata.read_h5ad(self.path("a.h5ad"))
                for layer, expected in (("X", again.X), ("half", again.layers["half"]),
                                        ("raw", again.raw.X)):
                    found, = self.load({"file": self.path("a.h5ad"), "layer": layer, "label": "type",
                                        "covariates": ["batch", "sick", *frame.columns[5:]]})
                    self.assertNotIn("error", found)
                    dense = expected if isinstance(expected, np.ndarray) else expected.toarray()
                    self.assertTrue(same(array(found["train"]["values"]), dense))
                    self.assertEqual(found["train"]["labels"],
                                     again.obs["type"].cat.codes.tolist())
                    self.assertEqual(found["classes"], again.obs["type"].cat.categories.tolist())
                    self.assertEqual(found["features"], again.var_names.tolist())
                    self.assertEqual(found["train"]["names"], again.obs_names.tolist())
                    hot = pandas.get_dummies(again.obs["batch"]).to_numpy("f4")
                    self.assertTrue(same(array(found["train"]["covariates"])[:, :2], hot))


if __name__ == "__main__":
    unittest.main()
