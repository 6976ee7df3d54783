// Two trials side by side: what they differ in, in the words of `varia diff`; their values, curves
// and pictures.
"use strict";

const pair = {};

/// A value as `varia diff` writes it.
const diffText = (value) => (isMissing(value) || value === "" ? "none" : valueText(value));

/// What two trials differ in: [[name, of a, of b], ...].
function differences(a, b) {
  const rows = ["status", "epochs_done", "error"].map((name) => (
      [name === "epochs_done" ? "epochs" : name, field(name, a), field(name, b)]));
  for (const key of [...parameters.keys()].sort())
    rows.push([key, parameter(key, a), parameter(key, b)]);
  rows.push(["seed", field("seed", a), field("seed", b)]);
  return rows.filter(([, x, y]) => x !== y)
      .map(([name, x, y]) => [name, diffText(x), diffText(y)]);
}

/// How far apart the curves of two trials are: "from epoch 2 on, by up to 0.031"; "" if they are
/// the same.
/// @param table [trial, epoch]
function curveDifference(table, a, b) {
  let from = 0;
  let most = 0;
  let alone = false;
  for (let epoch = 0; epoch < epochCount; ++epoch) {
    const [x, y] = [table[a * epochCount + epoch], table[b * epochCount + epoch]];
    if (Object.is(x, y)) continue;
    from ||= epoch + 1;
    if (Number.isNaN(x - y)) alone = true;
    else most = Math.max(most, Math.abs(x - y));
  }
  if (from === 0) return "";
  return `from epoch ${from} on${most > 0 ? `, by up to ${Number(most.toPrecision(3))}` : ""}` +
      `${alone ? ", and values of one trial alone" : ""}`;
}

/// @param numeric which columns have numbers
function pairTable(caption, head, rows, numeric = []) {
  const kind = (i) => (numeric.includes(i) ? "number" : "");
  return element(
      "div", {className: "table", tabIndex: 0, role: "region", ariaLabel: caption},
      element("h3", {textContent: caption}),
      element("table", {},
              element("thead", {}, element("tr", {}, ...head.map((text, i) => (
                  element("th", {scope: "col", textContent: text, className: kind(i)}))))),
              element("tbody", {}, ...rows.map(([first, ...rest]) => element(
                  "tr", {}, element("th", {scope: "row", textContent: first}),
                  ...rest.map((text, i) => (
                      element("td", {className: kind(i + 1), textContent: text}))))))));
}

async function pairValues(a, b) {
  const rows = [];
  for (const {name} of scalarMetrics) {
    const values = await valuesNow(name);
    if (Number.isNaN(values[a]) && Number.isNaN(values[b])) continue;
    const difference = values[b] - values[a];
    rows.push([name, fixedText(values[a]), fixedText(values[b]),
               (difference > 0 ? "+" : "") + fixedText(difference),
               curveDifference(await series(name), a, b) || "the same"]);
  }
  return rows;
}

async function drawPairCurves(box, trials) {
  const {metric} = state;
  const values = await series(metric);
  drawChart(box, {
    legend: legendAbove({itemWidth: 25, type: "plain"}),
    grid: {top: 70},
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

const kPairRoom = 360;  // pixels across of a picture

function pairPictures(trials) {
  const room = Math.min(kPairRoom, byId("pair_body").clientWidth);
  return report.pictures.views.filter((view) => trials.some((trial) => view.trials[trial]))
      .map((view) => element(
          "div", {}, element("h3", {textContent: view.name}),
          element("div", {className: "pair_pictures"}, ...trials.map((trial) => {
            const found = framesAt(view, trial, state.epoch);
            return found ? trialPicture(view, trial, found, 0, room)
                         : element("p", {className: "empty", textContent: "no picture"});
          }))));
}

async function drawPair() {
  const trials = [pair.a, pair.b].map((one) => Number(one.control.value));
  const body = byId("pair_body");
  const box = element("div", {className: "chart"});
  box.dataset.file = "two_trials";
  const values = await pairValues(...trials);
  for (const old of body.querySelectorAll(".chart")) dropChart(old);
  const both = (name) => trials.map((trial) => String(field(name, trial)));
  const found = differences(...trials);
  const told = found.length ? found : [["the data, or what no column tells", "", ""]];
  const differing = pairTable("What they differ in", ["", "A", "B"], [
    ["id", ...both("id")], ["replicate", ...both("replicate")], ...told]);
  const when = state.epoch === null ? "the last epoch" : `epoch ${state.epoch}`;
  const valueTable = pairTable(`At ${when}`, ["", "A", "B", "B − A", "differ"], values, [1, 2, 3]);
  valueTable.classList.add("wide");
  body.replaceChildren(differing, element("div", {}, box), valueTable, ...pairPictures(trials));
  await drawPairCurves(box, trials);
}

const redrawPair = addSection("pair", {start: startPair, draw: drawPair});

function startPair() {
  byId("pair_controls").replaceChildren();
  if (trialCount < 2 || scalarMetrics.length === 0) return false;
  const names = allTrials.map(trialLabel);
  // A second trial of the same setting would show the seed alone.
  const other = allTrials.find((trial) => settingOf[trial] !== settingOf[0]) ?? 1;
  pair.a = choice("A", names, names[0], redrawPair);
  pair.b = choice("B", names, names[other], redrawPair);
  keepValue("pair.a", () => pair.a);
  keepValue("pair.b", () => pair.b);
  const swap = element("button", {type: "button", textContent: "Swap"});
  swap.addEventListener("click", () => {
    [pair.a.control.value, pair.b.control.value] = [pair.b.control.value, pair.a.control.value];
    redrawPair();
  });
  byId("pair_controls").append(pair.a.box, pair.b.box, swap);
  return true;
}
