// What the charts of parameters share, and the slices: the metric by each parameter.
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
    const best = shown.toSorted(byValue(values, isHighFirst(state.metric)))[0];
    drawChart(
        box, {
          tooltip: tooltip(
              ({data}) => tip(data.label, `${state.metric} ${numberText(values[data.trial])}`)),
          xAxis: numeric ?
              axis(key, {type: spreads(there) ? "log" : "value", formatter: numberText}) :
              categoryAxis(key, there),
          yAxis: yAxis(metricTitle(state.metric), {formatter: numberText}),
          series:
              [{
                type: "scatter",
                symbolSize: shown.length > 500 ? 4 : 8,
                progressive: 0,
                data: shown.filter((trial) => axisValue(key, trial) !== null)
                          .map(
                              (trial) =>
                                  ({
                                    value: [
                                      numeric ? axisValue(key, trial) :
                                                valueText(axisValue(key, trial)),
                                      values[trial]
                                    ],
                                    label: trialLabel(trial),
                                    trial,
                                    itemStyle: {
                                      color: trial === best ? colour(1) : colour(0),
                                      opacity: trial === best ? 1 : 0.6
                                    }
                                  })),
              }],
        },
        `${state.metric} of ${shown.length} trials by ${key}`);
  }
  setText(
      byId("slices_note"),
      "Each point is a trial at its last epoch, the best one in a colour of its own; nothing is " +
          `averaged.${
              shown.length < all.length ? ` ${shown.length} of ${all.length} trials.` : ""}`);
}

byId("slices").hidden = axes.length === 0;
addSection("slices", drawSlices);
