// Scatter plots: the points of a view, coloured and shaped by their labels, for several trials.
"use strict";

const kPlotsAtOnce = 6;
const scatter = {};

async function labelGroups(set) {
  const [xy, labels] = await Promise.all([numbers(set.xy), numbers(set.label)]);
  return pointsByLabel(labels, (i) => [xy[2 * i], xy[2 * i + 1]]);
}

/// Draws the last plot of a trial at or before an epoch. @returns its caption
async function drawScatterPlot(box, view, trial, epoch) {
  const set = (view.trials[trial] ?? []).filter((one) => one.epoch <= epoch)
      .sort((a, b) => a.epoch - b.epoch).at(-1);
  if (!set) return null;
  const groups = await labelGroups(set);
  const count = groups.reduce((sum, [, data]) => sum + data.length, 0);
  drawPoints(box, groups, `${view.name} of ${trialLabel(trial)}, epoch ${set.epoch}: ${count} ` +
                          `points in ${groups.length} labels`);
  return [set.title, `epoch ${set.epoch}`, pointCount(count, set.total)]
      .filter((part) => part).join(", ");
}

async function drawScatters() {
  const view = scatter.view.value();
  const chosen = scatterViews().find((one) => one.name === view);
  const ranked = (await rankedSettings(state.metric)).map((setting) => shownTrials(setting)[0])
      .filter((trial) => chosen.trials[trial]);
  const pages = Math.max(1, Math.ceil(ranked.length / kPlotsAtOnce));
  scatter.page = Math.min(scatter.page ?? 0, pages - 1);
  const trials = ranked.slice(scatter.page * kPlotsAtOnce, (scatter.page + 1) * kPlotsAtOnce);
  const grid = byId("scatter_charts");
  for (const box of grid.querySelectorAll(".chart")) dropChart(box);
  const figures = trials.map((trial) => {
    const box = element("div", {className: "chart"});
    const caption = element("figcaption");
    const figure =
        element("figure", {}, element("h3", {textContent: trialLabel(trial)}), box, caption);
    figure.dataset.trial = trial;
    return {trial, box, caption, figure};
  });
  grid.replaceChildren(...figures.map(({figure}) => figure));
  for (const {trial, box, caption} of figures)
    setText(caption, await drawScatterPlot(box, chosen, trial, scatter.epochs.value()) ??
                     "no plot at this epoch");
  scatter.turn.hidden = pages < 2;
  scatter.pages = pages;
  setText(scatter.turn, `Next settings (${scatter.page + 1} of ${pages})`);
  setText(byId("scatter_note"), [
    "One trial of each shown setting, best first; zoom with Ctrl and the wheel, move by " +
        "dragging, click a label to hide it.",
    chosen.left_out ? `${chosen.left_out} plots were left out to keep the file small.` : "",
  ].filter((part) => part).join(" "));
}

const scatterViews = () => report.pictures.points.filter((view) => (
    Object.keys(view.trials).length > 0));

function startScatter() {
  const views = scatterViews();
  if (views.length === 0) {
    byId("scatter").hidden = true;
    return;
  }
  const controls = byId("scatter_controls");
  const redraw = addSection("scatter", drawScatters);
  const epochBox = element("span");
  const startEpochs = () => {
    const view = views.find((one) => one.name === scatter.view.value());
    const epochs = [...new Set(Object.values(view.trials).flatMap((sets) => (
        sets.map((set) => set.epoch))))].sort((a, b) => a - b);
    scatter.epochs = slider("Epoch", epochs, redraw);
    scatter.epochs.input.id = "scatter_epoch";
    epochBox.replaceChildren(scatter.epochs.box);
  };
  scatter.view = choice("View", views.map((view) => view.name), views[0].name, () => {
    startEpochs();
    redraw();
  });
  startEpochs();
  scatter.turn = element("button", {type: "button", textContent: "Next settings", hidden: true});
  scatter.turn.addEventListener("click", () => {
    scatter.page = (scatter.page + 1) % scatter.pages;
    redraw();
  });
  controls.append(scatter.view.box, epochBox, scatter.turn);
}
startScatter();
