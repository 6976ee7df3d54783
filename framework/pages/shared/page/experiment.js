// Where the results come from, and what they lack.
"use strict";

function folded(title, ...content) {
  return element("details", {}, element("summary", {textContent: title}), ...content);
}

function linesList(rows) {
  return element("ul", {}, ...rows.map((row) => element("li", {textContent: row})));
}

function distinct(name, trials) {
  return [...new Set(trials.map((trial) => field(name, trial)))].filter((text) => text);
}

const withStatus = (status, trials = allTrials) => (
    trials.filter((trial) => field("status", trial) === status));

function experimentFacts(experiment, index) {
  const trials = allTrials.filter((trial) => field("file", trial) === index);
  const counts = ["done", "failed", "partial"].map((status) => (
      `${withStatus(status, trials).length} ${status}`));
  const processors = [...new Set(trials.map((trial) => (
      field("gpu", trial) || field("cpu", trial))))].filter((text) => text);
  const several = processors.length > 1 ? " (results may differ in last bits)" : "";
  return element(
      "article", {}, severalFiles ? element("h3", {textContent: experiment.title}) : "",
      facts(["File", experiment.file], ["Trials", `${trials.length}: ${counts.join(", ")}`],
            ["Merged", experiment.created],
            ["On", distinct("host", trials).join(", ") || experiment.host],
            ["Processor", processors.join(", ") + several],
            ["Versions", distinct("versions", trials).join("; ") || experiment.versions]),
      ...experiment.yaml ? [folded("Experiment (YAML)",
                                   element("pre", {textContent: experiment.yaml}))] : [],
      folded("Plugins and their digests", element("pre", {
        textContent: distinct("plugins", trials).join("\n\n") || experiment.plugins})));
}

/// What failed, is not finished, or is missing.
function problems() {
  const failed = withStatus("failed");
  const partial = report.live ? [] : withStatus("partial");
  const missing = settings.filter((setting) => setting.missing);
  const named = (trial) => `${trialLabel(trial)} (${field("id", trial)})`;
  const found = [
    failed.length && folded(`${failed.length} failed`, linesList(failed.map((trial) => (
        `${named(trial)}: ${field("error", trial)}`)))),
    partial.length && folded(`${partial.length} not finished`, linesList(partial.map((trial) => (
        `${named(trial)}: ${epochsDone(trial)} of ${field("target_epochs", trial)} epochs`)))),
    missing.length && folded(
        `${missing.length} of ${settings.length} settings have missing values`,
        linesList(missing.map((setting) => `${setting.label}: ${setting.missing}`))),
    report.notes.length && linesList(report.notes),
  ].filter((one) => one);
  if (report.live && found.length === 0) return [];
  return found.length ? found
                      : [element("p", {textContent: "No failed trials, and no replicate is missing."})];
}

addSection("overview", {
  start() {
    byId("overview_body").replaceChildren(
        element("div", {id: "problems"}, ...problems()), ...report.experiments.map(experimentFacts));
    return true;
  },
  draw() {},
});
