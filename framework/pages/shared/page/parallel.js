// Parallel coordinates: a line for each trial, and brushes that choose among them.
"use strict";

const parallel = {built: "", keys: []};

function parallelAxis(key, dim, values, {metric, narrow}) {
  const numeric = key === metric || isContinuous(key);
  return {
    dim,
    name: key === metric ? key : shortName(key),
    splitNumber: narrow ? 3 : 5,
    nameTextStyle: {color: css("--ink")},
    axisLabel: {
      color: css("--ink"),
      backgroundColor: css("--paper"),
      padding: [1, 3],
      formatter: numeric ? numberText : undefined
    },
    axisLine: {lineStyle: {color: css("--faint")}},
    axisTick: {lineStyle: {color: css("--faint")}},
    areaSelectStyle:
        {color: css("--accent"), opacity: 0.25, borderColor: css("--accent"), width: 18},
    ...(numeric ? {type: spreads(values) ? "log" : "value", scale: true} :
                  {type: "category", data: axisValues(key).map(valueText), boundaryGap: true}),
  };
}

async function drawParallel() {
  const box = byId("parallel_chart");
  const {metric} = state;
  const values = await valuesNow(metric);
  const keys = [...axes, metric];
  const valueAt = (key, trial) => (key === metric ? values[trial] : axisValue(key, trial));
  const all = allTrials.filter((trial) => Number.isFinite(values[trial]));
  const usable = someOf(all, values);
  const row = (trial) => keys.map((key) => {
    const value = valueAt(key, trial);
    return key === metric || isContinuous(key) ? value : valueText(value);
  });
  const data = [usable.filter((trial) => state.shownSet.has(trial)).map((trial) => ({
    value: row(trial), name: trialLabel(trial)})),
                usable.filter((trial) => !state.shownSet.has(trial)).map(row)];
  const label = `${data[0].length} trials over ${keys.join(", ")}`;
  setText(byId("parallel_note"), usable.length < all.length
      ? `${usable.length} of ${all.length} trials are drawn, of all values of the metric.` : "");
  const drawn = usable.map((trial) => values[trial]);
  const visualMap = colourBar(...extent(drawn), lineScale(),
                              {dimension: keys.length - 1, seriesIndex: 0});
  const narrow = box.clientWidth < 500;
  const signature = JSON.stringify([keys, isDark(), narrow, state.epoch, spreads(drawn)]);
  if (hasCharts && parallel.built === signature && !parallel.fresh) {
    // Keeps the brushes, and one that is being drawn.
    chartIn(box).setOption({visualMap, series: [{data: data[0]}, {data: data[1]}]});
    box.setAttribute("aria-label", label);
    return;
  }
  parallel.built = signature;
  parallel.fresh = false;
  parallel.keys = keys;
  const chart = drawChart(box, {
    tooltip: tooltip(({name, value}) => tip(
        name, `${metric} ${numberText(value.at(-1))}`)),
    parallel: {left: narrow ? 16 : 40, right: narrow ? 110 : 80, top: 40, bottom: 72,
               layout: narrow ? "vertical" : "horizontal"},
    parallelAxis: keys.map((key, i) => (
        parallelAxis(key, i, usable.map((trial) => valueAt(key, trial)), {metric, narrow}))),
    visualMap,
    series: [
      {type: "parallel", name: "shown", data: data[0], z: 3, progressive: 0,
       lineStyle: {width: usable.length > 300 ? 1 : 2, opacity: usable.length > 300 ? 0.4 : 0.8}},
      {type: "parallel", name: "others", data: data[1], z: 1, silent: true, progressive: 0,
       lineStyle: {width: 1, opacity: 0.35, color: css("--line")}},
    ],
  }, label);
  if (!chart) return;
  chart.off("axisareaselected");
  showBrushes(chart);
  chart.on("axisareaselected", brushParallel);
}

/// Marks on the axes what is brushed.
function showBrushes(chart) {
  parallel.keys.forEach((key, i) => {
    const wanted = state.brush.get(key);
    if (!wanted) return;
    const places = wanted.texts?.map((text) => axisValues(key).map(valueText).indexOf(text));
    const interval = places ? [Math.min(...places) - 0.4, Math.max(...places) + 0.4]
                            : [wanted.low, wanted.high];
    chart.dispatchAction({type: "axisAreaSelect", parallelAxisIndex: i, intervals: [interval]});
  });
}

/// All sections show the trials that the brushes of the chart select.
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

addSection("parallel", {
  start() {
    parallel.fresh = true;
    keepChoice("brush", () => (state.brush.size ? JSON.stringify([...state.brush]) : ""), (text) => {
      state.brush = brushesIn(text);
      parallel.fresh = true;
    }, "");
    return hasAxes();
  },
  draw: drawParallel,
});

/// The brushes of an address, which anybody may have written.
function brushesIn(text) {
  try {
    return new Map(JSON.parse(text).filter(([key, {texts, low, high}]) => (
        (axes.includes(key) || metrics.get(key)?.final) &&
        (Array.isArray(texts) || (Number.isFinite(low) && Number.isFinite(high))))));
  } catch {
    return new Map();
  }
}
