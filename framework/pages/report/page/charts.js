// What all charts share: making, sizes, colours, axes, tips. ECharts draws on a canvas, so texts of
// the data stay texts; tips are made of elements, never of markup.
"use strict";

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
  charts.get(box)?.dispose();
  charts.delete(box);
  sizes.unobserve(box);
}

/// Draws a chart anew.
/// @param label what a reader who does not see it is told
function drawChart(box, option, label) {
  const chart = chartIn(box);
  chart.setOption(
      {
        animation: false,
        backgroundColor: "transparent",
        textStyle: {color: css("--ink"), fontFamily: "system-ui, sans-serif"},
        ...option,
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
  return chart;
}

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

/// An axis over categories.
const categoryAxis = (name, values, more = {}) => axis(name, {
  type: "category", data: values.map(valueText), splitLine: {show: false}, ...more});

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

/// Colours of low to high values, readable on either ground; by lightness, so that they are told
/// apart without hues too.
const kScaleLight = ["#d9e6f5", "#8cb8e0", "#3d86c6", "#125493", "#0a2a52"];
const kScaleDark = ["#1b2d44", "#1f5488", "#3a86c8", "#86bbea", "#e2f0ff"];
const colourScale = () => (isDark() ? kScaleDark : kScaleLight);
/// The same for lines and points, which must stand out from the ground everywhere.
const kLineScaleLight = ["#c86b00", "#a8423f", "#7a2f7e", "#3f2f94", "#101c4d"];
const kLineScaleDark = ["#5b8def", "#9a86ff", "#e07bd0", "#ff9c75", "#ffe38a"];
const lineScale = () => (isDark() ? kLineScaleDark : kLineScaleLight);

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

/// Puts a message in the place of a chart that there is nothing for.
function sayNothing(note, box, text) {
  box.hidden = true;
  dropChart(box);
  setText(note, text);
}
