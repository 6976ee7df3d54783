// The start: what the page is called, the choices that all sections share, the theme.
"use strict";

function startHeader() {
  const names = report.experiments.map((experiment) => experiment.name || experiment.file);
  setText(byId("experiment"), names.join(", "));
  const count = (status) => kTrials.filter((trial) => field("status", trial) === status).length;
  const others = ["failed", "partial"].filter((status) => count(status))
      .map((status) => `, ${count(status)} ${status}`).join("");
  setText(byId("counts"), `${settings.length} settings, ${count("done")} of ${trialCount} trials ` +
                          `done${others}`);
  byId("sections").replaceChildren(...Array.from(document.querySelectorAll("main > section"))
      .filter((section) => !section.hidden)
      .map((section) => element("a", {href: `#${section.id}`,
                                      textContent: section.querySelector("h2").textContent})));
}

function startMetrics() {
  const splits = [...new Set(scalarMetrics.map(({name}) => splitOf(name)))];
  const order = ["validation", "test", "train"];
  splits.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  byId("metric").replaceChildren(...splits.map((split) => {
    const group = element("optgroup", {label: split});
    group.append(...scalarMetrics.filter(({name}) => splitOf(name) === split)
        .map(({name}) => element("option", {value: name, textContent: name})));
    return group;
  }));
  state.metric = report.default_metric || scalarMetrics[0]?.name || "";
  byId("metric").value = state.metric;
  byId("metric").addEventListener("change", () => {
    state.metric = byId("metric").value;
    board.sort = null;
    state.brush.clear();
    parallel.fresh = true;
    changed();
  });
}

function startFilter() {
  const input = byId("filter");
  const example = axes.find((key) => parameters.get(key)?.numeric);
  input.placeholder = example ? `${shortName(example)}=${valueText(axisValues(example)[0])}`
                              : "status=done";
  let wait = null;
  input.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      const {conditions, error} = parseFilter(input.value);
      setText(byId("filter_error"), error ?? "");
      if (error) return;
      state.filter = conditions;
      changed();
    }, 150);
  });
}

function startTheme() {
  byId("theme").addEventListener("change", ({target}) => {
    if (target.value) document.documentElement.dataset.theme = target.value;
    else delete document.documentElement.dataset.theme;
    redrawAll();
  });
  dark.addEventListener("change", redrawAll);
}

startTheme();
drawOverview();
if (scalarMetrics.length === 0) {
  for (const id of ["leaderboard", "curves", "plane", "scatter", "parallel", "slices", "importance",
                    "heat", "pair"])
    byId(id).remove();
} else {
  startMetrics();
}
startHeader();
startFilter();
changed().then(startSections);
