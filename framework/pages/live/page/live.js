// The page that watches a run. /events sends `board`, all that is known, then `change`: the layout
// of both is in live_json.hpp.
"use strict";

const kMostCurves = 100;
const kFetches = 4;  // at a time: a browser has six connections, and one is the events
const hasCharts = typeof echarts !== "undefined";
// The server says how to fetch the chart library; without its answer, the connection is lost.
const chartsMissing = typeof kChartsMissing === "undefined" ? "No charts." : kChartsMissing;

let trials = [];          // by index, as events have them, with `records`, `figures`, `hidden`
let metrics = new Map();  // by name: {name, units, better}
let run = {};             // experiment, state, default_metric
let redrawDue = false;
let drawTime = 0;         // milliseconds

/// The trials that events have told of so far, in any order of theirs.
const known = () => trials.filter((trial) => trial);
const metricNow = () => byId("metric").value;
const valuesOf = (trial, metric) => trial.records.map((record) => [record.epoch,
                                                                   record.values[metric] ?? NaN]);
const lastValue = (trial, metric) => trial.records.at(-1)?.values[metric] ?? null;
const higherOf = (metric) => isHigherBetter(metrics.get(metric) ?? {});

// Curves ------------------------------------------------------------------------------------------

/// Draws the trials that are shown: those that run, then the best of the others.
function drawCurves(ordered, metric) {
  const box = byId("curves");
  const note = byId("curves_note");
  if (!hasCharts) {
    box.hidden = true;
    setText(note, chartsMissing);
    return;
  }
  const shown = ordered.map((row) => trials[row])
      .filter((trial) => !trial.hidden && trial.records.length > 0);
  const drawn = [...shown].sort((a, b) => b.running - a.running).slice(0, kMostCurves);
  const logarithmic = byId("logarithmic").checked;
  const newest = drawn.slice(0, 10)
      .map((trial) => `${trial.label}: ${numberText(lastValue(trial, metric))}`);
  const units = metrics.get(metric)?.units;
  drawCurveChart(box, {
    against: "epoch", title: units ? `${metric} [${units}]` : metric, logarithmic,
    series: drawn.map((trial) => (
        curve(trial.label, drawable(valuesOf(trial, metric), logarithmic), trial.index))),
  }, newest.length ? `${metric} by epoch; newest ${newest.join(", ")}` : "No values yet");
  setText(note, shown.length > drawn.length
      ? `${drawn.length} of ${shown.length} trials: those that run, then the best.` : "");
}

// Leaderboard -------------------------------------------------------------------------------------

const board = makeLeaderboard("trials", {
  label: (row) => trials[row].label,
  isHidden: (row) => trials[row].hidden,
  hide(row, hidden) {
    trials[row].hidden = hidden;
    redraw();
  },
  redraw,
});

const stateOf = (trial) => (trial.running ? "running" : trial.status);

const trialColumn = {
  key: "trial", title: "trial", value: (row) => trials[row].label,
  fill(cell) { cell.append(element("div", {className: "trial_name"}, "", element("span"))); },
  update(cell, row) {
    const name = cell.firstChild;
    name.firstChild.replaceWith(swatch(row));
    setText(name.lastChild, trials[row].label);
    name.lastChild.title = `trial ${trials[row].id}`;
  },
};

const stateColumn = {
  key: "state", title: "state", value: (row) => stateOf(trials[row]),
  fill(cell) {
    cell.append(element("span"), element("progress"), element("div", {className: "error"}));
  },
  update(cell, row) {
    const [state, progress, error] = cell.children;
    const trial = trials[row];
    setText(state, stateOf(trial));
    setText(error, trial.error);
    progress.hidden = !trial.running;
    progress.max = Math.max(1, trial.steps);
    progress.value = trial.step;
    progress.setAttribute("aria-label", `steps of ${trial.label}`);
    cell.parentElement.dataset.state = stateOf(trial);
  },
};

const epochColumn = {
  key: "epochs", title: "epochs", numeric: true, value: (row) => trials[row].records.length,
  text: (row) => `${trials[row].records.length}/${trials[row].target_epochs}`,
};

/// @returns the trials in the order of the table
function drawBoard(metric) {
  const value = (row) => lastValue(trials[row], metric);
  const rows = known().map((trial) => trial.index);
  const ranks = ranksOf(rows, value, higherOf(metric));
  setText(byId("ranked_on"),
          metric ? `Ranked ${orderText(`the newest ${metric}`, higherOf(metric))}.` : "");
  return board.draw(rows, [trialColumn, stateColumn, epochColumn, {
    key: metric, title: metric || "value", numeric: true, value, higher: higherOf(metric),
    text: (row) => fixedText(value(row))}],
                    {metric, rankText: (row) => String(ranks.get(row) ?? "–")});
}

// Pictures and scatter plots: fetched when they come into sight, and again after a change ---------

const inSight = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries) {
    target.figure.inSight = isIntersecting;
    if (isIntersecting) want(target.figure);
  }
}, {rootMargin: "300px"});

const waiting = [];  // figures whose content is to be fetched
let fetching = 0;
let idle = null;  // called when the queue is empty

/// Queues the content of a figure to be fetched.
function want(figure) {
  if (!figure.stale || figure.queued) return;
  figure.queued = true;
  waiting.push(figure);
  fetchNext();
}

function fetchNext() {
  while (fetching < kFetches && waiting.length > 0) {
    const figure = waiting.shift();
    figure.queued = false;
    figure.stale = false;
    ++fetching;
    (figure.isScatter ? loadPoints : loadPicture)(figure).catch(() => {
      figure.stale = true;
    }).finally(() => {
      --fetching;
      fetchNext();
    });
  }
  if (fetching === 0 && waiting.length === 0 && idle) idle();
}

/// Fetches all content that is not shown yet.
function fetchAll() {
  for (const {figures} of known()) figures.forEach(want);
  return new Promise((resolve) => {
    idle = resolve;
    fetchNext();
  });
}

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function loadPicture(figure) {
  const response = await get(`pictures/${figure.trial.index}/${figure.number}`);
  const header = (name) => Number(response.headers.get(`Varia-${name}`));
  const [width, height, channels] = [header("Width"), header("Height"), header("Channels")];
  const bytes = new Uint8Array(await response.arrayBuffer());
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = bytes[channels * i + (c % channels)];
    image.data[4 * i + 3] = 255;
  }
  const canvas = figure.content;
  Object.assign(canvas, {width, height});
  canvas.style.width = wholePixels(width, 360);
  canvas.getContext("2d").putImageData(image, 0, 0);
  setCaption(figure, header("Epoch"));
}

async function loadPoints(figure) {
  const response = await get(`points/${figure.trial.index}/${figure.number}`);
  const {epoch, title, total, labels, xy} = await response.json();
  figure.title = title;
  figure.groups = pointsByLabel(labels, (i) => xy[i]);
  setCaption(figure, epoch, pointCount(labels.length, total));
  drawScatter(figure);
}

function drawScatter({content, groups, label}) {
  if (!groups) return;
  if (hasCharts) drawPoints(content, groups, label);
  else setText(content, chartsMissing);
}

function setCaption(figure, epoch, more = "") {
  const parts = [figure.view, figure.title, `epoch ${epoch}`, more].filter((part) => part);
  figure.label = `${figure.trial.label}: ${parts.join(", ")}`;
  figure.content.setAttribute("aria-label", figure.label);
  setText(figure.caption, parts.join(", "));
  figure.top.dataset.epoch = epoch;
}

function makeFigure(trial, view, number, isScatter) {
  const figure = {trial, view, number, isScatter, label: "", caption: element("figcaption")};
  if (isScatter) {
    figure.content = element("div", {className: "chart"});
    figure.top = element("figure", {}, figure.content, figure.caption);
  } else {
    const canvas = element("canvas", {className: "pixels"});
    figure.content = canvas;
    figure.top = pictureFigure(canvas, figure.caption, () => (
        {source: canvas.toDataURL(), label: figure.label, width: canvas.width}));
  }
  figure.content.setAttribute("role", "img");
  figure.top.figure = figure;
  figure.top.dataset.view = view;
  inSight.observe(figure.top);
  return figure;
}

/// The card of a trial, in the order of trials.
function cardOf(trial) {
  if (trial.card) return trial.card;
  const card = {heading: element("h3"), views: element("div", {className: "views"})};
  card.top = element("article", {className: "trial"}, card.heading, card.views);
  const next = known().find((other) => other.index > trial.index && other.card);
  byId("pictures").insertBefore(card.top, next?.card.top ?? null);
  return trial.card = card;
}

function takePictures(trial, pictures, isScatter) {
  for (const {view, number, title} of pictures) {
    const key = `${isScatter} ${number}`;
    if (!trial.figures.has(key)) {
      trial.figures.set(key, makeFigure(trial, view, number, isScatter));
      cardOf(trial).views.append(trial.figures.get(key).top);
      offer(byId("view"), ["all views", view], ["all views"]);
    }
    const figure = trial.figures.get(key);
    figure.title = title;
    figure.stale = true;
    if (figure.inSight) want(figure);
  }
}

function drawCards() {
  const view = byId("view").value;
  const pictured = known().filter(({card}) => card);
  for (const {card, figures, label} of pictured) {
    for (const figure of figures.values())
      figure.top.hidden = view !== "all views" && figure.view !== view;
    card.top.hidden = [...figures.values()].every(({top}) => top.hidden);
    setText(card.heading, label);
  }
  byId("no_pictures").hidden = pictured.length > 0;
}

// Events ------------------------------------------------------------------------------------------

function take({notes, trials: changed, metrics: added, ...about}) {
  run = {...about};
  for (const note of notes) byId("notes").append(element("li", {textContent: note}));
  for (const metric of added) metrics.set(metric.name, metric);
  offerMetrics(byId("metric"), [...metrics.keys()].sort(), run.default_metric);
  for (const {records, first_record: first, pictures, points, ...fields} of changed) {
    const trial = trials[fields.index] ??= {records: [], figures: new Map(), hidden: false};
    Object.assign(trial, fields);
    trial.records.splice(first, trial.records.length, ...records);
    takePictures(trial, pictures, false);
    takePictures(trial, points, true);
  }
  redraw();
}

/// Draws soon, and leaves the browser four times as long as the last drawing took.
function redraw() {
  if (redrawDue) return;
  redrawDue = true;
  setTimeout(() => requestAnimationFrame(() => {
    redrawDue = false;
    const start = performance.now();
    draw();
    drawTime = performance.now() - start;
  }), 4 * drawTime);
}

function draw() {
  setText(byId("experiment"), run.experiment ?? "Varia");
  document.title = run.experiment ? `${run.experiment} – Varia` : "Varia";
  byId("notes_section").hidden = byId("notes").childElementCount === 0;
  const metric = metricNow();
  drawCurves(drawBoard(metric), metric);
  drawCards();
  const count = (state) => known().filter((trial) => stateOf(trial) === state).length;
  const failed = count("failed") ? `, ${count("failed")} failed` : "";
  const text = `${run.state}: ${count("done") + count("stale")} of ${known().length} trials done${failed}`;
  setText(byId("status"), run.lost ? `no connection (${text})` : text);
  byId("status").dataset.state = run.lost ? "lost" : run.state;
}

function reset() {
  for (const {figures} of known())
    for (const {content} of figures.values()) if (charts.has(content)) dropChart(content);
  trials = [];
  metrics = new Map();
  board.reset();
  for (const id of ["pictures", "notes"]) byId(id).replaceChildren();
}

function connect() {
  const events = new EventSource("events");
  const hear = async (data) => {
    take(JSON.parse(data));
    if (run.state === "running") return;
    // The program waits for the stream to end, so that the last pictures can be fetched.
    await fetchAll();
    events.close();
  };
  events.addEventListener("board", ({data}) => {
    reset();
    hear(data);
  });
  events.addEventListener("change", ({data}) => hear(data));
  // The browser tries again by itself.
  events.addEventListener("error", () => {
    run.lost = true;
    redraw();
  });
}

for (const id of ["metric", "view"])
  byId(id).addEventListener("change", ({target}) => {
    target.dataset.chosen = target.value;
    redraw();
  });
byId("logarithmic").addEventListener("change", redraw);
dark.addEventListener("change", () => {
  draw();
  for (const {figures} of known()) figures.forEach(drawScatter);
});
connect();
