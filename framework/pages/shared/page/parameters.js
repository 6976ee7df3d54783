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

/// The chart of each axis. They stay while the axes do, and with them what has the focus.
function sliceBoxes() {
  const grid = byId("slices_charts");
  const file = (key) => `slice-${key}`;
  const there = [...grid.querySelectorAll(".chart")];
  if (there.length === axes.length && there.every((box, i) => box.dataset.file === file(axes[i])))
    return there.map((box, i) => ({key: axes[i], box}));
  there.forEach(dropChart);
  const boxes = axes.map((key) => {
    const box = element("div", {className: "chart"});
    box.dataset.file = file(key);
    return {key, box};
  });
  grid.replaceChildren(...boxes.map(({box}) => element("div", {}, box)));
  return boxes;
}

async function drawSlices() {
  const {metric} = state;
  const values = await valuesNow(metric);
  const all = state.shown.filter((trial) => Number.isFinite(values[trial]));
  const shown = someOf(all, values);
  for (const {key, box} of sliceBoxes()) {
    const inSweep = axisValues(key);
    const numeric = isContinuous(key);
    const higher = isHigherBetter(metrics.get(metric));
    const first = higher === null ? null : shown.toSorted(byValue(values, higher))[0];
    // What is drawn last lies on top.
    const drawn = shown.filter((trial) => trial !== first).concat(first ?? []);
    const data = drawn.filter((trial) => axisValue(key, trial) !== null).map((trial) => ({
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
  const across = heatAxis(heatCells.columns(), heatCells.columnValues(),
                          {room: box.clientWidth - 90});
  const down = heatAxis(heatCells.rows(), heatCells.rowValues(), {nameGap: 48});
  const data = [];
  let pooled = 0;
  for (const [row, cells] of heatCells.cells()) {
    for (const [column, trials] of cells) {
      const there = [...new Set(trials.map((trial) => settingOf[trial]))]
          .filter((setting) => Number.isFinite(centre[setting.index]));
      const [x, y] = [across.place(column), down.place(row)];
      if (there.length === 0 || isMissing(x) || isMissing(y)) continue;
      pooled = Math.max(pooled, there.length);
      const value = there.reduce((sum, setting) => sum + centre[setting.index], 0) / there.length;
      data.push({
        name: there.length === 1 ? there[0].label : `mean of ${there.length} settings`,
        value: [x, y, value],
      });
    }
  }
  if (data.length === 0) {
    sayNothing(note, box, "No shown trial has a value there.");
    return;
  }
  box.hidden = false;
  const [low, high] = extent(data.map(({value}) => value[2]));
  const middle = (low + high) / 2;
  const ofCells = across.isCategories && down.isCategories;
  drawChart(box, {
    grid: {top: 12, bottom: 50},
    tooltip: tooltip(({name, value}) => tip(name, `${metric} ${numberText(value[2])}`)),
    xAxis: across.axis,
    yAxis: down.axis,
    visualMap: colourBar(low, high, colourScale()),
    series: [ofCells ? {
      type: "heatmap", name: metric, progressive: 0,
      data: data.map((one) => ({
        ...one, label: {show: data.length <= 60, color: cellInk(one.value[2], middle)}})),
      label: {formatter: ({value}) => numberText(value[2])},
      itemStyle: {borderColor: css("--paper"), borderWidth: 1},
    } : {
      type: "scatter", name: metric, progressive: 0, data, symbolSize: data.length > 500 ? 7 : 12,
      itemStyle: {borderColor: css("--faint"), borderWidth: 0.5},
    }],
  }, `${metric} by ${heatCells.rows()} and ${heatCells.columns()}`);
  const mark = ofCells ? "cell" : "point";
  setText(note, sentences(
      `Each ${mark} is the centre over the replicates of one setting${epochText()}.`,
      pooled > 1 && `Each ${mark} is the mean over up to ${pooled} settings, as chosen above.`,
      ofCells && "Empty cells have no trial that is done."));
}

/// An axis of the heat map: {axis, place, isCategories}, `place` being where a value stands. A
/// parameter with many values, of a random search say, has no categories: the settings are points.
function heatAxis(key, values, {room, ...more}) {
  if (key && isContinuous(key))
    return {axis: axis(key, {type: spreads(values) ? "log" : "value", formatter: numberText,
                             ...more}),
            place: (value) => value, isCategories: false};
  const places = new Map(values.map((value, i) => [value, i]));
  return {axis: categoryAxis(key ?? "", values, {room, ...more}), place: (value) => places.get(value),
          isCategories: true};
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

/// Replicates of a setting are not independent: each setting counts once, with its trials' mean.
async function importances(metric) {
  const values = await valuesNow(metric);
  const mean = (trials) => trials.reduce((sum, trial) => sum + values[trial], 0) / trials.length;
  const members = shownSettings()
      .map((setting) => shownTrials(setting).filter((trial) => Number.isFinite(values[trial])))
      .filter((trials) => trials.length > 0);
  const y = members.map(mean);
  const first = members.map(([trial]) => trial);
  const shares = axes.map((key) => ({key, share: varianceShare(y, groupsBy(key, first))}))
      .filter(({share}) => share !== null);
  return {shares: shares.sort((a, b) => b.share - a.share), count: members.length};
}

async function drawImportance() {
  const box = byId("importance_chart");
  const note = byId("importance_note");
  const {metric} = state;
  const {shares, count} = await importances(metric);
  if (shares.length === 0) {
    sayNothing(note, box, "It takes more shown settings than values of a parameter to tell.");
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
      `How much of the differences between ${count} settings each parameter explains alone ` +
          `(epsilon squared of their means; numbers with more than ${kBins} values in as many ` +
          "quantiles).",
      "It is about the values that were tried, and does not see what acts only jointly."));
}

addSection("importance", {start: hasAxes, draw: drawImportance});
