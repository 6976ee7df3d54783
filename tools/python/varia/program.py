"""The program `varia`: found, called, its errors passed on."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from varia.errors import VariaError, one_line

#: Exit codes of the program.
DONE, SOME_FAILED, WRONG = 0, 1, 2


def find_program() -> str:
    """The path of the program: what VARIA_PROGRAM says, else `varia` in PATH.

    Raises
    ------
    VariaError
        There is none.
    """
    named = os.environ.get("VARIA_PROGRAM")
    found = shutil.which(named or "varia")
    if found is None:
        raise VariaError(f"VARIA_PROGRAM: '{named}' is not a program" if named else
                         "the program varia is not in PATH. Install Varia, or set VARIA_PROGRAM to "
                         "its path, such as build/release/bin/varia")
    return found


def ask(*arguments: str) -> str:
    """What the program prints.

    Raises
    ------
    VariaError
        The program says that the call is wrong, in its own words.
    """
    program = find_program()
    with one_line(program):
        found = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, text=True,
                               capture_output=True, encoding="utf-8", errors="replace")
    if found.returncode != DONE:
        raise VariaError(_reason(found.stderr.splitlines(), found.returncode), found.returncode)
    return found.stdout


def ask_json(*arguments: str) -> Any:
    """The same of a command that prints JSON."""
    return json.loads(ask(*arguments))


def work(arguments: Sequence[str], folder: str, progress: bool) -> tuple[int, str, list[str]]:
    """Lets the program train.

    An interrupt from the keyboard is passed on once, and the program writes its checkpoint.

    Parameters
    ----------
    arguments
        Of the program.
    folder
        In which it works.
    progress
        Whether its progress is shown on standard error.

    Returns
    -------
    tuple
        The exit code, what it printed, and the lines of its standard error.

    Raises
    ------
    VariaError
        The call is wrong, or the program died.
    KeyboardInterrupt
        It was interrupted from the keyboard; the same call resumes.
    """
    lines: list[str] = []
    interrupted = False
    with tempfile.TemporaryFile() as out:
        # In a session of its own: of a terminal's interrupt it would take a second one as an order
        # to stop at once.
        program = find_program()
        with one_line(program):
            started = subprocess.Popen([program, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=subprocess.PIPE, text=True,
                                       encoding="utf-8", errors="replace", start_new_session=True)
        with started as process:
            assert process.stderr is not None
            while True:
                try:
                    for line in process.stderr:
                        lines.append(line.rstrip("\n"))
                        if progress:
                            print(lines[-1], file=sys.stderr)
                    code = process.wait()
                    break
                except KeyboardInterrupt:
                    interrupted = True
                    process.send_signal(signal.SIGINT)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    if interrupted:
        raise KeyboardInterrupt
    if code not in (DONE, SOME_FAILED):
        raise VariaError(_reason(lines, code), code)
    return code, text, lines


def _reason(lines: Sequence[str], code: int) -> str:
    """The last line of what the program says; notes may stand before it."""
    said = [line for line in lines if line.strip()]
    return said[-1] if said else f"the program ended with code {code} and said nothing"
