// What the page shows: trials, parameters, metrics, settings. Numbers and pictures are had by
// `numbers` and `showPicture` of the script before this one. The layout is in report_data.hpp and
// picture_data.hpp.
"use strict";

// Trials and parameters ---------------------------------------------------------------------------

let report = {};     // the layout of report_data.hpp
let trialCount = 0;
let epochCount = 0;  // of the longest trial
let allTrials = [];  // 0 to trialCount - 1
let parameters = new Map();  // key -> column
let metrics = new Map();     // name -> metric
let scalarMetrics = [];
let severalFiles = false;
/// What tells settings apart: keys in which trials differ, and the experiment if there are several.
let axes = [];
let shortNames = new Map();  // "beta" for "loss.beta" if no other axis ends like that
let settings = [];
let settingOf = [];  // by trial
let replicated = false;

const coded = ({values, index}, i) => (index ? values[index[i]] : values[0]);
const field = (name, trial) => coded(report.trials[name], trial);
/// The fields of trials; each note is a parameter, such as notes.why.
const trialFields = () => Object.keys(report.trials).filter((name) => (
    name !== "notes" && report.trials[name].values));
const parameter = (key, trial) => (parameters.has(key) ? coded(parameters.get(key), trial) : null);

/// Makes a document what the page shows.
function takeReport(document) {
  report = document;
  trialCount = report.trials.count;
  epochCount = report.trials.epochs;
  allTrials = Array.from({length: trialCount}, (_, i) => i);
  parameters = new Map(report.parameters.map((column) => [column.key, column]));
  metrics = new Map(report.metrics.map((metric) => [metric.name, metric]));
  scalarMetrics = report.metrics.filter((metric) => metric.shape.length === 0);
  severalFiles = report.experiments.length > 1;
  nameExperiments();
  axes = severalFiles ? ["experiment", ...report.axes] : report.axes;
  parameterDigits = digitsOf(axes);
  const last = (path) => path.slice(path.lastIndexOf(".") + 1);
  shortNames = new Map(axes.map((key) => {
    const unique = axes.filter((other) => last(other) === last(key)).length === 1;
    return [key, unique && last(key) !== "use" ? last(key) : key];
  }));
  settings = report.settings.map((setting, index) => (
      {...setting, index, label: settingLabel(setting.trials[0])}));
  settingOf = new Array(trialCount);
  for (const setting of settings) for (const trial of setting.trials) settingOf[trial] = setting;
  replicated = settings.some((setting) => setting.trials.length > 1);
}

/// How many significant digits tell the values of each axis apart; at least 5.
function digitsOf(keys) {
  const most = 17;  // no two numbers have the same
  let digits = 5;
  for (const key of keys) {
    const values = [...new Set(axisValues(key))].filter((value) => typeof value === "number");
    const texts = () => new Set(values.map((value) => value.toPrecision(digits))).size;
    while (digits < most && texts() < values.length) ++digits;
  }
  return digits;
}

/// Experiments of one name are told apart by their files, and files of one name are counted.
function nameExperiments() {
  const names = report.experiments.map(({name}) => name);
  for (const experiment of report.experiments) {
    const {name, file} = experiment;
    const unique = names.filter((other) => other === name).length === 1;
    experiment.title = name && unique ? name : [name, file].filter((part) => part).join(", ");
  }
  const titles = report.experiments.map(({title}) => title);
  report.experiments.forEach((experiment, i) => {
    const same = (some) => some.filter((title) => title === titles[i]).length;
    if (same(titles) > 1) experiment.title += ` (${same(titles.slice(0, i + 1))})`;
  });
}

/// What a metric's values are measured in, for axes.
function metricTitle(name) {
  const units = metrics.get(name)?.units;
  return units ? `${name} [${units}]` : name;
}

// Settings: what trials of one point of the sweep share -------------------------------------------

function axisValue(key, trial) {
  if (key === "experiment") return report.experiments[field("file", trial)].title;
  if (key === "replicate") return field("replicate", trial);
  return parameter(key, trial);
}

const shortName = (key) => shortNames.get(key) ?? key;

function axisValues(key) {
  const values = new Set(allTrials.map((trial) => axisValue(key, trial)));
  return [...values].sort(compareValues);
}

/// "beta=4"; an experiment is its title alone.
const axisText = (key, value) => (
    key === "experiment" ? valueText(value) : `${shortName(key)}=${valueText(value)}`);

function settingLabel(trial) {
  const parts = axes.filter((key) => axisValue(key, trial) !== null)
      .map((key) => axisText(key, axisValue(key, trial)));
  return parts.join(", ") || report.experiments[field("file", trial)].title || "trial";
}

function trialLabel(trial) {
  const label = settingOf[trial].label;
  return replicated ? `${label}, replicate ${field("replicate", trial)}` : label;
}

const epochsDone = (trial) => field("epochs_done", trial);
const isDone = (trial) => field("status", trial) === "done";
/// Whether a trial counts as a replicate; while a run goes on, so do those that are not done.
const counts = (trial) => (report.live ? field("status", trial) !== "failed" : isDone(trial));

// Values of metrics -------------------------------------------------------------------------------

/// Final values of a metric: [trial].
const finals = (name) => numbers(metrics.get(name).final);
/// [trial, epoch, own axes...]
const series = (name) => numbers(metrics.get(name).series);

/// Where the number of a row at an epoch stands, or the last one before it; -1 if there is none.
/// @param table [row, epoch]
function placeBy(table, row, epoch) {
  for (let at = Math.min(epoch, epochCount) - 1; at >= 0; --at)
    if (!Number.isNaN(table[row * epochCount + at])) return row * epochCount + at;
  return -1;
}

/// That number; NaN if there is none.
const valueBy = (table, row, epoch) => table[placeBy(table, row, epoch)] ?? NaN;

/// A metric at the epoch that the page shows: [trial].
async function valuesNow(name) {
  const {epoch} = state;
  if (epoch === null) return finals(name);
  const table = await series(name);
  return Float64Array.from(allTrials, (trial) => valueBy(table, trial, epoch));
}

/// The summary of a metric over the replicates of each setting at that epoch: {centre, low, high,
/// count}, each [setting].
async function summaries(name) {
  const {summary, band, summarise} = metrics.get(name);
  const {epoch} = state;
  const blocks = ({centre, low, high}) => Promise.all([centre, low, high].map(numbers));
  if (epoch === null) {
    const [[centre, low, high], count] = await Promise.all([blocks(summary),
                                                            numbers(summary.count)]);
    return {centre, low, high, count};
  }
  const values = await valuesNow(name);
  const there = settings.map(({trials}) => (
      trials.filter((trial) => counts(trial) && !Number.isNaN(values[trial]))));
  const bands = band && !summarise && await blocks(band);
  const found = there.map((trials, i) => {
    if (summarise) return summarise(trials.map((trial) => values[trial]));
    const place = bands && trials.length > 1 ? placeBy(bands[0], i, epoch) : -1;
    if (place >= 0) return {centre: bands[0][place], low: bands[1][place], high: bands[2][place]};
    return {centre: trials.length === 1 ? values[trials[0]] : NaN, low: NaN, high: NaN};
  });
  const column = (part) => Float64Array.from(found, (one) => one[part]);
  return {centre: column("centre"), low: column("low"), high: column("high"),
          count: Float64Array.from(there, ({length}) => length)};
}

/// "", or " at epoch 12" if that is not each trial's last one.
const epochText = () => (state.epoch === null ? "" : ` at epoch ${state.epoch}`);
