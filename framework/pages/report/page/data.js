// The report's data: numbers and pictures, decoded when they are asked for. The layout is in
// report_data.hpp and picture_data.hpp.
"use strict";

const report = JSON.parse(byId("data").textContent);
const trialCount = report.trials.count;
const epochCount = report.trials.epochs;
const kTrials = Array.from({length: trialCount}, (_, i) => i);

// Blocks ------------------------------------------------------------------------------------------

const decoded = new Map();  // by number: a promise of a typed array

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const kTypes = {f32: Float32Array, f64: Float64Array, u8: Uint8Array};

async function decode({block, type, count}) {
  const box = byId(`block_${block}`);
  const bytes = await inflate(bytesOf(box.textContent));
  box.remove();  // it is not needed twice
  const width = kTypes[type].BYTES_PER_ELEMENT;
  const ordered = new Uint8Array(bytes.length);
  for (let byte = 0; byte < width; ++byte)
    for (let i = 0; i < count; ++i) ordered[i * width + byte] = bytes[byte * count + i];
  return new kTypes[type](ordered.buffer);
}

/// The numbers of a block, as a promise.
function numbers(reference) {
  if (!decoded.has(reference.block)) decoded.set(reference.block, decode(reference));
  return decoded.get(reference.block);
}

/// The lines of a block of pictures.
const lines = new Map();
function picture(block, index) {
  if (!lines.has(block)) lines.set(block, byId(`block_${block}`).textContent.split("\n"));
  return `data:image/png;base64,${lines.get(block)[index]}`;
}

// Trials and parameters ---------------------------------------------------------------------------

const coded = ({values, index}, i) => (index ? values[index[i]] : values[0]);
const field = (name, trial) => coded(report.trials[name], trial);

const parameters = new Map(report.parameters.map((column) => [column.key, column]));
const parameter = (key, trial) => (parameters.has(key) ? coded(parameters.get(key), trial) : null);

const metrics = new Map(report.metrics.map((metric) => [metric.name, metric]));
const scalarMetrics = report.metrics.filter((metric) => metric.shape.length === 0);

/// What a metric's values are measured in, for axes.
function metricTitle(name) {
  const units = metrics.get(name)?.units;
  return units ? `${name} [${units}]` : name;
}

// Settings: what trials of one point of the sweep share -------------------------------------------

const severalFiles = report.experiments.length > 1;
/// What tells settings apart: keys in which trials differ, and the experiment if there are several.
const axes = severalFiles ? ["experiment", ...report.axes] : report.axes;

function axisValue(key, trial) {
  if (key === "experiment") return report.experiments[field("file", trial)].name;
  if (key === "replicate") return field("replicate", trial);
  return parameter(key, trial);
}

/// "beta" for "loss.beta" if no other axis ends like that.
const shortNames = new Map();
for (const key of axes) {
  const last = (path) => path.slice(path.lastIndexOf(".") + 1);
  const unique = axes.filter((other) => last(other) === last(key)).length === 1;
  shortNames.set(key, unique && last(key) !== "use" ? last(key) : key);
}
const shortName = (key) => shortNames.get(key) ?? key;

function axisValues(key) {
  const values = new Set(kTrials.map((trial) => axisValue(key, trial)));
  return [...values].sort(compareValues);
}

function settingLabel(trial) {
  const parts =
      axes.filter((key) => axisValue(key, trial) !== null)
          .map(
              (key) =>
                  (key === "experiment" ? axisValue(key, trial) :
                                          `${shortName(key)}=${valueText(axisValue(key, trial))}`));
  return parts.join(", ") || report.experiments[field("file", trial)].name || "trial";
}

const settings = report.settings.map((setting, index) => (
    {...setting, index, label: settingLabel(setting.trials[0])}));
const settingOf = new Array(trialCount);
for (const setting of settings) for (const trial of setting.trials) settingOf[trial] = setting;

const replicated = settings.some((setting) => setting.trials.length > 1);
function trialLabel(trial) {
  const label = settingOf[trial].label;
  return replicated ? `${label}, replicate ${field("replicate", trial)}` : label;
}

const epochsDone = (trial) => field("epochs_done", trial);

/// Final values of a metric: [trial].
const finals = (name) => numbers(metrics.get(name).final);
/// The last value of each curve. Every number that a chart shows is one of `series` or `finals`.
const series = (name) => numbers(metrics.get(name).series);
