// What the charts of both pages share: colours, sizes, axes, tips, scatter plots, learning curves.
// ECharts draws on a canvas, so texts of the data stay texts; tips are made of elements, never of
// markup.
"use strict";

// Colours -----------------------------------------------------------------------------------------

const kLight = ["#0068b5", "#c94f00", "#00795a", "#a0308f", "#806600", "#c2184b", "#4b5a66",
                "#5b3fc4", "#1f7a1f", "#8a4b2a"];
const kDark = ["#5db7ff", "#ff9a5c", "#3fd0a0", "#f08be0", "#e0c04a", "#ff7f9f", "#b8c4ce",
               "#b3a1ff", "#8fdc6a", "#d9a384"];
const kDashes = [[], [7, 3], [2, 2], [9, 3, 2, 3]];
const kSymbols = ["circle", "triangle", "rect", "diamond", "roundRect", "pin"];

/// The theme that the page was told to have, else the system's.
const isDark = () =>
    (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const colour = (i) => (isDark() ? kDark : kLight)[i % kLight.length];
const dash = (i) => kDashes[Math.floor(i / kLight.length) % kDashes.length];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/// Colours of low to high values, readable on either ground; they differ in lightness, so that they
/// are told apart without hues too.
const kScaleLight = ["#d9e6f5", "#8cb8e0", "#3d86c6", "#125493", "#0a2a52"];
const kScaleDark = ["#1b2d44", "#1f5488", "#3a86c8", "#86bbea", "#e2f0ff"];
const colourScale = () => (isDark() ? kScaleDark : kScaleLight);
/// The same for lines and points, which must stand out from the ground everywhere.
const kLineScaleLight = ["#c86b00", "#a8423f", "#7a2f7e", "#3f2f94", "#101c4d"];
const kLineScaleDark = ["#5b8def", "#9a86ff", "#e07bd0", "#ff9c75", "#ffe38a"];
const lineScale = () => (isDark() ? kLineScaleDark : kLineScaleLight);

/// A drawing of one shape, for a legend.
function drawing(name, shape, attributes) {
  const space = "http://www.w3.org/2000/svg";
  const image = document.createElementNS(space, "svg");
  const inner = document.createElementNS(space, shape);
  image.setAttribute("class", name);
  image.setAttribute("aria-hidden", "true");
  for (const [key, value] of Object.entries(attributes)) inner.setAttribute(key, value);
  image.append(inner);
  return image;
}

const lineDrawing = (stroke, dashes) => drawing("swatch", "line", {
  x1: 0, x2: "100%", y1: 6, y2: 6, "stroke-width": 3, "stroke-dasharray": dashes.join(" "), stroke});

/// A line as the legend shows it: the colour and dash of number `index`.
const swatch = (index) => lineDrawing(colour(index), dash(index));

const kSymbolPaths = {
  circle: "M6 1a5 5 0 1 0 .01 0z", triangle: "M6 1 11 11H1z", rect: "M1 1H11V11H1z",
  diamond: "M6 0 12 6 6 12 0 6z", roundRect: "M3 1H9a2 2 0 0 1 2 2V9a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z",
  pin: "M6 12C2 7 2 6 2 5a4 4 0 0 1 8 0c0 1 0 2-4 7z",
};
/// A point as the legend shows it.
const symbolDrawing = (symbol, fill) => drawing("symbol", "path", {d: kSymbolPaths[symbol], fill});

// Charts ------------------------------------------------------------------------------------------

const hasCharts = typeof echarts !== "undefined";
// The server of a live page says how to fetch the chart library.
const noCharts = typeof kChartsMissing === "undefined" ? "No charts." : kChartsMissing;

const charts = new Map();  // box -> chart

const sizes = new ResizeObserver((entries) => {
  for (const {target} of entries) charts.get(target)?.resize();
});

function chartIn(box) {
  if (!charts.has(box)) {
    charts.set(box, echarts.init(box));
    sizes.observe(box);
    box.setAttribute("role", "img");
  }
  return charts.get(box);
}

function dropChart(box) {
  withdrawSaving(box);
  charts.get(box)?.dispose();
  charts.delete(box);
  sizes.unobserve(box);
}

/// How far a chart of the same axes was zoomed, and what its legend hid.
function keptZoom(before, {dataZoom, legend, xAxis, yAxis}) {
  const same = (one, other) => one?.[0]?.name === other?.name;
  if (!before || !same(before.xAxis, xAxis) || !same(before.yAxis, yAxis)) return {};
  const kept = {};
  if (dataZoom && before.dataZoom)
    kept.dataZoom = dataZoom.map((zoom, i) => {
      const {start = 0, end = 100} = before.dataZoom[i] ?? {};
      return {...zoom, start, end};
    });
  if (legend && before.legend?.[0])
    kept.legend = {...legend, selected: before.legend[0].selected};
  return kept;
}

/// Draws a chart from nothing. @returns null without the chart library
/// @param label what a reader who does not see it is told
function drawChart(box, option, label) {
  if (!hasCharts) {
    setText(box, noCharts);
    return null;
  }
  const chart = chartIn(box);
  const before = chart.getOption();
  chart.setOption(
      {
        animation: false,
        backgroundColor: "transparent",
        textStyle: {color: css("--ink"), fontFamily: "system-ui, sans-serif"},
        ...option,
        ...keptZoom(before, option),
        grid: {
          left: 8,
          right: 20,
          top: 24,
          bottom: 8,
          outerBoundsMode: "same",
          outerBoundsContain: "all",
          ...option.grid
        },
      },
      {notMerge: true});
  box.setAttribute("aria-label", label);
  offerSaving(box);
  return chart;
}

/// Shows a message if a chart has nothing to draw.
function sayNothing(note, box, text) {
  box.hidden = true;
  dropChart(box);
  setText(note, text);
}

// Axes, legends, tips -----------------------------------------------------------------------------

/// An axis of a plane. `name` is written beside it.
function axis(name, more = {}) {
  return {
    type: "value",
    name,
    nameLocation: "middle",
    nameGap: more.vertical ? 48 : 28,
    nameTextStyle: {color: css("--ink")},
    axisLabel: {color: css("--faint"), hideOverlap: true, formatter: more.formatter},
    axisLine: {show: true, onZero: false, lineStyle: {color: css("--faint")}},
    splitLine: {lineStyle: {color: css("--line")}},
    scale: true,
    ...more,
  };
}

const yAxis = (name, more = {}) => axis(name, {vertical: true, ...more});

/// Up to so many categories have a label each.
const kMostLabels = 50;
/// Pixels that an upright label has at most.
const kUprightLabel = 80;

/// An axis over categories. Every label is shown, upright if there is no room beside each other; the
/// end of one that is too long then is not.
/// @param room pixels along the axis
function categoryAxis(name, values, {room = Infinity, ...more} = {}) {
  const texts = values.map(valueText);
  const widest = Math.max(0, ...texts.map((text) => 7 * text.length + 10));
  const isUpright = texts.length * widest > room;
  return axis(name, {
    type: "category",
    data: texts,
    splitLine: {show: false},
    axisLabel: {
      color: css("--faint"),
      interval: texts.length <= kMostLabels ? 0 : "auto",
      rotate: isUpright ? 90 : 0,
      ...(isUpright && {width: kUprightLabel, overflow: "truncate"}),
    },
    ...more,
  });
}

/// A legend above a chart; a click on an entry hides its series.
const legendAbove = (more = {}) => ({
  type: "scroll", top: 0, textStyle: {color: css("--ink")}, pageTextStyle: {color: css("--ink")},
  pageIconColor: css("--accent"), pageIconInactiveColor: css("--line"), itemWidth: 12, ...more});

/// A tip of lines; the first is its title.
function tip(...parts) {
  return element("div", {className: "tip"}, ...parts.filter((part) => part !== "")
      .map((part) => element("div", {textContent: part})));
}

function tooltip(formatter, more = {}) {
  return {
    trigger: "item",
    confine: true,
    backgroundColor: css("--panel"),
    borderColor: css("--faint"),
    textStyle: {color: css("--ink")},
    formatter,
    ...more,
  };
}

function colourBar(min, max, scale, more = {}) {
  const equal = !(max > min);
  return {
    type: "continuous",
    min: equal ? min - 0.5 : min,
    max: equal ? max + 0.5 : max,
    calculable: true,
    orient: "horizontal",
    left: "center",
    bottom: 0,
    itemWidth: 12,
    itemHeight: 160,
    precision: 3,
    formatter: numberText,
    textStyle: {color: css("--ink")},
    inRange: {color: scale},
    ...more,
  };
}

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/// Zooms with Ctrl and the wheel.
const wheelZoom = (axes) => axes.map((one) => (
    {type: "inside", [`${one}AxisIndex`]: 0, filterMode: "none", zoomOnMouseWheel: "ctrl"}));

// Learning curves ---------------------------------------------------------------------------------

/// A logarithmic axis has no room for values that are not positive.
const drawable = (data, logarithmic) => (logarithmic ? data.filter(([, value]) => value > 0) : data);

/// The line of a legend's entry `index`.
/// @param data [[x, y], ...]
function curve(name, data, index, more = {}) {
  return {
    type: "line", name, data, z: 3, symbol: "circle", symbolSize: 6, showSymbol: data.length < 30,
    lineStyle: {width: 2.5, color: colour(index), type: dash(index).length ? dash(index) : "solid"},
    itemStyle: {color: colour(index)}, ...more,
  };
}

function curveTip(name, against) {
  return ({seriesName, value}) => tip(
      seriesName, `${against} ${numberText(value[0])}`, `${name} ${numberText(value[1])}`);
}

/// A chart of curves with a slider that zooms along x.
/// @param mark where a line stands upright; null: nowhere
function drawCurveChart(box, {against, title, logarithmic, series, mark = null}, label) {
  const line = {silent: true, symbol: "none", data: mark === null ? [] : [{xAxis: mark}],
                lineStyle: {color: css("--ink"), type: "dotted", width: 1.5},
                label: {formatter: `${against} ${mark}`, color: css("--ink")}};
  return drawChart(box, {
    grid: {bottom: 34},
    tooltip: tooltip(curveTip(title, against)),
    dataZoom: [
      ...wheelZoom(["x"]),
      {type: "slider", xAxisIndex: 0, filterMode: "none", height: 18, bottom: 6,
       textStyle: {color: css("--faint")}, borderColor: css("--line")},
    ],
    xAxis: axis(against, {minInterval: against === "seconds" ? 0 : 1, splitLine: {show: false}}),
    yAxis: yAxis(title, {type: logarithmic ? "log" : "value", formatter: numberText}),
    series: series.map((one, i) => (i === 0 ? {...one, markLine: line} : one)),
  }, label);
}

// Scatter plots -----------------------------------------------------------------------------------

/// Points by their labels: [[label, [[x, y], ...]], ...], in the order of the labels.
function pointsByLabel(labels, pointAt) {
  const groups = new Map();
  labels.forEach((label, i) => {
    if (!groups.has(label)) groups.set(label, []);
    groups.get(label).push(pointAt(i));
  });
  return [...groups].sort(([a], [b]) => a - b);
}

/// Draws a scatter plot, coloured and shaped by labels.
/// @param names what goes across and up; "" if that has no name
/// @param label what a reader who does not see it is told
function drawPoints(box, groups, names, label) {
  return drawChart(box, {
    grid: {top: groups.length > 1 ? 40 : 12},
    legend: legendAbove({show: groups.length > 1}),
    tooltip: tooltip(({seriesName, value}) => tip(
        `label ${seriesName}`, `${numberText(value[0])}, ${numberText(value[1])}`)),
    dataZoom: wheelZoom(["x", "y"]),
    xAxis: axis(names[0]),
    yAxis: yAxis(names[1]),
    series: groups.map(([name, data], i) => ({
      type: "scatter", name: String(name), data, symbolSize: 4,
      symbol: kSymbols[Math.floor(i / 10) % kSymbols.length],
      itemStyle: {color: colour(i), opacity: 0.75}, progressive: 0,
    })),
  }, label);
}

/// "2000 of 12000 points"
const pointCount = (shown, total) => (
    shown < total ? `${shown} of ${total} points` : `${total} points`);
