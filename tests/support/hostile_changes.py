"""Changes to the structure of an HDF5 file, one of each kind that someone may think of who sends it.

`change(path, number, neighbours)` makes the change with that number: the kinds take turns, and what
is random within a kind follows from the number.
"""
import os
import random
import socket

import h5py
import numpy as np
from hostile_target import Target

KINDS = []

TEXTS = ["", "../../x", "a\nb", "\x1b[31mred\x1b[0m", "<script>alert(1)</script>", "x" * 70000,
         "%n%s%s", "'; rm -rf /", "=1+1", "nan", "1e999", "[", "{use: ", "done", "a,b,,c", "/",
         "metrics/test/../../trials/id", "metrics//x", "trials/id", "timing/seconds", "8,99999999",
         "{\"a\": 1}", "extends: {secret}\n", "data: {use: idx, images: {secret}}\n",
         "data: {use: idx, images: {pipe}}\n", "plugins: [{secret}]\n"]
NUMBERS = [-1, 0, 1, 2, 255, 2**31, 2**32 + 1, 2**53, 2**63 - 1, -2**63, 1e308, -1e-308,
           float("nan"), float("inf")]
NAMES = ["a\nb", "..", "a b", "\x1b[31m", "<script>", "%s%n", "x" * 5000, "é", "v\u202ev", "-o", "id",
         b"\xff\xfe", "trial", "x_height", "loss_bound"]
TYPES = ["i1", "i2", ">i4", "i8", "u1", "u8", "f2", "f4", ">f8", "longdouble", "c16", "?", "S5", "S1",
         h5py.string_dtype(), h5py.string_dtype("ascii", 7), "V8", h5py.vlen_dtype("i4"),
         h5py.ref_dtype, h5py.regionref_dtype, h5py.enum_dtype({"a": 1, "b": 2}),
         [("x", "f8"), ("y", "i4")], ("f8", (3,)), h5py.h5t.STD_B8LE, h5py.h5t.UNIX_D32LE]


def kind(function):
    KINDS.append(function)
    return function


def plan():
    return h5py.h5p.create(h5py.h5p.DATASET_CREATE)


@kind
def another_type(t):
    path, type = t.dataset(), t.pick(TYPES)
    shape = t.shape(path)
    if isinstance(type, h5py.h5t.TypeID):
        t.replace(path, lambda name: t.low_level(name, type, shape, plan()))
    else:
        t.replace(path, lambda name: t.file.create_dataset(name, shape, dtype=type))


@kind
def another_rank(t):
    path = t.dataset()
    shape, type = t.shape(path), t.file[path].dtype
    wanted = t.pick([shape + (1,), shape + (3, 2), shape[1:], (1,) + shape, (), (2,) * 32])
    t.replace(path, lambda name: t.file.create_dataset(name, wanted, dtype=type))


@kind
def another_size(t):
    path = t.dataset(lambda item: item.shape)
    shape, type = list(t.shape(path)), t.file[path].dtype
    axis = t.chance.randrange(len(shape)) if shape else 0
    if shape:
        shape[axis] = t.pick([0, max(0, shape[axis] - 1), shape[axis] + 1, shape[axis] * 2 + 100])
    values = np.zeros(shape, type) if type.kind in "iuf" else None
    t.replace(path, lambda name: t.file.create_dataset(name, shape, dtype=type, data=values))


@kind
def a_huge_claim(t):
    path = t.dataset(lambda item: item.shape)
    shape, type = list(t.shape(path)) or [1], t.type(path)
    shape[t.chance.randrange(len(shape))] = t.pick([2**26, 2**28, 2**31, 2**32 + 1, 2**40, 2**62])
    layout = plan()
    if t.pick([True, False]):
        layout.set_chunk(tuple(min(size, 16) or 1 for size in shape))
    t.replace(path, lambda name: t.low_level(name, type, tuple(shape), layout))


@kind
def all_axes_huge(t):
    path = t.dataset(lambda item: item.shape)
    shape = tuple(t.pick([2**13, 2**14, 2**16, 2**20]) for _ in t.shape(path)) or (2**20,)
    type, layout = t.type(path), plan()
    layout.set_chunk(tuple(1 for _ in shape))
    t.replace(path, lambda name: t.low_level(name, type, shape, layout))


@kind
def zeros_that_unpack_to_much(t):
    path = t.dataset(lambda item: item.shape and item.dtype.kind in "iuf")
    shape = list(t.shape(path)) or [1]
    shape[t.chance.randrange(len(shape))] = 2**22
    if np.prod(shape) <= 2**25:
        type = t.file[path].dtype
        t.replace(path, lambda name: t.file.create_dataset(
            name, data=np.zeros(shape, type), chunks=True, compression="gzip"))


@kind
def a_soft_link(t):
    path = t.any()
    other = t.pick([path, path + "x", "/", os.path.dirname(path), t.any(), "/nowhere", ".", ".."])
    del t.file[path]
    t.file[path] = h5py.SoftLink(other)
    if other == path + "x":
        t.file[other] = h5py.SoftLink(path)


@kind
def a_hard_link(t):
    path, other = t.any(), t.any()
    if t.pick([True, False]):
        group = t.pick(t.groups)
        t.file[group + "/loss_again"] = t.file[other]
        t.file[group + "/inner"] = t.file[group]
    elif not other.startswith(path):
        item = t.file[other]
        del t.file[path]
        t.file[path] = item


@kind
def a_link_into_another_file(t):
    path = t.any()
    file = t.pick([t.neighbours.data, t.neighbours.pipe, t.neighbours.secret, t.file.filename,
                   "nowhere.h5"])
    del t.file[path]
    t.file[path] = h5py.ExternalLink(file, t.pick(["/secret", "/text", "/", path]))


@kind
def external_storage(t):
    path = t.dataset()
    shape, type, layout = t.shape(path) or (1,), t.type(path), plan()
    if type.is_variable_str() if isinstance(type, h5py.h5t.TypeStringID) else False:
        type = h5py.h5t.py_create(np.dtype("S20"))
    file = t.pick([t.neighbours.secret, t.neighbours.data, t.neighbours.pipe, "/etc/passwd"])
    layout.set_external(file.encode(), 0, h5py.h5f.UNLIMITED)
    t.replace(path, lambda name: t.low_level(name, type, shape, layout))


@kind
def virtual_storage(t):
    path = t.dataset(lambda item: item.shape and item.dtype.kind in "iuf")
    shape, type, layout = t.shape(path) or (1,), t.type(path), plan()
    space, most = h5py.h5s.create_simple(shape), None
    source = h5py.h5s.create_simple((10**6,))
    source.select_hyperslab((0,), (int(np.prod(shape)),))
    file = t.pick([t.neighbours.data, t.neighbours.pipe, t.neighbours.secret, ".", "%b.h5"])
    if t.pick([True, False]) or len(shape) > 1:
        layout.set_virtual(space, file.encode(), b"/secret", source)
    else:  # as many files as there are
        most = (h5py.h5s.UNLIMITED,)
        space = h5py.h5s.create_simple((4,), most)
        space.select_hyperslab((0,), (h5py.h5s.UNLIMITED,), (4,), (4,))
        block = h5py.h5s.create_simple((4,))
        block.select_all()
        layout.set_virtual(space, file.encode(), b"/secret%b", block)
        shape = (4,)
    t.replace(path, lambda name: t.low_level(name, type, shape, layout, most))


@kind
def filters(t):
    path = t.dataset(lambda item: item.shape and item.dtype.kind in "iuf" and min(item.shape) > 0)
    shape, type, layout = t.shape(path) or (1,), t.type(path), plan()
    layout.set_chunk(tuple(max(size, 1) for size in shape))
    for number in t.pick([[32000], [32015, 1], [5], [2, 2, 1], [6], [305], [3, 3], [1] * 20]):
        layout.set_filter(number, h5py.h5z.FLAG_OPTIONAL, ())

    def make(name):
        made = t.low_level(name, type, shape, layout)
        if t.pick([True, False]):
            made.write_direct_chunk((0,) * len(shape), os.urandom(40), 0)
        return made
    t.replace(path, make)


@kind
def chunks_of_noise(t):
    path = t.dataset(lambda item: item.shape and item.dtype.kind in "iuf" and min(item.shape) > 0)
    shape, type, layout = t.shape(path) or (1,), t.type(path), plan()
    layout.set_chunk(tuple(max(size, 1) for size in shape))
    layout.set_deflate(4)
    layout.set_fletcher32()
    size = t.pick([0, 1, 40, 100000])

    def make(name):
        made = t.low_level(name, type, shape, layout)
        made.write_direct_chunk((0,) * len(shape), bytes(t.chance.randbytes(size)), t.pick([0, 1, 3]))
        return made
    t.replace(path, make)


@kind
def storage_of_other_layouts(t):
    path = t.dataset(lambda item: item.shape)
    shape, type, layout = t.shape(path), t.type(path), plan()
    how = t.pick(["compact", "unwritten", "chunked", "one by one"])
    if how == "compact":
        layout.set_layout(h5py.h5d.COMPACT)
    elif how != "unwritten":
        layout.set_chunk(tuple(1 if how == "one by one" else 1000 for _ in shape))
    most = (h5py.h5s.UNLIMITED,) * len(shape) if how in ("chunked", "one by one") else None
    t.replace(path, lambda name: t.low_level(name, type, shape, layout, most))


@kind
def no_space(t):
    path = t.dataset()
    type = t.type(path)
    t.replace(path, lambda name: h5py.h5d.create(
        t.file.id, name.encode(), type, h5py.h5s.create(h5py.h5s.NULL), plan()))


@kind
def an_attribute(t):
    owners = [path for path in t.datasets + t.groups if len(t.file[path].attrs) > 0]
    owner = t.file[t.pick(owners or t.datasets)]
    name = t.pick(list(owner.attrs) or ["epoch"])
    owner.attrs.pop(name, None)
    value = t.pick([None, 7, -1, 2**63 - 1, 1e300, np.float16(2), np.zeros(3), np.zeros((0,)), h5py.Empty("i8"),
                    h5py.Empty("S4"), np.bytes_(b"IMAGE"), owner.ref, np.void(b"abc"),
                    np.zeros(1, [("x", "f8")]), ["a", "b"], t.neighbours.text(t.pick(TEXTS))])
    if value is None:
        return
    if isinstance(value, str) and len(value) > 60000:
        value = value[:60000]
    owner.attrs[name] = value


@kind
def many_attributes(t):
    owner = t.file[t.pick(t.datasets + t.groups)]
    for number in range(t.pick([100, 3000])):
        owner.attrs[f"more {number}"] = number


@kind
def a_name(t):
    path, name = t.any(), t.pick(NAMES)
    parent = t.file[os.path.dirname(path)]
    parent.id.links.move(os.path.basename(path).encode(), parent.id,
                         name if isinstance(name, bytes) else name.encode())


@kind
def another_kind_of_object(t):
    path = t.any()
    was_group = isinstance(t.file[path], h5py.Group)
    made = t.pick(["group", "data set", "type"])
    if made == "group" and was_group:
        made = "data set"

    def make(name):
        if made == "group":
            return t.file.create_group(name)
        t.file[name] = np.dtype("f8") if made == "type" else np.zeros(2)
        return t.file[name]
    t.replace(path, make)


@kind
def a_committed_type(t):
    path = t.dataset()
    shape = t.shape(path)
    t.file["type of it"] = t.file[path].dtype
    type = t.file["type of it"]
    t.replace(path, lambda name: t.file.create_dataset(name, shape, dtype=type))


@kind
def a_text(t):
    path = t.dataset(lambda item: h5py.check_string_dtype(item.dtype) is not None and item.size)
    item, text = t.file[path], t.neighbours.text(t.pick(TEXTS))
    if h5py.check_string_dtype(item.dtype) is None or not item.size:
        return another_type(t)
    values = item[()]
    if item.shape == ():
        item[()] = text
    else:
        values = values.ravel()
        places = range(values.size) if t.pick([True, False]) else [t.chance.randrange(values.size)]
        for place in places:  # equal ids, for example
            values[place] = text
        item[...] = values.reshape(item.shape)


@kind
def a_number(t):
    path = t.dataset(lambda item: item.dtype.kind in "iuf" and item.size)
    item, number = t.file[path], t.pick(NUMBERS)
    if item.dtype.kind not in "iuf" or not item.size:
        return another_type(t)
    if item.dtype.kind in "iu":
        limits = np.iinfo(item.dtype)
        number = limits.max if number != number or number > limits.max else max(int(number), limits.min)
    values = np.array(item[()]).ravel()
    with np.errstate(over="ignore"):
        values[t.chance.randrange(values.size) if t.pick([True, False]) else slice(None)] = number
    item[...] = values.reshape(item.shape)


@kind
def nothing_there(t):
    del t.file[t.any()]


@kind
def two_that_change_places(t):
    one, other = t.dataset(), t.dataset()
    if one != other:
        t.file.move(one, "/between")
        t.file.move(other, one)
        t.file.move("/between", other)


@kind
def many_links(t):
    group = t.file[t.pick(t.groups)]
    first = t.file[t.dataset()]
    for number in range(t.pick([300, 20000])):
        group[f"more{number}"] = first


@kind
def deep_groups(t):
    group = t.file[t.pick(t.groups)]
    for _ in range(t.pick([50, 1000])):
        group = group.create_group("inner")


@kind
def references(t):
    owner = t.file[t.dataset()]
    for name in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS"):
        if name in owner.attrs:
            del owner.attrs[name]
    target = t.file[t.any()].ref
    owner.attrs["DIMENSION_LIST"] = t.pick([target, 1, "x", h5py.Empty("i4")])
    owner.attrs["CLASS"] = t.pick([np.bytes_(b"DIMENSION_SCALE"), 3, "x" * 40, target])


@kind
def no_hdf5(path, chance, neighbours):
    os.remove(path)
    how = chance.choice(["pipe", "folder", "loop", "secret", "data", "zero", "socket", "empty", "text"])
    if how == "pipe":
        os.mkfifo(path)
    elif how == "folder":
        os.mkdir(path)
    elif how == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path)
    elif how in ("empty", "text"):
        with open(path, "w") as file:
            file.write("" if how == "empty" else "varia-trial 1 " * 100)
    else:
        os.symlink({"loop": path, "secret": neighbours.secret, "data": neighbours.data,
                    "zero": "/dev/zero"}[how], path)


KINDS.append(no_hdf5)


def change(path, number, neighbours):
    """Changes the file. What HDF5 does not let be made stays half made.
    @returns the name of what was done"""
    chance = random.Random(number)
    what = KINDS[number % len(KINDS)]
    if what is no_hdf5:
        no_hdf5(path, chance, neighbours)
        return what.__name__
    with h5py.File(path, "r+") as file:
        try:
            what(Target(file, chance, neighbours))
        except (KeyError, OSError, RuntimeError, TypeError, ValueError, OverflowError) as error:
            return f"{what.__name__} ({type(error).__name__}: {error})"
    return what.__name__
