// Scatter plots: the points of a view, coloured and shaped by their labels, for several trials.
"use strict";

const kPlotsAtOnce = 6;
const scatter = {page: 0, pages: 1};

async function labelGroups(set) {
  const [xy, labels] = await Promise.all([numbers(set.xy), numbers(set.label)]);
  return pointsByLabel(labels, (i) => [xy[2 * i], xy[2 * i + 1]]);
}

/// The last plot of a trial at or before the page's epoch.
function scatterAt(view, trial) {
  const {epoch} = state;
  return (view.trials[trial] ?? []).filter((one) => epoch === null || one.epoch <= epoch)
      .sort((a, b) => a.epoch - b.epoch).at(-1);
}

/// Draws that plot. @returns its caption
async function drawScatterPlot(box, view, trial) {
  const set = scatterAt(view, trial);
  if (!set) return null;
  const groups = await labelGroups(set);
  const count = groups.reduce((sum, [, data]) => sum + data.length, 0);
  const nameOf = (label) => (label in set.classes ? `${label} ${set.classes[label]}` : label);
  drawPoints(box, groups.map(([label, data]) => [nameOf(label), data]), set.axes,
             `${view.name} of ${trialLabel(trial)}, epoch ${set.epoch}: ${count} points in ` +
                 `${groups.length} labels`);
  return [`epoch ${set.epoch}`, pointCount(count, set.total)].filter((part) => part).join(", ");
}

async function drawScatters() {
  const view = scatter.view.value();
  const ranked = (await rankedSettings(state.metric)).map((setting) => shownTrials(setting)[0])
      .filter((trial) => view.trials[trial]);
  scatter.pages = Math.max(1, Math.ceil(ranked.length / kPlotsAtOnce));
  scatter.page = Math.min(scatter.page, scatter.pages - 1);
  const trials = ranked.slice(scatter.page * kPlotsAtOnce, (scatter.page + 1) * kPlotsAtOnce);
  const shown = JSON.stringify([view.name, isDark(), hasCharts, trials.map((trial) => [
    trial, trialLabel(trial), scatterAt(view, trial)?.epoch])]);
  if (shown === scatter.shown) return;  // what is zoomed stays so
  scatter.shown = shown;
  const grid = byId("scatter_charts");
  for (const box of grid.querySelectorAll(".chart")) dropChart(box);
  const figures = trials.map((trial) => {
    const box = element("div", {className: "chart"});
    box.dataset.file = `${view.name}-${field("id", trial)}`;
    const caption = element("figcaption");
    const figure =
        element("figure", {}, element("h3", {textContent: trialLabel(trial)}), box, caption);
    figure.dataset.trial = trial;
    return {trial, box, caption, figure};
  });
  grid.replaceChildren(...figures.map(({figure}) => figure));
  for (const {trial, box, caption} of figures)
    setText(caption, await drawScatterPlot(box, view, trial) ?? `no plot${epochText()}`);
  scatter.turn.hidden = scatter.pages < 2;
  setText(scatter.turn, `Next settings (${scatter.page + 1} of ${scatter.pages})`);
  setText(byId("scatter_note"), sentences(
      "One trial of each shown setting, best first; zoom with Ctrl and the wheel, move by " +
          "dragging, click a label to hide it.",
      view.left_out && `${view.left_out} plots were left out to keep the file small.`));
}

const redrawScatters = addSection("scatter", {start: startScatter, draw: drawScatters});

function startScatter() {
  const views = report.pictures.points.filter((view) => Object.keys(view.trials).length > 0);
  if (views.length === 0 || scalarMetrics.length === 0) return false;
  scatter.shown = "";
  const names = views.map(({name}) => name);
  const view = choice("View", names, names[0], redrawScatters);
  scatter.view = {value: () => report.pictures.points.find(({name}) => name === view.value())};
  keepValue("scatter.view", () => view);
  scatter.turn = element("button", {type: "button", textContent: "Next settings", hidden: true});
  scatter.turn.addEventListener("click", () => {
    scatter.page = (scatter.page + 1) % scatter.pages;
    redrawScatters();
  });
  keepChoice("scatter.page", () => String(scatter.page + 1), (text) => {
    scatter.page = Math.max(0, Math.trunc(Number(text) || 1) - 1);
  }, "1");
  byId("scatter_controls").replaceChildren(view.box, scatter.turn);
  return true;
}
