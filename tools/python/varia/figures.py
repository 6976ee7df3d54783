"""Figures for papers: what ``varia export RESULTS.h5 --figure NAME`` calls.

    python3 -m varia.figures RESULTS.h5 curves --metric test/elbo --output elbo.pdf

Text stays text in SVG and PDF, the width is in millimetres, and the numbers stand beside the figure as
CSV. Exit code 2: the call or the file is wrong, and the last line of standard error says why.
"""
from __future__ import annotations

import argparse
import errno
import io
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from varia.results import Results

#: The formats of a figure by the ending of its file.
FORMATS = ("svg", "pdf", "png")

MILLIMETRES_PER_INCH = 25.4
DOTS_PER_INCH = 300  # of a PNG, and of pictures in the others

#: What journals print: small sans-serif letters that stay letters, thin lines.
STYLE = {
    "svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "varia",
    "font.family": "sans-serif", "font.size": 7, "axes.labelsize": 7, "axes.titlesize": 7,
    "xtick.labelsize": 6, "ytick.labelsize": 6, "legend.fontsize": 6, "legend.frameon": False,
    "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "lines.linewidth": 1, "lines.markersize": 3, "savefig.dpi": DOTS_PER_INCH,
}

#: The figures, and the options that each takes, in the order of the plot's arguments: how often an
#: option must be given, 0 if it may be left out.
FIGURES: dict[str, dict[str, int]] = {
    "curves": {"metric": 1, "where": 0},
    "means": {"metric": 1, "by": 1, "over": 0, "best": 0, "where": 0},
    "bars": {"metric": 1, "over": 0, "best": 0, "where": 0},
    "heat_map": {"metric": 1, "by": 2, "over": 0, "best": 0},
    "scatter": {"metric": 2, "where": 0},
    "rate_distortion": {"split": 0, "where": 0},
    "per_dimension": {"metric": 1, "trial": 1},
    "picture": {"view": 1, "trial": 1},
    "pictures": {"view": 1, "by": 1, "where": 0},
    "points": {"view": 1, "trial": 1},
}


class WrongCall(Exception):
    """The call is wrong; the message is one line."""


def draw(results: Results, name: str, given: dict[str, list[str]],
         where: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draws a figure by the plot of that name. Returns it with its numbers.

    Parameters
    ----------
    name
        One of `FIGURES`.
    given
        The values of each option, such as ``{"metric": ["test/elbo"]}``.
    where
        A choice of trials.
    """
    takes = FIGURES[name]
    for option, values in {**given, "where": list(where)}.items():
        if values and option not in takes:
            raise WrongCall(f"--figure {name} takes no --{option}; it takes "
                            + ", ".join(f"--{other}" for other in takes))
    arguments: list[Any] = []
    options: dict[str, Any] = {"where": where} if where else {}
    for option, count in takes.items():
        values = given.get(option, [])
        if count > 0 and len(values) != count:
            raise WrongCall(f"--figure {name} needs --{option} "
                            f"{'once' if count == 1 else 'twice'}, found {len(values)}")
        if option == "trial":
            # As everywhere: a row if it is too short to begin an id.
            arguments += [int(text) if text.isdigit() and len(text) < 8 else text for text in values]
        elif count > 0:
            arguments += values
        elif option == "split" and len(values) > 1:
            raise WrongCall(f"--figure {name} takes one --split, found {len(values)}")
        elif values:
            options[option] = values[0] if option == "split" else values
    plots = results.plot
    made = getattr(plots, name)(*arguments, **options)
    return (made if name == "pictures" else made.figure), plots.data


def fit(figure: Figure, name: str, millimetres: float) -> None:
    """Gives a figure its width; its height keeps the shape that the plot has chosen, and that of
    pictures is what they need. Titles go, since a figure of a paper has a caption; pictures below each
    other keep what tells them apart."""
    from varia.drawing import size_cell_texts

    if name == "pictures":
        figure.suptitle("")
    for ax in figure.axes if name != "pictures" else []:
        ax.set_title("")
    width = millimetres / MILLIMETRES_PER_INCH
    before, height = figure.get_size_inches()
    figure.set_size_inches(width, width * height / before)
    figure.canvas.draw()
    for ax in figure.axes:
        # The units of a long label stand on a second line.
        for label, along in ((ax.xaxis.label, "width"), (ax.yaxis.label, "height")):
            if getattr(label.get_window_extent(), along) > getattr(ax.bbox, along):
                label.set_text(label.get_text().replace(" [", "\n["))
    if name in ("picture", "pictures", "heat_map"):
        for ax in figure.axes:
            size_cell_texts(ax)
    if name in ("picture", "pictures"):
        boxes = [ax.get_tightbbox() for ax in figure.axes if ax.get_label() != "<colorbar>"]
        needed = (max(box.y1 for box in boxes) - min(box.y0 for box in boxes)) / figure.dpi
        figure.set_size_inches(width, min(needed + 0.1, width * height / before))


def write_whole(files: dict[Path, bytes]) -> None:
    """Writes files, each as a whole: a reader never sees a part of one, and none is left if one of them
    cannot be written."""
    parts: list[tuple[str, Path]] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            handle, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            parts.append((part, path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            # As a new file has them.
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(part, 0o666 & ~mask)
        while parts:
            part, path = parts[0]
            os.replace(part, path)
            parts.pop(0)
    finally:
        for part, _ in parts:
            os.unlink(part)


def encode(figure: Figure, format: str, title: str) -> bytes:
    """A figure as the bytes of a file, the same for the same figure."""
    dates: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    file = io.BytesIO()
    figure.savefig(file, format=format, metadata={"Title": title, **dates[format]})
    return file.getvalue()


def output_files(output: Path) -> dict[str, Path]:
    """The files of a figure by their formats: the one that is named, or one of each.

    >>> output_files(Path("a/elbo.pdf"))
    {'pdf': PosixPath('a/elbo.pdf')}
    >>> [str(path) for path in output_files(Path("a/elbo")).values()]
    ['a/elbo.svg', 'a/elbo.pdf', 'a/elbo.png']
    """
    ending = output.suffix[1:].lower()
    if ending in FORMATS:
        return {ending: output}
    if ending:
        raise WrongCall("--output: expected a name that ends in .svg, .pdf or .png, or one without an "
                        f"ending for all three; found '{output}'")
    return {format: output.with_name(f"{output.name}.{format}") for format in FORMATS}


def where_of(results: Results, choices: Sequence[str]) -> dict[str, Any]:
    """``KEY=VALUE`` as a choice of trials; several values of a key are alternatives."""
    from varia.trials import typed_like

    chosen: dict[str, list[Any]] = {}
    for choice in choices:
        key, separator, value = choice.partition("=")
        if not separator:
            raise WrongCall(f"--where: expected KEY=VALUE, found '{choice}'")
        column = results._trials.column(key)
        try:
            chosen.setdefault(key, []).extend(typed_like(column, [value]).tolist())
        except ValueError:
            raise WrongCall(f"--where: {key} has numbers, found '{value}'") from None
    return chosen


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="varia.figures", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("results", help="the merged file, results/NAME.h5")
    parser.add_argument("figure", choices=list(FIGURES), help="a plot of r.plot")
    for option in ("metric", "by", "over", "best", "view", "trial", "split", "where"):
        parser.add_argument(f"--{option}", action="append", default=[])
    parser.add_argument("--output", type=Path, required=True,
                        help="FILE.svg, .pdf or .png; without an ending: all three")
    parser.add_argument("--program", help="the program varia; by default as VARIA_PROGRAM or PATH say")
    parser.add_argument("--width", type=float, default=85, help="in millimetres")
    return parser.parse_args(argv)


def run(argv: Sequence[str]) -> list[Path]:
    """Draws what the arguments say. Returns the files."""
    arguments = _arguments(argv)
    if arguments.program:
        os.environ["VARIA_PROGRAM"] = arguments.program
    import matplotlib

    matplotlib.use("Agg")
    import varia

    given = {option: getattr(arguments, option)
             for option in ("metric", "by", "over", "best", "view", "trial", "split")}
    formats = output_files(arguments.output)
    with varia.open(arguments.results) as results, matplotlib.rc_context(STYLE):
        figure, data = draw(results, arguments.figure, given, where_of(results, arguments.where))
        fit(figure, arguments.figure, arguments.width)
        title = f"{results.name}: {arguments.figure}"
        files = {path: encode(figure, format, title) for format, path in formats.items()}
        path = next(iter(formats.values())).with_suffix(".csv")
        files[path] = data.to_csv(index=False, lineterminator="\n").encode()
    write_whole(files)
    return list(files)


def main(argv: Sequence[str]) -> int:
    """The command. Returns the exit code."""
    try:
        written = run(argv)
    except OSError as error:
        print(f"{error.filename or 'the figure'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except Exception as error:
        from varia.errors import VariaError
        if not isinstance(error, (VariaError, WrongCall)):
            raise
        print(error, file=sys.stderr)
        return 2
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
