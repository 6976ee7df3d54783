// Pictures and scatter plots: fetched when they come into sight, and again when they have changed.
"use strict";

const kPointStyles = ["circle", "triangle", "rect", "rectRot", "crossRot"];
const kFetches = 4;  // at a time: a browser has six connections, and one is the events

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
