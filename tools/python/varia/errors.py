"""The one exception of this package."""
from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType


class VariaError(Exception):
    """A call, a file or a run that is wrong.

    The message is one line: where, what was expected, what was found, and the nearest valid name.

    Attributes
    ----------
    code
        With which the program ended; None if it did not run.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def one_line(place: object) -> Iterator[None]:
    """Says what the system refuses as a `VariaError`.

    Parameters
    ----------
    place
        The file or folder, unless the system names one.

    >>> with one_line("a"):
    ...     open("no/such/file")
    Traceback (most recent call last):
    varia.errors.VariaError: no/such/file: No such file or directory
    """
    try:
        yield
    except OSError as error:
        raise VariaError(f"{error.filename or place}: {error.strerror or error}") from error


def unknown_name(kind: str, name: object, known: Iterable[object], where: str = "") -> VariaError:
    """The error for a name that is not among those known.

    >>> print(unknown_name("metric", "test/elbow", ["test/elbo", "test/kl"]))
    no metric is called 'test/elbow'. Did you mean 'test/elbo'? Known: test/elbo, test/kl.
    """
    names = [str(one) for one in known]
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "") if names else "none"
    place = f"{where}: " if where else ""
    return VariaError(f"{place}no {kind} is called '{name}'.{hint} Known: {shown}.")


def optional_module(name: str, purpose: str, package: str = "") -> ModuleType:
    """Imports a package that only some functions need.

    Parameters
    ----------
    name
        The module.
    purpose
        What needs it, for the message.
    package
        What pip installs; `name` unless said otherwise.

    Raises
    ------
    VariaError
        The package is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = package or name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise VariaError(
            f"{purpose} needs the package {package}, which is not installed: pip install {package}"
        ) from None
