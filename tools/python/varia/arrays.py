"""Arrays that users give, as arrays of numbers."""
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from varia.errors import VariaError


def numbers(values: npt.ArrayLike, what: str, *, type: npt.DTypeLike = None,
            masked: str = "") -> npt.NDArray[Any]:
    """Numbers in the byte order of the machine. What a mask hides is NaN, or an error.

    Parameters
    ----------
    what
        What the values are, for messages.
    type
        Of the numbers; by default as they are.
    masked
        Why numbers must not be masked, and what to do; "": they may be.

    >>> numbers(np.ma.masked_greater([1.0, 9.0], 5), "array")
    array([ 1., nan])
    """
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.array(False)
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        hint = "; give VALUES.to_numpy(float, na_value=nan)" if array.dtype.kind == "O" else ""
        raise VariaError(f"{what}: expected numbers, found an array of {array.dtype}{hint}")
    if mask.any() and masked:
        raise VariaError(f"{what}: {int(mask.sum())} of its numbers are masked; {masked}")
    array = np.asarray(array, type or array.dtype.newbyteorder("="), order="C")
    if not mask.any():
        return array
    if array.dtype.kind != "f":
        raise VariaError(f"{what}: {int(mask.sum())} of its numbers are masked, and NaN, which stands for "
                         f"them, is no {array.dtype}; give VALUES.astype(float)")
    return np.where(mask, array.dtype.type(np.nan), array)
