"""AnnData files as AnnData 0.6, 0.7 and 0.8 to 0.12 lay them out, written with h5py alone."""
import h5py
import numpy as np

TEXT = h5py.string_dtype()


def mark(item, encoding, version="0.2.0"):
    item.attrs["encoding-type"] = encoding
    item.attrs["encoding-version"] = version
    return item


def write_matrix(parent, name, matrix, layout, version):
    """@param layout "dense", "csr" or "csc"; @param matrix a NumPy array"""
    if layout == "dense":
        item = parent.create_dataset(name, data=matrix)
        return mark(item, "array") if version not in ("0.6", "0.7") else item
    lines = matrix if layout == "csr" else matrix.T
    group = parent.create_group(name)
    if version == "0.6":
        group.attrs["h5sparse_format"] = layout
        group.attrs["h5sparse_shape"] = np.array(matrix.shape)
    else:
        mark(group, layout + "_matrix", "0.1.0").attrs["shape"] = np.array(matrix.shape)
    at = [np.flatnonzero(line) for line in lines]
    group["data"] = np.concatenate([line[places] for line, places in zip(lines, at)])
    group["indices"] = np.concatenate(at).astype("i4")
    group["indptr"] = np.cumsum([0] + [len(places) for places in at]).astype("i4")
    return group


def write_records(file, name, index, columns):
    """A data frame before AnnData 0.7."""
    fields = {"index": np.array(index, "S")}
    for column, values in columns.items():
        if isinstance(values, tuple):
            categories, values = values
            file.require_group("uns")[column + "_categories"] = np.array(categories, "S")
            values = np.asarray(values, "i1")
        values = np.asarray(values)
        fields[column] = values.astype("S") if values.dtype.kind in "UO" else values
    records = np.zeros(len(index), [(field, values.dtype) for field, values in fields.items()])
    for field, values in fields.items():
        records[field] = values
    file[name] = records


def write_frame(file, name, index, columns, version):
    """@param columns of a list each: (categories, codes), numbers, booleans, text, or
    numpy.ma.MaskedArray for those that pandas calls nullable"""
    if version == "0.6":
        return write_records(file, name, index, columns)
    group = mark(file.create_group(name), "dataframe", "0.1.0" if version == "0.7" else "0.2.0")
    group.attrs["_index"] = "_index"
    group.attrs["column-order"] = np.array(list(columns), dtype=TEXT)

    def write(parent, name, values):
        values = np.asarray(values)
        is_text = values.dtype.kind in "UO"
        item = parent.create_dataset(name, data=values.astype(object) if is_text else values,
                                     dtype=TEXT if is_text else None)
        return mark(item, "string-array" if is_text else "array") if version != "0.7" else item

    write(group, "_index", index)
    for column, values in columns.items():
        if isinstance(values, tuple):
            categories, codes = values
            codes = np.asarray(codes, "i1")
            if version == "0.7":
                known = write(group.require_group("__categories"), column, categories)
                group[column] = codes
                group[column].attrs["categories"] = known.ref
                continue
            item = mark(group.create_group(column), "categorical")
            item.attrs["ordered"] = False
            write(item, "codes", codes)
            write(item, "categories", categories)
        elif isinstance(values, np.ma.MaskedArray):
            kind = {"b": "boolean", "O": "string-array"}.get(values.dtype.kind, "integer")
            item = mark(group.create_group(column), "nullable-" + kind, "0.1.0")
            write(item, "values", values.data)
            write(item, "mask", np.ma.getmaskarray(values))
        else:
            write(group, column, values)
    return group


def write_h5ad(path, matrix, layers=(), obs=None, layout="csr", version="0.12", raw=None):
    """@param layers (name, matrix, layout) of each"""
    cells, features = matrix.shape
    with h5py.File(path, "w") as file:
        if version not in ("0.6", "0.7"):
            mark(file, "anndata", "0.1.0")
        write_matrix(file, "X", matrix, layout, version)
        write_frame(file, "obs", [f"cell {i}" for i in range(cells)], obs or {}, version)
        write_frame(file, "var", [f"gene {i}" for i in range(features)], {}, version)
        group = mark(file.create_group("layers"), "dict", "0.1.0")
        for name, values, how in layers:
            write_matrix(group, name, values, how, version)
        if raw is not None and version == "0.6":
            write_matrix(file, "raw.X", raw, layout, version)
            write_frame(file, "raw.var", [f"raw gene {i}" for i in range(raw.shape[1])], {}, version)
        elif raw is not None:
            group = mark(file.create_group("raw"), "raw", "0.1.0")
            write_matrix(group, "X", raw, layout, version)
            write_frame(group, "var", [f"raw gene {i}" for i in range(raw.shape[1])], {}, version)
    return path
