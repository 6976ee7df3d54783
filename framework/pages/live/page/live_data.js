// What events have told as a report: the document that report_data.hpp describes, but that numbers
// are functions which return arrays.
"use strict";

/// What a function returns, computed once.
function lazy(make) {
  let made = null;
  return () => (made ??= make());
}

/// The numbers that a document refers to, as a promise.
const numbers = async (reference) => reference();

// Statistics --------------------------------------------------------------------------------------

/// Student's 97.5% quantiles for 1 to 9 degrees of freedom.
const kStudent = [12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
                  2.262157];

/// The same for any number of degrees: from 10 on by the expansion of Fisher and Cornish (1960),
/// off by less than 1e-4.
function studentQuantile(degrees) {
  if (degrees < 10) return kStudent[degrees - 1];
  const z = 1.959964;
  const terms = [(z ** 3 + z) / 4, (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
                 (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384];
  return terms.reduce((sum, term, i) => sum + term / degrees ** (i + 1), z);
}

/// The mean of some numbers with Student's 95% interval; NaN if there are too few.
function summaryOf(values) {
  const count = values.length;
  if (count === 0) return {centre: NaN, low: NaN, high: NaN, count};
  const centre = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return {centre, low: NaN, high: NaN, count};
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const half = studentQuantile(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return {centre, low: centre - half, high: centre + half, count};
}

/// Summaries as a document has them: {centre, low, high, count}, each a function.
function summaryColumns(summaries) {
  const column = (name) => lazy(() => Float64Array.from(summaries(), (one) => one[name]));
  return {centre: column("centre"), low: column("low"), high: column("high"),
          count: column("count")};
}

// The document ------------------------------------------------------------------------------------

/// What an event tells of a trial beside its fields.
const kOwnNames = new Set(["index", "swept", "running", "step", "steps", "pictures", "points",
                           "records"]);

const column = (values, identity) => ({values, index: identity});

function liveColumns(trials, identity) {
  const columns = {count: trials.length, file: {values: [0]},
                   epochs: Math.max(0, ...trials.map(({records}) => records.at(-1)?.epoch ?? 0))};
  for (const name of Object.keys(trials[0] ?? {}).filter((key) => !kOwnNames.has(key)))
    columns[name] = column(trials.map((trial) => trial[name]), identity);
  columns.status = column(trials.map(({running, status}) => (running ? "running" : status)),
                          identity);
  columns.epochs_done = column(trials.map(({records}) => records.at(-1)?.epoch ?? 0), identity);
  // Of the epoch that is being trained.
  columns.part = column(trials.map(({running, step, steps, target_epochs: epochs}) => (
      running && steps > 0 ? (step * epochs / steps) % 1 : 0)), identity);
  return columns;
}

/// What is swept, and notes; null if a trial has no such key.
function liveParameters(trials, identity) {
  const columns = (part, prefix, more) => (
      [...new Set(trials.flatMap((trial) => Object.keys(trial[part])))].map((name) => {
        const values = trials.map((trial) => trial[part][name] ?? null);
        const there = values.filter((value) => value !== null);
        return {key: prefix + name, ...more, ...column(values, identity),
                numeric: there.length > 0 && there.every((value) => typeof value === "number")};
      }));
  return [...columns("swept", "", {swept: true}), ...columns("notes", "notes.", {swept: false})];
}

/// Trials that agree in all axes, by replicate.
function liveSettings(trials, keys) {
  const groups = new Map();
  trials.forEach(({swept}, row) => {
    const place = JSON.stringify(keys.map((key) => swept[key] ?? null));
    if (!groups.has(place)) groups.set(place, []);
    groups.get(place).push(row);
  });
  return [...groups.values()].map((rows) => ({
    missing: "", trials: rows.sort((a, b) => trials[a].replicate - trials[b].replicate)}));
}

function liveMetric({name, units, better}, trials, groups, epochs) {
  const counted = groups.map(({trials: rows}) => rows.filter((row) => (
      trials[row].status !== "failed")));
  const table = lazy(() => {
    const values = new Float64Array(trials.length * epochs).fill(NaN);
    trials.forEach(({records}, row) => {
      for (const {epoch, values: own} of records)
        values[row * epochs + epoch - 1] = own[name] ?? NaN;
    });
    return values;
  });
  const newest = lazy(() => Float64Array.from(trials, ({records}) => (
      records.findLast(({values}) => values[name] !== undefined)?.values[name] ?? NaN)));
  const those = (rows, valueOf) => rows.map(valueOf).filter((value) => !Number.isNaN(value));
  const last = lazy(() => counted.map((rows) => summaryOf(those(rows, (row) => newest()[row]))));
  const each = lazy(() => counted.flatMap((rows) => Array.from({length: epochs}, (_, epoch) => {
    const one = summaryOf(those(rows, (row) => table()[row * epochs + epoch]));
    return one.count > 1 ? one : summaryOf([]);
  })));
  return {
    name, units, better, bound: "", axes: [], shape: [], last_only: false,
    series: table, final: newest,
    summary: {...summaryColumns(last), settings: groups.length},
    band: counted.some(({length}) => length > 1) ? summaryColumns(each) : null,
    summarise: summaryOf,
    classes: {names: [""], files: [0], of: groups.map(() => 0)},
  };
}

/// Views by name: {name, left_out, trials: {row: made(trial, newest)}}.
function liveViews(trials, kind, made) {
  const views = new Map();
  trials.forEach((trial, row) => {
    for (const newest of trial[kind].values()) {
      if (!views.has(newest.view)) views.set(newest.view, {number: newest.number, trials: {}});
      views.get(newest.view).trials[row] = made(trial, newest);
    }
  });
  return [...views].sort(([, a], [, b]) => a.number - b.number)
      .map(([name, {trials: rows}]) => ({name, left_out: 0, trials: rows}));
}

/// The newest picture and those of earlier epochs that were fetched.
function pictureFrames(trial, newest) {
  const path = picturePath(trial, newest);
  const epochs = trial.records.map(({epoch}) => epoch)
      .filter((epoch) => epoch < newest.epoch && ready.has(contentKey(path, epoch)));
  return {block: path, frames: [...epochs, newest.epoch].map((epoch) => (
      [epoch, newest.width, newest.height, newest.title, newest.labels]))};
}

function pointSets(trial, newest) {
  const path = pointsPath(trial, newest);
  let total = 0;
  const part = (pick) => async () => {
    const plot = await content(path, newest.epoch, loadPoints);
    total = plot?.total ?? 0;
    return plot ? pick(plot) : [];
  };
  return [{epoch: newest.epoch, classes: newest.classes, axes: newest.axes,
           get total() { return total; },
           xy: part(({xy}) => xy.flat()), label: part(({labels}) => labels)}];
}

/// What is known of the run so far.
function liveDocument() {
  const {run, notes} = told;
  const trials = knownTrials();
  const identity = trials.map((_, i) => i);
  const columns = liveColumns(trials, identity);
  const params = liveParameters(trials, identity);
  const keys = params.filter(({swept, values}) => (
      swept && new Set(values.map((value) => JSON.stringify(value))).size > 1)).map(({key}) => key);
  const groups = liveSettings(trials, keys);
  const names = [...told.metrics.keys()].sort();
  return {
    live: {state: run.state},
    experiments: [{name: run.experiment, file: run.results, yaml: "", created: "", host: "",
                   versions: "", plugins: ""}],
    trials: columns,
    parameters: params,
    axes: keys,
    settings: groups,
    notes,
    default_metric: run.default_metric,
    metrics: names.map((name) => (
        liveMetric(told.metrics.get(name), trials, groups, columns.epochs))),
    schedules: [],
    steps: [],
    seconds: lazy(() => {
      const values = new Float64Array(trials.length * columns.epochs).fill(NaN);
      trials.forEach(({records}, row) => {
        for (const {epoch, seconds} of records) values[row * columns.epochs + epoch - 1] = seconds;
      });
      return values;
    }),
    pictures: {views: liveViews(trials, "pictures", pictureFrames),
               points: liveViews(trials, "points", pointSets)},
  };
}

// Pictures ----------------------------------------------------------------------------------------

const inSight = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries)
    if (isIntersecting) {
      inSight.unobserve(target);
      loadImage(target);
    }
}, {rootMargin: "300px"});

async function loadImage(image) {
  const {path, epoch} = image.dataset;
  const loaded = await content(path, Number(epoch), loadPicture);
  if (loaded) image.src = loaded.source;
}

/// Shows a frame in an image when that comes into sight.
function showPicture(image, path, index) {
  const [, number] = path.split("/");
  const trial = told.trials[Number(number)];
  const newest = [...trial.pictures.values()].find((one) => picturePath(trial, one) === path);
  const [epoch] = pictureFrames(trial, newest).frames[index];
  const there = ready.get(contentKey(path, epoch));
  if (there) {
    image.src = there.source;
    return;
  }
  Object.assign(image.dataset, {path, epoch});
  inSight.observe(image);
}
