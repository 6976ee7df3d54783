// What parameters do to the metric: parallel coordinates, slices, a heat map of two, importance.
"use strict";

/// Whether an axis of positive numbers is better read by their logarithms.
function spreads(values) {
  const there = values.filter((value) => typeof value === "number");
  return there.length > 0 && there.every((value) => value > 0) &&
      Math.max(...there) / Math.min(...there) >= 50;
}

const isNumeric = (key) => key !== "experiment" && parameters.get(key)?.numeric;

/// Few values stand side by side, where their own places would say nothing of how they were chosen.
const kMostCategories = 12;
const isContinuous = (key) => isNumeric(key) && axisValues(key).length > kMostCategories;

/// Charts of trials draw so many marks; of more trials, some of every value of the metric.
const kMostMarks = 2000;
function someOf(trials, values) {
  if (trials.length <= kMostMarks) return trials;
  const sorted = trials.toSorted((a, b) => values[a] - values[b]);
  return Array.from({length: kMostMarks}, (_, i) => (
      sorted[Math.round(i * (sorted.length - 1) / (kMostMarks - 1))]));
}

// Parallel coordinates ----------------------------------------------------------------------------

const parallel = {built: "", keys: []};

function parallelAxis(key, dim, values) {
  const numeric = key === state.metric || isContinuous(key);
  return {
    dim,
    name: key === state.metric ? key : shortName(key),
    nameTextStyle: {color: css("--ink")},
    axisLabel: {color: css("--ink"), backgroundColor: css("--paper"), padding: [1, 3],
                formatter: numeric ? numberText : undefined},
    axisLine: {lineStyle: {color: css("--faint")}},
    axisTick: {lineStyle: {color: css("--faint")}},
    areaSelectStyle: {color: css("--accent"), opacity: 0.25, borderColor: css("--accent"), width: 18},
    ...(numeric ? {type: spreads(values) ? "log" : "value", scale: true}
                : {type: "category", data: axisValues(key).map(valueText), boundaryGap: true}),
  };
}

async function drawParallel() {
  const box = byId("parallel_chart");
  const values = await finals(state.metric);
  const keys = [...axes, state.metric];
  const valueAt = (key, trial) => (key === state.metric ? values[trial] : axisValue(key, trial));
  const all = kTrials.filter((trial) => Number.isFinite(values[trial]));
  const usable = someOf(all, values);
  const row = (trial) => keys.map((key) => {
    const value = valueAt(key, trial);
    return key === state.metric || isContinuous(key) ? value : valueText(value);
  });
  const data = [usable.filter((trial) => state.shownSet.has(trial)).map((trial) => ({
    value: row(trial), name: trialLabel(trial)})),
                usable.filter((trial) => !state.shownSet.has(trial)).map(row)];
  const label = `${data[0].length} trials over ${keys.join(", ")}`;
  setText(byId("parallel_note"), usable.length < all.length
      ? `${usable.length} of ${all.length} trials are drawn, of all values of the metric.` : "");
  const signature = JSON.stringify([keys, isDark(), box.clientWidth < 500]);
  if (parallel.built === signature && !parallel.fresh) {
    // The brushes stay where they are.
    chartIn(box).setOption({series: [{data: data[0]}, {data: data[1]}]});
    box.setAttribute("aria-label", label);
    return;
  }
  parallel.built = signature;
  parallel.fresh = false;
  parallel.keys = keys;
  const [low, high] = extent(usable.map((trial) => values[trial]));
  const narrow = box.clientWidth < 500;
  const chart = drawChart(box, {
    tooltip: tooltip(({name, value}) => tip(
        name, `${state.metric} ${numberText(value.at(-1))}`)),
    parallel: {left: 40, right: narrow ? 50 : 80, top: 40, bottom: 64,
               layout: narrow && keys.length > 3 ? "vertical" : "horizontal"},
    parallelAxis: keys.map((key, i) => parallelAxis(key, i, usable.map((trial) => valueAt(key, trial)))),
    visualMap: colourBar(low, high, lineScale(), {dimension: keys.length - 1, seriesIndex: 0}),
    series: [
      {type: "parallel", name: "shown", data: data[0], z: 3, progressive: 0,
       lineStyle: {width: usable.length > 300 ? 1 : 2, opacity: usable.length > 300 ? 0.4 : 0.8}},
      {type: "parallel", name: "others", data: data[1], z: 1, silent: true, progressive: 0,
       lineStyle: {width: 1, opacity: 0.35, color: css("--line")}},
    ],
  }, label);
  chart.off("axisareaselected");
  chart.on("axisareaselected", brushParallel);
}

/// What the brushes of the chart say becomes what all sections show.
function brushParallel() {
  const chart = chartIn(byId("parallel_chart"));
  const model = chart.getModel();
  model.eachComponent("parallelAxis", (axisModel, i) => {
    const key = parallel.keys[i];
    const intervals = axisModel.activeIntervals ?? [];
    if (intervals.length === 0) {
      state.brush.delete(key);
    } else if (axisModel.get("type") === "category") {
      const names = axisModel.get("data");
      state.brush.set(key, {texts: names.filter((_, at) => (
          intervals.some(([from, to]) => at >= Math.ceil(from) && at <= Math.floor(to))))});
    } else {
      state.brush.set(key, {low: Math.min(...intervals.map(([from]) => from)),
                            high: Math.max(...intervals.map(([, to]) => to))});
    }
  });
  changed();
}

// Slices ------------------------------------------------------------------------------------------

async function drawSlices() {
  const values = await finals(state.metric);
  const grid = byId("slices_charts");
  for (const box of grid.querySelectorAll(".chart")) dropChart(box);
  const all = state.shown.filter((trial) => Number.isFinite(values[trial]));
  const shown = someOf(all, values);
  const boxes = axes.map((key) => ({key, box: element("div", {className: "chart"})}));
  grid.replaceChildren(...boxes.map(({box}) => box));
  for (const {key, box} of boxes) {
    const there = axisValues(key);
    const numeric = isContinuous(key);
    const best = shown.toSorted(byValue(values, metrics.get(state.metric).higher))[0];
    drawChart(box, {
      tooltip: tooltip(({data}) => tip(data.label, `${state.metric} ${numberText(values[data.trial])}`)),
      xAxis: numeric ? axis(key, {type: spreads(there) ? "log" : "value", formatter: numberText})
                     : categoryAxis(key, there),
      yAxis: yAxis(metricTitle(state.metric), {formatter: numberText}),
      series: [{
        type: "scatter", symbolSize: shown.length > 500 ? 4 : 8, progressive: 0,
        data: shown.filter((trial) => axisValue(key, trial) !== null).map((trial) => ({
          value: [numeric ? axisValue(key, trial) : valueText(axisValue(key, trial)), values[trial]],
          label: trialLabel(trial), trial,
          itemStyle: {color: trial === best ? colour(1) : colour(0), opacity: trial === best ? 1 : 0.6}})),
      }],
    }, `${state.metric} of ${shown.length} trials by ${key}`);
  }
  setText(byId("slices_note"),
          "Each point is a trial at its last epoch, the best one in a colour of its own; nothing is " +
          `averaged.${shown.length < all.length ? ` ${shown.length} of ${all.length} trials.` : ""}`);
}

// Two parameters ----------------------------------------------------------------------------------

const kPooled = "mean over all";
let heatCells = null;

async function drawHeat() {
  const box = byId("heat_chart");
  const note = byId("heat_note");
  const {centre} = await summaries(state.metric);
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
    tooltip: tooltip(({name, value}) => tip(name, `${state.metric} ${numberText(value[2])}`)),
    xAxis: categoryAxis(heatCells.columns() ?? "", columns),
    yAxis: categoryAxis(heatCells.rows() ?? "", rows, {nameGap: 48}),
    visualMap: colourBar(low, high, colourScale()),
    series: [{
      type: "heatmap", progressive: 0,
      data: data.map((one) => ({
        ...one, label: {show: data.length <= 60, color: cellInk(one.value[2], middle)}})),
      label: {formatter: ({value}) => numberText(value[2])},
      itemStyle: {borderColor: css("--paper"), borderWidth: 1},
    }],
  }, `${state.metric} by ${heatCells.rows()} and ${heatCells.columns()}`);
  setText(note, ["Each cell is the centre over the replicates of one setting.",
                 pooled > 1 ? `Cells are means over up to ${pooled} settings, as chosen above.` : "",
                 "Empty cells have no trial that is done."].filter((part) => part).join(" "));
}

/// Ink that is readable on a cell of the colour scale.
const cellInk = (value, middle) => ((value > middle) === isDark() ? "#0b0d10" : "#ffffff");

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
  return all.map((value) => (value === null ? "–" : String(edges.filter((edge) => value >= edge).length)));
}

/// The part of the variance of y that lies between groups, corrected for their number: epsilon
/// squared (Kelley 1935), (SSB - (k - 1) MSW) / SST; null where it cannot be told.
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

async function importances() {
  const values = await finals(state.metric);
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
  const {shares, all, count} = await importances();
  if (shares.length === 0) {
    sayNothing(note, box, "It takes more shown trials than values of a parameter to tell.");
    return;
  }
  box.hidden = false;
  const bars = shares.slice(0, 12).reverse();
  drawChart(box, {
    tooltip: tooltip(({name, value}) => tip(name, `${(100 * value).toFixed(1)}% of the variance`)),
    xAxis: axis(`share of the variance of ${state.metric}`, {
      min: 0, max: 1, formatter: (value) => `${Math.round(100 * value)}%`}),
    yAxis: {...categoryAxis("", bars.map(({key}) => key)), axisLabel: {color: css("--ink"),
            width: 140, overflow: "truncate"}},
    series: [{type: "bar", data: bars.map(({share}) => share), barMaxWidth: 26,
              itemStyle: {color: colour(0)},
              label: {show: true, position: "right", color: css("--ink"),
                      formatter: ({value}) => `${(100 * value).toFixed(0)}%`}}],
  }, shares.map(({key, share}) => `${key} ${(100 * share).toFixed(0)}%`).join(", "));
  setText(note, [
    `How much of the differences between ${count} trials each parameter explains alone (epsilon ` +
        `squared; numbers with more than ${kBins} values in as many quantiles).`,
    all !== null ? `All of them together explain ${(100 * all).toFixed(0)}%; the rest is the seed.` : "",
    "It tells of the values that were tried, and not of what acts only jointly.",
  ].filter((part) => part).join(" "));
}

function startParameters() {
  addSection("parallel", drawParallel);
  addSection("slices", drawSlices);
  addSection("importance", drawImportance);
  if (axes.length < 2) {
    byId("heat").hidden = true;
  } else {
    const redraw = addSection("heat", drawHeat);
    heatCells = axisChoice(byId("heat_controls"), redraw, {pools: [kPooled]});
  }
  for (const id of ["parallel", "slices", "importance"]) byId(id).hidden = axes.length === 0;
}
startParameters();
