// The page that watches a run. /events sends `board`, all that is known, then `change`: the layout
// of both is in live_json.hpp. Pictures and points are fetched when they come into sight.
"use strict";

const byId = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const kLight = ["#0068b5", "#c94f00", "#00795a", "#a0308f", "#806600", "#c2184b", "#4b5a66",
                "#5b3fc4", "#1f7a1f", "#8a4b2a"];
const kDark = ["#5db7ff", "#ff9a5c", "#3fd0a0", "#f08be0", "#e0c04a", "#ff7f9f", "#b8c4ce",
               "#b3a1ff", "#8fdc6a", "#d9a384"];
const kDashes = [[], [7, 3], [2, 2], [9, 3, 2, 3]];
const kSplits = ["validation", "test", "train"];  // the first that is there is shown
const kPointStyles = ["circle", "triangle", "rect", "rectRot", "crossRot"];
const kFetches = 4;  // at a time: a browser has six connections, and one is the events

let trials = [];      // as events tell them, with `row`, `card`, `visible`
let board = {};       // experiment, state
let redrawn = false;  // a redrawing is due

const colour = (i) => (dark.matches ? kDark : kLight)[i % kLight.length];
const dash = (i) => kDashes[Math.floor(i / kLight.length) % kDashes.length];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/// Five significant digits.
function numberText(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(5)));
}

// Choices -----------------------------------------------------------------------------------------

/// Adds what is missing to a list of choices, and keeps what is chosen.
function offer(select, names, preferred) {
  const known = new Set(Array.from(select.options, (option) => option.value));
  const added = names.filter((name) => !known.has(name));
  if (added.length === 0) return;
  const chosen = select.dataset.chosen ?? "";
  const all = [...known, ...added];
  select.replaceChildren(...all.map((name) => element("option", {value: name, textContent: name})));
  const wanted = [chosen, ...preferred, all[0]];
  select.value = wanted.find((name) => all.includes(name));
}

function offerMetrics(epochs) {
  const metrics = new Set();
  const splits = new Set();
  for (const {metrics: bySplit} of epochs) {
    for (const [split, values] of Object.entries(bySplit)) {
      splits.add(split);
      Object.keys(values).forEach((name) => metrics.add(name));
    }
  }
  offer(byId("metric"), [...metrics].sort(), ["loss"]);
  offer(byId("split"), kSplits.filter((split) => splits.has(split)), kSplits);
}

const valueOf = (epoch) => epoch.metrics[byId("split").value]?.[byId("metric").value] ?? null;

// Curves ------------------------------------------------------------------------------------------

const curves = new Chart(byId("curves"), {
  type: "line",
  data: {datasets: []},
  options: {
    animation: false,
    parsing: false,
    maintainAspectRatio: false,
    interaction: {mode: "nearest", intersect: false},
    plugins: {legend: {display: false}},  // the table is the legend
    scales: {
      x: {type: "linear", title: {display: true, text: "epoch"}, ticks: {precision: 0}},
      y: {type: "linear", title: {display: true}, ticks: {maxTicksLimit: 8}},
    },
  },
});

function paintAxes(chart) {
  for (const axis of Object.values(chart.options.scales)) {
    axis.grid = {color: css("--line"), borderColor: css("--faint")};
    axis.ticks.color = css("--faint");
    axis.title.color = css("--ink");
  }
}

function drawCurves() {
  const name = `${byId("split").value} ${byId("metric").value}`;
  curves.data.datasets = trials.filter((trial) => trial.visible).map((trial) => {
    const data = trial.epochs.map((epoch) => ({x: epoch.epoch, y: valueOf(epoch) ?? NaN}));
    return {
      label: trial.label,
      data,
      borderColor: colour(trial.index),
      backgroundColor: colour(trial.index),
      borderDash: dash(trial.index),
      borderWidth: 2,
      pointRadius: data.length < 30 ? 2.5 : 0,
    };
  });
  const {y} = curves.options.scales;
  y.type = byId("logarithmic").checked ? "logarithmic" : "linear";
  y.title.text = name;
  paintAxes(curves);
  curves.update("none");
  const values = trials.filter((trial) => trial.visible && trial.epochs.length > 0)
      .slice(0, 10)
      .map((trial) => `${trial.label}: ${numberText(valueOf(trial.epochs.at(-1)))}`);
  byId("curves").setAttribute(
      "aria-label", values.length ? `${name} by epoch; newest ${values.join(", ")}`
                                  : "No values yet");
}

// The table of trials -----------------------------------------------------------------------------

function swatch(index) {
  const space = "http://www.w3.org/2000/svg";
  const image = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  image.setAttribute("class", "swatch");
  image.setAttribute("aria-hidden", "true");
  for (const [key, value] of Object.entries({x1: 0, x2: "100%", y1: 6, y2: 6, "stroke-width": 3}))
    line.setAttribute(key, value);
  line.setAttribute("stroke-dasharray", dash(index).join(" "));
  image.append(line);
  return image;
}

function makeRow(trial) {
  const box = element("input", {type: "checkbox", checked: true});
  box.addEventListener("change", () => {
    trial.visible = box.checked;
    redraw();
  });
  const row = {
    label: element("span"),
    state: element("span"),
    progress: element("progress", {hidden: true}),
    error: element("div", {className: "error"}),
    epochs: element("td", {className: "number"}),
    value: element("td", {className: "number"}),
    swatch: swatch(trial.index),
  };
  row.top = element(
      "tr", {id: `trial_${trial.index}`},
      element("th", {scope: "row"}, element("label", {}, box, row.swatch, row.label)),
      element("td", {}, row.state, row.progress, row.error), row.epochs, row.value);
  return row;
}

function drawRow(trial) {
  const {row} = trial;
  setText(row.label, trial.label);
  row.label.title = `trial ${trial.id}`;
  setText(row.state, trial.state);
  row.top.dataset.state = trial.state;
  row.progress.hidden = trial.state !== "running";
  row.progress.max = Math.max(1, trial.steps);
  row.progress.value = trial.step;
  row.progress.setAttribute("aria-label", `steps of ${trial.label}`);
  setText(row.error, trial.error);
  row.epochs.dataset.label = "epochs";
  row.value.dataset.label = byId("value_heading").textContent;
  setText(row.epochs, `${trial.epochs.length}/${trial.records}`);
  setText(row.value, trial.epochs.length ? numberText(valueOf(trial.epochs.at(-1))) : "–");
  row.swatch.firstChild.setAttribute("stroke", colour(trial.index));
}

// Pictures and scatter plots ----------------------------------------------------------------------

const inSight = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries) {
    target.figure.inSight = isIntersecting;
    if (isIntersecting) want(target.figure);
  }
}, {rootMargin: "300px"});

const waiting = [];  // figures whose content is to be fetched
let fetching = 0;
let idle = null;  // called when nothing is fetched any more

/// Fetches what a figure shows, in its turn.
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
    figure.load(figure).catch(() => { figure.stale = true; }).finally(() => {
      --fetching;
      fetchNext();
    });
  }
  if (fetching === 0 && waiting.length === 0 && idle) idle();
}

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function loadPicture(figure) {
  const response = await get(`pictures/${figure.trial.index}/${figure.number}`);
  const field = (name) => Number(response.headers.get(`Varia-${name}`));
  const [width, height, channels] = [field("Width"), field("Height"), field("Channels")];
  const bytes = new Uint8Array(await response.arrayBuffer());
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = bytes[channels * i + (c % channels)];
    image.data[4 * i + 3] = 255;
  }
  const {canvas} = figure;
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${Math.max(1, Math.round(360 / width)) * width}px`;
  canvas.getContext("2d").putImageData(image, 0, 0);
  caption(figure, field("Epoch"));
}

async function loadPoints(figure) {
  const {epoch, total, labels, xy} = await (await get(
      `points/${figure.trial.index}/${figure.number}`)).json();
  const byLabel = new Map();
  labels.forEach((label, i) => {
    if (!byLabel.has(label)) byLabel.set(label, []);
    byLabel.get(label).push({x: xy[i][0], y: xy[i][1]});
  });
  const all = [...byLabel].sort(([a], [b]) => a - b);
  figure.chart ??= new Chart(figure.canvas, {
    type: "scatter",
    data: {datasets: []},
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: {x: {ticks: {}, title: {}}, y: {ticks: {}, title: {}}},
      plugins: {legend: {labels: {usePointStyle: true}}, tooltip: {enabled: false}},
    },
  });
  figure.chart.options.plugins.legend.display = all.length > 1;
  figure.chart.data.datasets = all.map(([label, data], i) => (
      {label: String(label), data, number: i, pointRadius: 2,
       pointStyle: kPointStyles[i % kPointStyles.length]}));
  paintPoints(figure.chart);
  caption(figure, epoch,
          labels.length < total ? `${labels.length} of ${total} points` : `${total} points`);
}

function paintPoints(chart) {
  for (const dataset of chart.data.datasets) {
    dataset.borderColor = colour(dataset.number);
    dataset.backgroundColor = colour(dataset.number);
  }
  chart.options.plugins.legend.labels.color = css("--ink");
  paintAxes(chart);
  chart.update("none");
}

function caption(figure, epoch, more = "") {
  const parts = [figure.view, figure.title, `epoch ${epoch}`, more].filter((part) => part);
  setText(figure.text, parts.join(", "));
  figure.canvas.setAttribute("aria-label", `${figure.trial.label}: ${parts.join(", ")}`);
  figure.top.dataset.epoch = epoch;
}

function makeFigure(trial, view, number, isScatter) {
  const figure = {trial, view, number, load: isScatter ? loadPoints : loadPicture};
  figure.canvas = element("canvas", {className: isScatter ? "" : "pixels"});
  figure.canvas.setAttribute("role", "img");
  figure.text = element("figcaption");
  const frame = isScatter ? element("div", {className: "scatter"}, figure.canvas) : figure.canvas;
  figure.top = element("figure", {figure}, frame, figure.text);
  figure.top.dataset.view = view;
  inSight.observe(figure.top);
  return figure;
}

function takePictures(trial, pictures, isScatter) {
  for (const {view, number, title} of pictures) {
    const key = `${isScatter} ${number}`;
    if (!trial.figures.has(key)) {
      const figure = makeFigure(trial, view, number, isScatter);
      trial.figures.set(key, figure);
      trial.card.views.append(figure.top);
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
  let any = false;
  for (const {card, figures, label} of trials) {
    let shown = false;
    for (const figure of figures.values()) {
      figure.top.hidden = view !== "all views" && figure.view !== view;
      shown ||= !figure.top.hidden;
    }
    card.top.hidden = !shown;
    setText(card.heading, label);
    any ||= figures.size > 0;
  }
  byId("no_pictures").hidden = any;
}

/// Fetches all that is not there yet.
function fetchAll() {
  for (const {figures} of trials) figures.forEach(want);
  return new Promise((resolve) => {
    idle = resolve;
    fetchNext();
  });
}

// Events ------------------------------------------------------------------------------------------

function newTrial(told) {
  const trial = {index: told.index, epochs: [], figures: new Map(), visible: true};
  trial.row = makeRow(trial);
  trial.card = {heading: element("h3"), views: element("div", {className: "views"})};
  trial.card.top = element("article", {className: "trial"}, trial.card.heading, trial.card.views);
  byId("trials").append(trial.row.top);
  byId("pictures").append(trial.card.top);
  return trial;
}

function take({experiment, state, notes, trials: changed}) {
  board = {experiment, state};
  for (const note of notes) byId("notes").append(element("li", {textContent: note}));
  for (const {epochs, first_epoch: first, pictures, points, ...told} of changed) {
    const trial = trials[told.index] ??= newTrial(told);
    Object.assign(trial, told);
    trial.epochs.splice(first, trial.epochs.length, ...epochs);
    offerMetrics(epochs);
    takePictures(trial, pictures, false);
    takePictures(trial, points, true);
  }
  redraw();
}

function redraw() {
  if (redrawn) return;
  redrawn = true;
  requestAnimationFrame(() => {
    redrawn = false;
    draw();
  });
}

function draw() {
  setText(byId("experiment"), board.experiment ?? "Varia");
  document.title = board.experiment ? `${board.experiment} – Varia` : "Varia";
  setText(byId("value_heading"), `${byId("split").value} ${byId("metric").value}`.trim() || "Value");
  byId("notes_section").hidden = byId("notes").childElementCount === 0;
  trials.forEach(drawRow);
  drawCards();
  drawCurves();
  const count = (state) => trials.filter((trial) => trial.state === state).length;
  const failed = count("failed") ? `, ${count("failed")} failed` : "";
  const told = `${board.state}: ${count("done")} of ${trials.length} trials done${failed}`;
  setText(byId("status"), board.lost ? `no connection (${told})` : told);
  byId("status").dataset.state = board.lost ? "lost" : board.state;
}

function connect() {
  const events = new EventSource("events");
  events.addEventListener("board", ({data}) => {
    trials = [];
    for (const id of ["trials", "pictures", "notes"]) byId(id).replaceChildren();
    hear(data);
  });
  events.addEventListener("change", ({data}) => hear(data));
  // The browser tries again by itself.
  events.addEventListener("error", () => {
    board.lost = true;
    redraw();
  });

  async function hear(data) {
    take(JSON.parse(data));
    if (board.state === "running") return;
    // The program waits for the stream to end, so that the last pictures can be had.
    await fetchAll();
    events.close();
  }
}

for (const id of ["metric", "split", "view"])
  byId(id).addEventListener("change", ({target}) => {
    target.dataset.chosen = target.value;
    redraw();
  });
byId("logarithmic").addEventListener("change", redraw);
dark.addEventListener("change", () => {
  draw();
  for (const {figures} of trials)
    figures.forEach(({chart}) => { if (chart) paintPoints(chart); });
});
connect();
