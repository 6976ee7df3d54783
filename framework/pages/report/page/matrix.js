// Pictures of one view side by side: a parameter of the sweep down, another across.
"use strict";

/// The frames of a trial's view at an epoch, or at the last epoch before it that has any.
function framesAt(view, trial, epoch) {
  const there = view.trials[trial];
  if (!there) return null;
  const at = there.frames.reduce((best, [own]) => (own <= epoch && own > best ? own : best), -1);
  if (at < 0) return null;
  const numbers = there.frames.flatMap(([own], i) => (own === at ? [i] : []));
  return {epoch: at, numbers, block: there.block, frames: there.frames};
}

const viewEpochs = (view) => [...new Set(Object.values(view.trials)
    .flatMap((trial) => trial.frames.map(([epoch]) => epoch)))].sort((a, b) => a - b);

function trialPicture(view, trial, found, frame, room) {
  const number = found.numbers[Math.min(frame, found.numbers.length - 1)];
  const [epoch, width, , title] = found.frames[number];
  const source = picture(found.block, number);
  const label = `${view.name} of ${trialLabel(trial)}, epoch ${epoch}${title ? `, ${title}` : ""}`;
  const image = element("img", {src: source, alt: label, loading: "lazy"});
  image.style.width = wholePixels(width, room);
  const caption = title ? element("figcaption", {textContent: title}) : "";
  const figure = pictureFigure(image, caption, () => ({source, label, width}));
  Object.assign(figure.dataset, {trial, epoch, frame: number});
  return figure;
}

const matrix = {};

function matrixTrials() {
  const {cells, replicate} = matrix;
  const wanted = replicate?.value();
  return (row, column) => cells.cell(row, column).filter((trial) => (
      !matrix.paged || field("replicate", trial) === wanted));
}

function drawMatrix() {
  const view = report.pictures.views.find((one) => one.name === matrix.view.value());
  const {cells, epochs, frame} = matrix;
  const epoch = epochs.value();
  const trialsIn = matrixTrials();
  const rows = cells.rowValues();
  const columns = cells.columnValues();
  const room =
      Math.max(112, Math.min(280, (byId("matrix_table").clientWidth - 120) / columns.length));
  let most = 1;
  let earlier = false;
  const cellOf = (row, column) => {
    const trials = trialsIn(row, column);
    const cell = element("td");
    for (const trial of trials.slice(0, 4)) {
      const found = framesAt(view, trial, epoch);
      if (!found) continue;
      most = Math.max(most, found.numbers.length);
      earlier ||= found.epoch !== epoch;
      const figure = trialPicture(view, trial, found, Number(frame.input.value), room);
      if (found.epoch !== epoch)
        figure.append(element("figcaption", {textContent: `epoch ${found.epoch}`}));
      cell.append(figure);
    }
    if (!cell.childElementCount) {
      const why = trials.length === 0 ? "no trial" : view.left_out ? "left out" : "no picture";
      cell.append(element("span", {className: "empty", textContent: why}));
    }
    return cell;
  };
  const name = (key, value) => (key ? `${shortName(key)}=${valueText(value)}` : "");
  const body = rows.map((row) => element(
      "tr", {}, element("th", {scope: "row", textContent: name(cells.rows(), row)}),
      ...columns.map((column) => cellOf(row, column))));
  const head = element("tr", {}, element("td"), ...columns.map((column) => (
      element("th", {scope: "col", textContent: name(cells.columns(), column)}))));
  byId("matrix_table").replaceChildren(
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
  matrix.frames = most;
  frame.input.max = String(most - 1);
  frame.box.hidden = most < 2;
  matrix.play.hidden = most < 2 && epochs.input.max === "0";
  setText(byId("matrix_note"), [
    "The same inputs and the same noise in every picture of a view.",
    earlier ? "If a trial has no picture of the epoch, its last one before that is shown." : "",
    view.left_out ? `${view.left_out} pictures of this view were left out to keep the file small ` +
        "(varia report --pictures)." : "",
  ].filter((part) => part).join(" "));
}

/// Shows the next frame of animations, or the next epoch if no picture is animated.
function playOn() {
  const one = matrix.frames > 1 ? matrix.frame : matrix.epochs;
  const next = Number(one.input.value) + 1;
  one.input.value = String(next > Number(one.input.max) ? 0 : next);
  one.input.dispatchEvent(new Event("input"));
}

function togglePlay() {
  if (matrix.timer) clearInterval(matrix.timer);
  matrix.timer = matrix.timer ? null : setInterval(playOn, matrix.frames > 1 ? 100 : 600);
  setText(matrix.play, matrix.timer ? "Pause" : "Play");
  matrix.play.setAttribute("aria-pressed", String(Boolean(matrix.timer)));
}

function startMatrix() {
  const views = report.pictures.views.filter((view) => Object.keys(view.trials).length > 0);
  if (views.length === 0) {
    const left = report.pictures.views.reduce((sum, view) => sum + view.left_out, 0);
    if (left)
      setText(byId("matrix_note"), `All ${left} pictures were left out (varia report --pictures).`);
    else byId("matrix").hidden = true;
    return;
  }
  const controls = byId("matrix_controls");
  const redraw = addSection("matrix", drawMatrix);
  const replicates = axisValues("replicate");
  matrix.view = choice("View", views.map((view) => view.name), views[0].name, () => {
    startEpochs();
    redraw();
  });
  controls.append(matrix.view.box);
  matrix.cells = axisChoice(controls, redraw, {});
  matrix.paged = replicates.length > 1;
  if (matrix.paged) {
    matrix.replicate = choice("Replicate", replicates, replicates[0], redraw);
    const turn = (text, by) => {
      const button = element("button", {type: "button", textContent: text,
                                        ariaLabel: `${text} replicate`});
      button.addEventListener("click", () => {
        const {select} = matrix.replicate;
        const count = replicates.length;
        select.value = String((Number(select.value) + by + count) % count);
        redraw();
      });
      return button;
    };
    controls.append(turn("Previous", -1), matrix.replicate.box, turn("Next", 1));
  }
  const epochBox = element("span", {className: "controls"});
  function startEpochs() {
    const view = views.find((one) => one.name === matrix.view.value());
    matrix.epochs = slider("Epoch", viewEpochs(view), redraw);
    const most = Math.max(...Object.values(view.trials).map((trial) => trial.frames.length));
    matrix.frame = slider("Frame", Array.from({length: most}, (_, i) => i + 1), redraw);
    matrix.frame.input.value = "0";
    matrix.frame.input.dispatchEvent(new Event("input"));
    matrix.epochs.input.id = "matrix_epoch";
    matrix.frame.input.id = "matrix_frame";
    epochBox.replaceChildren(matrix.epochs.box, matrix.frame.box);
  }
  matrix.play = element("button", {type: "button", textContent: "Play", id: "matrix_play"});
  matrix.play.addEventListener("click", togglePlay);
  startEpochs();
  controls.append(epochBox, matrix.play);
}
startMatrix();
