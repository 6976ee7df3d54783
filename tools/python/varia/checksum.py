"""The checksum at the end of every file of Varia: XXH3 of all bytes before it, by NumPy alone."""
from __future__ import annotations

import os
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

#: Larger files are not compared with their checksums when they are opened: this one takes two seconds.
QUICK_TO_CHECK = 256 << 20

#: The length of a file's last line: "varia-checksum <version> <bytes before it> <checksum>".
END_SIZE = 55

# XXH3 with 64 bits for inputs of more than 240 bytes, as its specification has it:
# github.com/Cyan4973/xxHash, doc/xxhash_spec.md. An input is blocks of 16 stripes of 8 lanes.
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
_PRIME32_1, _PRIME32_2, _PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
_PRIME64_1, _PRIME64_2, _PRIME64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_PRIME64_4, _PRIME64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_AVALANCHE = 0x165667919E3779F9
_STRIPE, _BLOCK = 64, 1024
_PART = 1 << 20  # bytes read at once: whole blocks
_64_BITS = (1 << 64) - 1

_Words = npt.NDArray[np.uint64]


def _secret(place: int, count: int = 8) -> _Words:
    return np.frombuffer(_SECRET, "<u8", count, place).astype(np.uint64)


#: Of each stripe of a block.
_STRIPE_SECRETS = np.stack([_secret(8 * stripe) for stripe in range(_BLOCK // _STRIPE)])


def _sums(data: bytes, secrets: _Words) -> _Words:
    """What stripes add to the lanes: [block, lane]."""
    words = np.frombuffer(data, "<u8").astype(np.uint64, copy=False).reshape(-1, *secrets.shape)
    keyed = words ^ secrets
    product = (keyed & np.uint64(0xFFFFFFFF)) * (keyed >> np.uint64(32))
    product += words.reshape(*words.shape[:-1], 4, 2)[..., ::-1].reshape(words.shape)
    return product.sum(axis=1, dtype=np.uint64)


def xxh3(file: BinaryIO, size: int) -> int:
    """The checksum of the first `size` bytes of a file, more than 240."""
    lanes = np.array([_PRIME32_3, _PRIME64_1, _PRIME64_2, _PRIME64_3,
                      _PRIME64_4, _PRIME32_2, _PRIME64_5, _PRIME32_1], np.uint64)
    scrambling, shift, prime = _secret(128), np.uint64(47), np.uint64(_PRIME32_1)
    left = (size - 1) // _BLOCK * _BLOCK  # in whole blocks; one that ends the input is not mixed
    while left > 0:
        part = file.read(min(left, _PART))
        if len(part) != min(left, _PART):
            raise EOFError("the file is shorter than it was")
        left -= len(part)
        for sums in _sums(part, _STRIPE_SECRETS):
            lanes += sums
            lanes = (lanes ^ (lanes >> shift) ^ scrambling) * prime
    whole = (size - 1) // _BLOCK * _BLOCK
    stripes = (size - 1 - whole) // _STRIPE
    rest = file.read(size - whole)
    if stripes:
        lanes = lanes + _sums(rest[:stripes * _STRIPE], _STRIPE_SECRETS[:stripes])[0]
    file.seek(size - _STRIPE)
    lanes = lanes + _sums(file.read(_STRIPE), _secret(121)[None])[0]
    return _merged(lanes, size)


def _merged(lanes: _Words, size: int) -> int:
    pairs = lanes ^ _secret(11)
    result = size * _PRIME64_1
    for first, second in pairs.reshape(4, 2).tolist():
        product = first * second
        result += (product & _64_BITS) ^ (product >> 64)
    result &= _64_BITS
    result ^= result >> 37
    result = result * _AVALANCHE & _64_BITS
    return result ^ (result >> 32)


def is_intact(path: str | os.PathLike[str]) -> bool | None:
    """Whether the bytes of a file are those that were written.

    None if it has no checksum, since another program has written to it, or if it is larger than
    `QUICK_TO_CHECK`.
    """
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= 240 + END_SIZE or size > QUICK_TO_CHECK:
            return None
        file.seek(-END_SIZE, os.SEEK_END)
        end = file.read()
        if not end.startswith(b"varia-checksum "):
            return None
        size -= END_SIZE
        file.seek(0)
        return end == f"varia-checksum 1 {size:020} {xxh3(file, size):016x}\n".encode()
