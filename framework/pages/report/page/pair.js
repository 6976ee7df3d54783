// Two trials side by side: what they differ in, their values, curves and pictures.
"use strict";

const pair = {};

function differingParameters(a, b) {
  return report.parameters.map((column) => column.key)
      .filter((key) => parameter(key, a) !== parameter(key, b))
      .map((key) => [key, valueText(parameter(key, a)), valueText(parameter(key, b))]);
}

function pairTable(caption, head, rows) {
  return element(
      "div", {className: "table", tabIndex: 0, role: "region", ariaLabel: caption},
      element("h3", {textContent: caption}),
      element(
          "table", {},
          element("thead", {}, element("tr", {}, ...head.map((text, i) => (element("th", {
                                                               scope: "col",
                                                               textContent: text,
                                                               className: i ? "number" : ""
                                                             }))))),
          element(
              "tbody", {},
              ...rows.map(
                  ([first, ...rest]) => (element(
                      "tr", {}, element("th", {scope: "row", textContent: first}),
                      ...rest.map(
                          (text) => element("td", {className: "number", textContent: text}))))))));
}

async function pairValues(a, b) {
  const rows = [];
  for (const {name} of scalarMetrics) {
    const values = await finals(name);
    if (Number.isNaN(values[a]) && Number.isNaN(values[b])) continue;
    const difference = values[b] - values[a];
    rows.push([name, fixedText(values[a]), fixedText(values[b]),
               (difference > 0 ? "+" : "") + fixedText(difference)]);
  }
  return rows;
}

async function drawPairCurves(box, trials) {
  const {metric} = state;
  const values = await series(metric);
  drawChart(box, {
    legend: {top: 0, textStyle: {color: css("--ink")}},
    grid: {top: 48},
    tooltip: tooltip(curveTip(metric, "epoch")),
    xAxis: axis("epoch", {minInterval: 1, splitLine: {show: false}}),
    yAxis: yAxis(metricTitle(metric)),
    series: trials.map((trial, i) => ({
      type: "line", name: `${"AB"[i]}: ${trialLabel(trial)}`, symbol: "circle",
      showSymbol: epochCount < 30, data: points(values, trial, (epoch) => epoch + 1),
      lineStyle: {width: 2.5, color: colour(i), type: i ? "dashed" : "solid"},
      itemStyle: {color: colour(i)}})),
  }, `${metric} of two trials over the epochs`);
}

function pairPictures(trials) {
  return report.pictures.views.filter((view) => trials.some((trial) => view.trials[trial]))
      .map((view) => element(
          "div", {}, element("h3", {textContent: view.name}),
          element("div", {className: "pair_pictures"}, ...trials.map((trial) => {
            const found = framesAt(view, trial, Infinity);
            return found ? trialPicture(view, trial, found, 0, 360)
                         : element("p", {className: "empty", textContent: "no picture"});
          }))));
}

async function drawPair() {
  const trials = [pair.a, pair.b].map((one) => Number(one.select.value));
  const head = ["", "A", "B"];
  const body = byId("pair_body");
  const box = element("div", {className: "chart"});
  const values = await pairValues(...trials);
  for (const old of body.querySelectorAll(".chart")) dropChart(old);
  const differing = pairTable("What they differ in", head, [
    ["id", ...trials.map((trial) => field("id", trial))],
    ["replicate", ...trials.map((trial) => String(field("replicate", trial)))],
    ["status", ...trials.map((trial) => field("status", trial))],
    ...differingParameters(...trials)]);
  body.replaceChildren(element("div", {}, differing, box),
                       pairTable("At the last epoch", [...head, "B − A"], values),
                       ...pairPictures(trials));
  await drawPairCurves(box, trials);
}

async function startPair() {
  if (trialCount < 2) {
    byId("pair").hidden = true;
    return;
  }
  const redraw = addSection("pair", drawPair);
  const names = kTrials.map(trialLabel);
  const swap = element("button", {type: "button", textContent: "Swap"});
  pair.a = choice("A", names, null, redraw);
  pair.b = choice("B", names, null, redraw);
  // A second trial of the same setting would show the seed alone.
  pair.b.select.value = String(kTrials.find((trial) => settingOf[trial] !== settingOf[0]) ?? 1);
  swap.addEventListener("click", () => {
    [pair.a.select.value, pair.b.select.value] = [pair.b.select.value, pair.a.select.value];
    redraw();
  });
  byId("pair_controls").append(pair.a.box, pair.b.box, swap);
}
startPair();
