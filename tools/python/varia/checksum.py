"""The checksum at the end of every file of Varia: XXH3 of all bytes before it."""
from __future__ import annotations

import os

#: Larger files are not compared with their checksums when they are opened: reading them takes time.
QUICK_TO_CHECK = 256 << 20

#: The length of a file's last line: "varia-checksum <version> <bytes before it> <checksum>".
END_SIZE = 55


def is_intact(path: str | os.PathLike[str]) -> bool | None:
    """Whether the bytes of a file are those that were written.

    None if it has no checksum, since another program has written to it, if it is larger than
    `QUICK_TO_CHECK`, or without the package xxhash.
    """
    try:
        from xxhash import xxh3_64_hexdigest
    except ModuleNotFoundError:
        return None
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END) - END_SIZE
        if not 0 < size <= QUICK_TO_CHECK:
            return None
        file.seek(0)
        content, end = file.read(size), file.read()
    if not end.startswith(b"varia-checksum "):
        return None
    return end == f"varia-checksum 1 {size:020} {xxh3_64_hexdigest(content)}\n".encode()
