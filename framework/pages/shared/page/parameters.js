// The metric by parameters: slices of one, a heat map of two, and the share of the variance that
// each explains.
"use strict";

// Slices ------------------------------------------------------------------------------------------

/// Whether an axis of positive numbers is better read by their logarithms.
function spreads(values) {
  const there = values.filter((value) => typeof value === "number");
  return there.length > 0 && there.every((value) => value > 0) &&
      Math.max(...there) / Math.min(...there) >= 50;
}

const isNumeric = (key) => key !== "experiment" && Boolean(parameters.get(key)?.numeric);

/// A parameter with few values has a category for each, at equal distances.
const kMostCategories = 12;
const isContinuous = (key) => isNumeric(key) && axisValues(key).length > kMostCategories;

/// The most trials that a chart draws as marks; of more, some over the whole range of the metric.
const kMostMarks = 2000;
function someOf(trials, values) {
  if (trials.length <= kMostMarks) return trials;
  const sorted = trials.toSorted((a, b) => values[a] - values[b]);
  return Array.from({length: kMostMarks}, (_, i) => (
      sorted[Math.round(i * (sorted.length - 1) / (kMostMarks - 1))]));
}

/// ", the best one in another colour" if there is a best one.
const bestText = (metric) => (isHigherBetter(metrics.get(metric)) === null
    ? "" : ", the best one in another colour");

async function drawSlices() {
  const {metric} = state;
  const values = await valuesNow(metric);
  const grid = byId("slices_charts");
  for (const box of grid.querySelectorAll(".chart")) dropChart(box);
  const all = state.shown.filter((trial) => Number.isFinite(values[trial]));
  const shown = someOf(all, values);
  const boxes = axes.map((key) => {
    const box = element("div", {className: "chart"});
    box.dataset.file = `slice-${key}`;
    return {key, box};
  });
  grid.replaceChildren(...boxes.map(({box}) => element("div", {}, box)));
  for (const {key, box} of boxes) {
    const inSweep = axisValues(key);
    const numeric = isContinuous(key);
    const higher = isHigherBetter(metrics.get(metric));
    const first = higher === null ? null : shown.toSorted(byValue(values, higher))[0];
    const data = shown.filter((trial) => axisValue(key, trial) !== null).map((trial) => ({
      value: [numeric ? axisValue(key, trial) : valueText(axisValue(key, trial)), values[trial]],
      label: trialLabel(trial),
      trial,
      itemStyle: {color: colour(trial === first ? 1 : 0), opacity: trial === first ? 1 : 0.6},
    }));
    drawChart(box, {
      tooltip: tooltip(({data: {label, trial}}) => tip(
          label, `${metric} ${numberText(values[trial])}`)),
      xAxis: numeric
          ? axis(key, {type: spreads(inSweep) ? "log" : "value", formatter: numberText})
          : categoryAxis(key, inSweep, {room: box.clientWidth - 70}),
      yAxis: yAxis(metricTitle(metric), {formatter: numberText}),
      series: [{type: "scatter", name: metric, symbolSize: shown.length > 500 ? 4 : 8, progressive: 0, data}],
    }, `${metric} of ${shown.length} trials by ${key}`);
  }
  setText(byId("slices_note"), sentences(
      `Each point is a trial at ${state.epoch === null ? "its last epoch" : `epoch ${state.epoch}`}` +
          `${bestText(metric)}; nothing is averaged.`,
      shown.length < all.length && `${shown.length} of ${all.length} trials.`));
}

const hasAxes = () => axes.length > 0 && scalarMetrics.length > 0;
addSection("slices", {start: hasAxes, draw: drawSlices});

// Two parameters ----------------------------------------------------------------------------------

const kPooled = "mean over all";
let heatCells = null;

async function drawHeat() {
  const box = byId("heat_chart");
  const note = byId("heat_note");
  const {metric} = state;
  const {centre} = await summaries(metric);
  const [rows, columns] = [heatCells.rowValues(), heatCells.columnValues()];
  const data = [];
  let pooled = 0;
  rows.forEach((row, y) => columns.forEach((column, x) => {
    const there = [...new Set(heatCells.cell(row, column).map((trial) => settingOf[trial]))]
        .filter((setting) => Number.isFinite(centre[setting.index]));
    if (there.length === 0) return;
    pooled = Math.max(pooled, there.length);
    const value = there.reduce((sum, setting) => sum + centre[setting.index], 0) / there.length;
    data.push({
      name: there.length === 1 ? there[0].label : `mean of ${there.length} settings`,
      value: [x, y, value],
    });
  }));
  if (data.length === 0) {
    sayNothing(note, box, "No shown trial has a value there.");
    return;
  }
  box.hidden = false;
  const [low, high] = extent(data.map(({value}) => value[2]));
  const middle = (low + high) / 2;
  drawChart(box, {
    grid: {top: 12, bottom: 50},
    tooltip: tooltip(({name, value}) => tip(name, `${metric} ${numberText(value[2])}`)),
    xAxis: categoryAxis(heatCells.columns() ?? "", columns, {room: box.clientWidth - 90}),
    yAxis: categoryAxis(heatCells.rows() ?? "", rows, {nameGap: 48}),
    visualMap: colourBar(low, high, colourScale()),
    series: [{
      type: "heatmap", name: metric, progressive: 0,
      data: data.map((one) => ({
        ...one, label: {show: data.length <= 60, color: cellInk(one.value[2], middle)}})),
      label: {formatter: ({value}) => numberText(value[2])},
      itemStyle: {borderColor: css("--paper"), borderWidth: 1},
    }],
  }, `${metric} by ${heatCells.rows()} and ${heatCells.columns()}`);
  setText(note, sentences(
      `Each cell is the centre over the replicates of one setting${epochText()}.`,
      pooled > 1 && `Cells are means over up to ${pooled} settings, as chosen above.`,
      "Empty cells have no trial that is done."));
}

/// Ink that is readable on a cell of the colour scale.
const cellInk = (value, middle) => ((value > middle) === isDark() ? "#0b0d10" : "#ffffff");

const redrawHeat = addSection("heat", {
  start() {
    byId("heat_controls").replaceChildren();
    if (axes.length < 2 || scalarMetrics.length === 0) return false;
    heatCells = axisChoice("heat", byId("heat_controls"), () => redrawHeat(),
                           {hold: choice, pools: [kPooled], among: () => allTrials.filter(counts)});
    return true;
  },
  draw: drawHeat,
});

// Importance --------------------------------------------------------------------------------------

const kBins = 8;

/// The group of each trial by a parameter: its value, or one of kBins quantiles of many numbers.
function groupsBy(key, trials) {
  const all = trials.map((trial) => axisValue(key, trial));
  const different = new Set(all);
  if (!isNumeric(key) || different.size <= kBins) return all.map(valueText);
  const sorted = all.filter((value) => value !== null).sort((a, b) => a - b);
  const edges = Array.from({length: kBins - 1}, (_, i) => (
      sorted[Math.floor((i + 1) * sorted.length / kBins)]));
  return all.map(
      (value) => (value === null ? "–" : String(edges.filter((edge) => value >= edge).length)));
}

/// The part of the variance of y that lies between groups, corrected for their number: epsilon
/// squared (Kelley 1935), (SSB - (k - 1) MSW) / SST; null if it cannot be computed.
function varianceShare(y, groups) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const members = new Map();
  groups.forEach((group, i) => {
    if (!members.has(group)) members.set(group, []);
    members.get(group).push(y[i]);
  });
  const [n, k] = [y.length, members.size];
  const centre = mean(y);
  const total = y.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  if (k < 2 || n <= k || total === 0) return null;
  let within = 0;
  for (const values of members.values()) {
    const own = mean(values);
    for (const value of values) within += (value - own) ** 2;
  }
  return Math.max(0, (total - within - (k - 1) * within / (n - k)) / total);
}

async function importances(metric) {
  const values = await valuesNow(metric);
  const trials = state.shown.filter((trial) => Number.isFinite(values[trial]));
  const y = trials.map((trial) => values[trial]);
  const shares = axes.map((key) => ({key, share: varianceShare(y, groupsBy(key, trials))}))
      .filter(({share}) => share !== null);
  const all = varianceShare(y, trials.map((trial) => settingOf[trial].index));
  return {shares: shares.sort((a, b) => b.share - a.share), all, count: trials.length};
}

async function drawImportance() {
  const box = byId("importance_chart");
  const note = byId("importance_note");
  const {metric} = state;
  const {shares, all, count} = await importances(metric);
  if (shares.length === 0) {
    sayNothing(note, box, "It takes more shown trials than values of a parameter to tell.");
    return;
  }
  box.hidden = false;
  const bars = shares.slice(0, 12).reverse();
  drawChart(box, {
    tooltip: tooltip(({name, value}) => tip(name, `${(100 * value).toFixed(1)}% of the variance`)),
    xAxis: axis(`share of the variance of ${metric}`, {
      min: 0, max: 1, formatter: (value) => `${Math.round(100 * value)}%`}),
    yAxis: {...categoryAxis("", bars.map(({key}) => key)),
            axisLabel: {color: css("--ink"), width: 0.4 * box.clientWidth, overflow: "breakAll"}},
    series: [{type: "bar", name: "share", data: bars.map(({share}) => share), barMaxWidth: 26,
              itemStyle: {color: colour(0)},
              label: {show: true, position: "right", color: css("--ink"),
                      formatter: ({value}) => `${(100 * value).toFixed(0)}%`}}],
  }, shares.map(({key, share}) => `${key} ${(100 * share).toFixed(0)}%`).join(", "));
  setText(note, sentences(
      `How much of the differences between ${count} trials each parameter explains alone ` +
          `(epsilon squared; numbers with more than ${kBins} values in as many quantiles).`,
      all !== null &&
          `All of them together explain ${(100 * all).toFixed(0)}%; the rest is the seed.`,
      "It is about the values that were tried, and does not see what acts only jointly."));
}

addSection("importance", {start: hasAxes, draw: drawImportance});
