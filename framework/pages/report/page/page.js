// The overview, the choices that all sections share, and the start.
"use strict";

// Overview: the origin of the results, and what they lack -----------------------------------------

function facts(...rows) {
  const list = element("dl", {className: "facts"});
  for (const [name, value] of rows)
    if (value !== "" && value !== null && value !== undefined)
      list.append(element("dt", {textContent: name}), element("dd", {textContent: value}));
  return list;
}

function folded(title, ...content) {
  return element("details", {}, element("summary", {textContent: title}), ...content);
}

function linesList(rows) {
  return element("ul", {}, ...rows.map((row) => element("li", {textContent: row})));
}

function distinct(name, trials) {
  return [...new Set(trials.map((trial) => field(name, trial)))].filter((text) => text);
}

function experimentOverview(experiment, index) {
  const trials = kTrials.filter((trial) => field("file", trial) === index);
  const count = (status) => trials.filter((trial) => field("status", trial) === status).length;
  const seconds = `${trials.length} trials: ${["done", "failed", "partial"].map((status) => (
      `${count(status)} ${status}`)).join(", ")}`;
  const cpus = distinct("cpu", trials);
  return element(
      "article", {}, severalFiles ? element("h3", {textContent: experiment.name}) : "",
      facts(
          ["File", experiment.file], ["Trials", seconds], ["Merged", experiment.created],
          ["On", distinct("host", trials).join(", ") || experiment.host],
          [
            "Processor",
            cpus.join(", ") + (cpus.length > 1 ? " (results may differ in last bits)" : "")
          ],
          ["Versions", distinct("versions", trials).join("; ") || experiment.versions]),
      folded("Experiment (YAML)", element("pre", {textContent: experiment.yaml})),
      folded("Plugins and their digests", element("pre", {
               textContent: distinct("plugins", trials).join("\n\n") || experiment.plugins
             })));
}

function drawOverview() {
  const failed = kTrials.filter((trial) => field("status", trial) === "failed");
  const partial = kTrials.filter((trial) => field("status", trial) === "partial");
  const missing = settings.filter((setting) => setting.missing);
  const problems = element("div", {id: "problems"});
  if (failed.length)
    problems.append(folded(`${failed.length} failed`, linesList(failed.map((trial) => (
        `${trialLabel(trial)} (${field("id", trial)}): ${field("error", trial)}`)))));
  if (partial.length)
    problems.append(folded(`${partial.length} not finished`, linesList(partial.map((trial) => (
        `${trialLabel(trial)} (${field("id", trial)}): ${epochsDone(trial)} of ` +
        `${field("target_epochs", trial)} epochs`)))));
  if (missing.length)
    problems.append(folded(
        `${missing.length} of ${settings.length} settings have missing values`,
        linesList(missing.map((setting) => `${setting.label}: ${setting.missing}`))));
  if (report.notes.length) problems.append(linesList(report.notes));
  if (!problems.childElementCount)
    problems.append(element("p", {textContent: "No failed trials, and no replicate is missing."}));
  byId("overview_body").replaceChildren(
      problems, ...report.experiments.map(experimentOverview));
}

// Start -------------------------------------------------------------------------------------------

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
  offerMetrics(byId("metric"), scalarMetrics.map(({name}) => name), report.default_metric);
  state.metric = byId("metric").value;
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
