// Pictures of one view side by side: a parameter of the sweep down, another across, a slider for
// each of the others.
"use strict";

/// The frames of a trial's view at an epoch, or at the last epoch before it that has any.
/// @param epoch null: the last one
function framesAt(view, trial, epoch) {
  const there = view.trials[trial];
  if (!there) return null;
  const at = there.frames.reduce((best, [own]) => (
      (epoch === null || own <= epoch) && own > best ? own : best), -1);
  if (at < 0) return null;
  const ofEpoch = there.frames.flatMap(([own], i) => (own === at ? [i] : []));
  return {epoch: at, numbers: ofEpoch, block: there.block, frames: there.frames};
}

// Settings of a trial -----------------------------------------------------------------------------

function facts(...rows) {
  const list = element("dl", {className: "facts"});
  for (const [name, value] of rows)
    if (value !== "" && value !== null && value !== undefined)
      list.append(element("dt", {textContent: name}), element("dd", {textContent: value}));
  return list;
}

/// All that a trial was set to, the swept first, and what was measured at an epoch.
async function trialFacts(trial, epoch) {
  const keys = [...report.axes, ...[...parameters.keys()].filter((key) => (
      !report.axes.includes(key) && parameter(key, trial) !== null))];
  const scheduled = await Promise.all(report.schedules.map(async ({key, series: block}) => [
    `${key} at epoch ${epoch}`, valueText(valueBy(await numbers(block), trial, epoch))]));
  const {metric} = state;
  const measured = metric
      ? [[`${metric} at epoch ${epoch}`, numberText(valueBy(await series(metric), trial, epoch))]]
      : [];
  return facts(["id", field("id", trial)], ["replicate", String(field("replicate", trial))],
               ...measured, ...scheduled,
               ...keys.map((key) => [key, valueText(parameter(key, trial))]),
               ["seed", field("seed", trial)]);
}

/// The settings of a trial, made when they are opened.
function foldedFacts(trial, epoch) {
  const box = element("details", {className: "settings"},
                      element("summary", {textContent: "settings",
                                          ariaLabel: `settings of ${trialLabel(trial)}`}));
  box.addEventListener("toggle", async () => {
    if (box.open && box.children.length === 1) box.append(await trialFacts(trial, epoch));
  });
  return box;
}

// Pictures ----------------------------------------------------------------------------------------

const kLeastPicture = 60;  // pixels across, however much room its labels take

/// @param room pixels across with the labels; null: all that there is
function trialPicture(view, trial, found, frame, room) {
  const number = found.numbers[Math.min(frame, found.numbers.length - 1)];
  const [epoch, width, height, title, labels] = found.frames[number];
  const label = `${view.name} of ${trialLabel(trial)}, epoch ${epoch}${title ? `, ${title}` : ""}`;
  const image = element("img", {alt: label, loading: "lazy"});
  showPicture(image, found.block, number);
  const free = (room ?? byId("matrix_table").clientWidth) - labelRoom(labels);
  const across = room !== null ? Math.min(wholePixels(width, free), Math.max(free, kLeastPicture))
                               : Math.max(width, Math.min(free, kMostScale * width));
  image.style.width = `${across}px`;
  const caption = title ? element("figcaption", {textContent: title}) : "";
  const content = withLabels(image, labels, [across, across * height / width]);
  if (room === null && content === image) image.style.width = `min(100%, ${kMostScale * width}px)`;
  const figure = pictureFigure(content, caption, () => {
    const more = element("div");
    trialFacts(trial, epoch).then((list) => more.append(list));
    return {source: image.src, label, width, height, labels, more};
  });
  Object.assign(figure.dataset, {trial, epoch, frame: number});
  return figure;
}

/// A picture that fills the window has pixels of at most so many screen pixels.
const kMostScale = 8;

const matrix = {};

/// The trials of each cell: (row, column) => trials.
function matrixTrials() {
  const {cells, replicate} = matrix;
  const wanted = replicate?.value();
  const found = cells.cells();
  return (row, column) => (found.get(row)?.get(column) ?? []).filter((trial) => (
      !replicate || field("replicate", trial) === wanted));
}

/// Beyond so many cells only those with trials are shown, a line each.
const kMostCells = 1000;
const kListPictures = 4;  // that would have room beside each other

/// What the table shows: {rows: [{head, places}], columns, across}. A place is a value of each of
/// the two axes, `columns` are heads, and `across` is how many pictures have room in a line.
function matrixLayout() {
  const {cells} = matrix;
  const [rows, columns] = [cells.rowValues(), cells.columnValues()];
  const name = (key, value) => (key ? axisText(key, value) : "");
  if (rows.length * columns.length <= kMostCells)
    return {rows: rows.map((row) => ({head: name(cells.rows(), row),
                                      places: columns.map((column) => [row, column])})),
            columns: cells.columns() ? columns.map((column) => name(cells.columns(), column)) : [],
            across: columns.length};
  const places = [...cells.cells()].flatMap(([row, found]) => (
      [...found.keys()].map((column) => [row, column])));
  places.sort(([a, c], [b, d]) => compareValues(a, b) || compareValues(c, d));
  return {rows: places.map(([row, column]) => ({
            head: [name(cells.rows(), row), name(cells.columns(), column)].filter((text) => text)
                .join(", "),
            places: [[row, column]]})),
          columns: [], across: kListPictures};
}

/// Pixels across of a picture in one of so many columns; null: all that there is.
function matrixRoom(columns) {
  if (columns === 1) return null;
  const all = byId("matrix_table").clientWidth - (matrix.cells.rows() ? 110 : 0);
  return Math.max(112, all / columns - 10);
}

function drawMatrix() {
  if (!matrix.view) return;
  const view = matrix.view.value();
  const {cells, frame} = matrix;
  const trialsIn = matrixTrials();
  const layout = matrixLayout();
  const room = matrixRoom(layout.across);
  const shown = JSON.stringify([view.name, layout, room, state.epoch, frame.control.value,
                                layout.rows.map(({places}) => places.map((place) => (
                                    trialsIn(...place).map((trial) => [
                                      trial, framesAt(view, trial, state.epoch)?.epoch]))))]);
  if (shown === matrix.shown) return;  // what is open or loaded stays so
  matrix.shown = shown;
  let most = 1;
  let earlier = false;
  const cellOf = (row, column) => {
    const trials = trialsIn(row, column);
    const cell = element("td");
    for (const trial of trials.slice(0, 4)) {
      const found = framesAt(view, trial, state.epoch);
      if (!found) continue;
      most = Math.max(most, found.numbers.length);
      const late = found.epoch !== (state.epoch ?? epochsDone(trial));
      earlier ||= late;
      const figure = trialPicture(view, trial, found, Number(frame.control.value), room);
      figure.append(element("figcaption", {}, [
        trials.length > 1 && trialLabel(trial), late && `epoch ${found.epoch}`,
      ].filter((part) => part).join(", ")), foldedFacts(trial, found.epoch));
      cell.append(figure);
    }
    if (!cell.childElementCount) {
      const none = state.epoch === null ? "no picture" : `no picture up to epoch ${state.epoch}`;
      const why = trials.length === 0 ? "no trial" : view.left_out ? "left out" : none;
      cell.append(element("span", {className: "empty", textContent: why}));
    }
    return cell;
  };
  const body = layout.rows.map(({head, places}) => element(
      "tr", {}, ...(head ? [element("th", {scope: "row", textContent: head})] : []),
      ...places.map((place) => cellOf(...place))));
  const heads = layout.columns.map((text) => element("th", {scope: "col", textContent: text}));
  const head = element("tr", {}, ...(cells.rows() ? [element("td")] : []), ...heads);
  byId("matrix_table").replaceChildren(element(
      "table", {}, ...(heads.length > 0 ? [element("thead", {}, head)] : []),
      element("tbody", {}, ...body)));
  matrix.frames = most;
  frame.control.max = String(most - 1);
  frame.box.hidden = most < 2;
  matrix.play.hidden = most < 2 && epochCount < 2;
  setText(byId("matrix_note"), sentences(
      "The same inputs and the same noise in every picture of a view.",
      earlier && "If a trial has no picture of the epoch, its last one before that is shown.",
      view.left_out && `${view.left_out} pictures of this view were left out to keep the file ` +
          "small (varia report --pictures)."));
}

// Animations --------------------------------------------------------------------------------------

/// Shows the next frame of animations, or the next epoch if no picture is animated.
function playOn() {
  const {control} = matrix.frames > 1 ? matrix.frame : pageEpoch;
  const next = Number(control.value) + 1;
  control.value = String(next > Number(control.max) ? 0 : next);
  control.dispatchEvent(new Event("input"));
}

function togglePlay() {
  if (matrix.timer) clearInterval(matrix.timer);
  matrix.timer = matrix.timer ? null : setInterval(playOn, matrix.frames > 1 ? 100 : 600);
  setText(matrix.play, matrix.timer ? "Pause" : "Play");
  matrix.play.setAttribute("aria-pressed", String(Boolean(matrix.timer)));
}

const redrawMatrix = addSection("matrix", {start: startMatrix, draw: drawMatrix});

/// "Previous" or "Next": another replicate.
function replicateButton(text, by) {
  const button = element("button", {type: "button", textContent: text,
                                    ariaLabel: `${text} replicate`});
  button.addEventListener("click", () => {
    const {control, values} = matrix.replicate;
    control.value = String((Number(control.value) + by + values.length) % values.length);
    redrawMatrix();
  });
  return button;
}

function startMatrix() {
  const views = report.pictures.views.filter((view) => Object.keys(view.trials).length > 0);
  const controls = byId("matrix_controls");
  controls.replaceChildren();
  if (views.length === 0) {
    const left = report.pictures.views.reduce((sum, view) => sum + view.left_out, 0);
    setText(byId("matrix_note"), `All ${left} pictures were left out (varia report --pictures).`);
    matrix.view = null;
    return left > 0;
  }
  const names = views.map(({name}) => name);
  const view = choice("View", names, names[0], () => {
    startFrames();
    redrawMatrix();
  });
  matrix.shown = "";
  matrix.view = {value: () => report.pictures.views.find(({name}) => name === view.value())};
  controls.append(view.box);
  keepValue("matrix.view", () => view);
  const withPictures = () => Object.keys(matrix.view.value().trials).map(Number);
  matrix.cells = axisChoice("matrix", controls, redrawMatrix,
                            {hold: slider, among: withPictures});
  const replicates = axisValues("replicate");
  matrix.replicate = null;
  if (replicates.length > 1) {
    matrix.replicate = choice("Replicate", replicates, replicates[0], redrawMatrix);
    keepValue("matrix.replicate", () => matrix.replicate);
    controls.append(replicateButton("Previous", -1), matrix.replicate.box,
                    replicateButton("Next", 1));
  }
  const frameBox = element("span");
  function startFrames() {
    const most = Math.max(...Object.values(matrix.view.value().trials)
        .map((trial) => trial.frames.length));
    const frames = Array.from({length: most}, (_, i) => i + 1);
    matrix.frame = slider("Frame", frames, 1, redrawMatrix);
    matrix.frame.control.id = "matrix_frame";
    frameBox.replaceChildren(matrix.frame.box);
  }
  matrix.play = element("button", {type: "button", textContent: "Play", id: "matrix_play"});
  matrix.play.addEventListener("click", togglePlay);
  startFrames();
  controls.append(frameBox, matrix.play);
  return true;
}
