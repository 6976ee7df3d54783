// The page that watches a run. /events sends `board`, all that is known, then `change`: the layout
// of both is in live_json.hpp.
"use strict";

const kSplits = ["validation", "test", "train"];  // the first that is there is shown

let trials = [];      // as events tell them, with `row`, `card`, `visible`
let board = {};       // experiment, state
let redrawn = false;  // a redrawing is due

// Choices -----------------------------------------------------------------------------------------

function offerMetrics(epochs) {
  const metrics = new Set();
  const splits = new Set();
  for (const {metrics: bySplit} of epochs) {
    for (const [split, values] of Object.entries(bySplit)) {
      splits.add(split);
      for (const [name, value] of Object.entries(values)) if (value !== null) metrics.add(name);
    }
  }
  offer(byId("metric"), [...metrics].sort(), ["elbo", "loss"]);
  offer(byId("split"), kSplits.filter((split) => splits.has(split)), kSplits);
}

const valueOf = (epoch) => epoch.metrics[byId("split").value]?.[byId("metric").value] ?? null;

// Curves ------------------------------------------------------------------------------------------

const curves = new Chart(byId("curves"), {
  type: "line",
  data: {datasets: []},
  options: {
    animation: false,
    parsing: false,  // points are in the order of x
    maintainAspectRatio: false,
    interaction: {mode: "nearest", intersect: false},
    plugins: {legend: {display: false}},  // the table is the legend
    scales: {
      x: {type: "linear", title: {display: true, text: "epoch"}, ticks: {precision: 0}},
      y: {type: "linear", title: {display: true}, ticks: {maxTicksLimit: 8}},
    },
  },
});

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
    for (const {figures} of trials) figures.forEach(({chart}) => chart?.destroy());
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
