"""What Jupyter shows of a results file. Every text of the file is escaped."""
from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varia.results import Results

#: Trials that a page lists at most.
SHOWN_TRIALS = 20


def results_html(results: Results) -> str:
    """Name, counts, the first trials with what is swept, and the names of metrics and views."""
    trials = results.trials
    counts = ", ".join(f"{count} {status}" for status, count in trials["status"].value_counts().items())
    shown = results._trials.beside_settings("replicate", "status", "epochs_done", "total_seconds")
    lists = {"swept": results.swept, "metrics": list(results.metrics.index), "views": results.views}
    parts = [f"<h3>{html.escape(results.name)}</h3>",
             f"<p>{len(trials)} trials ({html.escape(counts)}), {html.escape(results.path)}</p>",
             shown.to_html(max_rows=SHOWN_TRIALS, escape=True, na_rep="")]
    for title, names in lists.items():
        if names:
            known = ", ".join(f"<code>{html.escape(name)}</code>" for name in names)
            parts.append(f"<p>{title}: {known}</p>")
    return "\n".join(parts)
