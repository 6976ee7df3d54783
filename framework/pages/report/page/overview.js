// Where the results come from, and what is missing of them.
"use strict";

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
  const trials = kTrials.filter((trial) => field("experiment", trial) === index);
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
        `${missing.length} of ${settings.length} settings lack values`,
        linesList(missing.map((setting) => `${setting.label}: ${setting.missing}`))));
  if (report.notes.length) problems.append(linesList(report.notes));
  if (!problems.childElementCount)
    problems.append(element("p", {textContent: "No failed trials, and no replicate is missing."}));
  byId("overview_body").replaceChildren(
      problems, ...report.experiments.map(experimentOverview));
}
