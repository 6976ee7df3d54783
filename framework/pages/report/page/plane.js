// The rate-distortion plane: KL divergence against reconstruction.
"use strict";

/// The settings that no other is better than in both, by x: both are to be small.
function paretoFront(places) {
  const order = [...places].sort((a, b) => a.x - b.x || a.y - b.y);
  const front = [];
  for (const place of order) {
    const last = front.at(-1);
    if (!last || place.y < last.y || (place.y === last.y && place.x === last.x)) front.push(place);
  }
  return front;
}

/// Places that agree in all axes but one, in the order of that one.
function joined(places, key) {
  const groups = new Map();
  for (const place of places) {
    const trial = place.setting.trials[0];
    const others = JSON.stringify(axes.filter((axisKey) => axisKey !== key)
        .map((axisKey) => axisValue(axisKey, trial)));
    if (!groups.has(others)) groups.set(others, []);
    groups.get(others).push(place);
  }
  const at = (place) => axisValue(key, place.setting.trials[0]);
  return [...groups.values()].map((group) => group.sort((a, b) => compareValues(at(a), at(b))));
}

/// An axis that starts at 0 if its numbers are not negative and a margin would reach below 0.
function fromZero(values) {
  const [low, high] = extent(values);
  return low >= 0 && low - 0.1 * (high - low) < 0 ? {min: 0, scale: false} : {};
}

async function drawPlane() {
  const split = byId("plane_split").value;
  const join = byId("plane_join").value;
  const box = byId("plane_chart");
  const note = byId("plane_note");
  const [rate, distortion] = [`${split}/kl`, `${split}/reconstruction`];
  const [x, y, xs, ys] = await Promise.all([summaries(rate), summaries(distortion),
                                            finals(rate), finals(distortion)]);
  const places = shownSettings()
      .map((setting) => ({setting, x: x.centre[setting.index], y: y.centre[setting.index]}))
      .filter((place) => Number.isFinite(place.x) && Number.isFinite(place.y));
  if (places.length === 0) {
    sayNothing(note, box, `No shown setting has both ${rate} and ${distortion}.`);
    return;
  }
  box.hidden = false;
  const groups = join ? joined(places, join) : [places];
  const front = paretoFront(places);
  const told = ({data}) => tip(data.label, `rate ${numberText(data.value[0])} nats`,
                               `distortion ${numberText(data.value[1])} nats`,
                               `ELBO ${numberText(-data.value[0] - data.value[1])} nats`);
  const single = places.flatMap(({setting}) => shownTrials(setting)
      .filter((trial) => Number.isFinite(xs[trial]) && Number.isFinite(ys[trial]))
      .map((trial) => ({value: [xs[trial], ys[trial]], label: trialLabel(trial)})));
  const all =
      [...places.map(({x: at, y: height}) => [at, height]), ...single.map(({value}) => value)];
  drawChart(box, {
    tooltip: tooltip(told),
    xAxis: axis(`rate: ${metricTitle(rate)}`, {
      boundaryGap: ["5%", "8%"], ...fromZero(all.map(([at]) => at))}),
    yAxis: yAxis(`distortion: ${metricTitle(distortion)}`, {
      boundaryGap: ["5%", "5%"], ...fromZero(all.map(([, at]) => at))}),
    series: [
      {type: "scatter", name: "trials", data: replicated ? single : [], symbolSize: 5, z: 1,
       itemStyle: {color: css("--faint"), opacity: 0.6}, large: single.length > 5000},
      {type: "line", name: "Pareto front", data: front.map((place) => ({
         value: [place.x, place.y], label: place.setting.label})), symbol: "none", z: 2,
       lineStyle: {color: css("--ink"), width: 1.5, type: "dashed"}},
      ...groups.map((group, i) => ({
        type: "line", name: `group ${i}`, z: 3, symbol: kSymbols[i % kSymbols.length],
        symbolSize: 10, showSymbol: true,
        data: group.map((place) => ({value: [place.x, place.y], label: place.setting.label})),
        lineStyle: {width: join ? 2 : 0, color: colour(i)}, itemStyle: {color: colour(i)},
        label: {show: places.length <= 12, position: "right", color: css("--ink"),
                textBorderColor: css("--paper"), textBorderWidth: 3, minMargin: 6,
                formatter: ({data}) => (join ? `${shortName(join)}=${valueText(
                    axisValue(join, group.find((p) => p.setting.label === data.label)
                        .setting.trials[0]))}` : data.label)},
        labelLayout: {hideOverlap: true},
      })),
    ],
  }, `Rate and distortion on ${split}. Pareto front: ${front.slice(0, 10).map((place) => (
      `${place.setting.label} at ${numberText(place.x)} and ${numberText(place.y)}`)).join("; ")}`);
  const others = axes.filter((key) => key !== join);
  setText(note, sentences(
      "Large: the centre of each setting; small: its trials. Dashed: the Pareto front, settings " +
          "that no other is better than in both.",
      join && others.length && `A line joins settings of equal ${others.join(", ")}.`,
      metrics.get(rate).classes.names.length > 1 &&
          "Some of these settings may not be ranked together (see the leaderboard)."));
}

function startPlane() {
  const splits = kSplits.filter((split) => (
      metrics.get(`${split}/kl`)?.final && metrics.get(`${split}/reconstruction`)?.final));
  if (splits.length === 0) {
    byId("plane").hidden = true;
    return;
  }
  offer(byId("plane_split"), splits, splits);
  const numeric = axes.filter((key) => parameters.get(key)?.numeric);
  const preferred = numeric.find((key) => /beta|gamma|capacity/.test(key)) ?? numeric[0] ?? "";
  byId("plane_join").replaceChildren(...["", ...numeric].map((key) => (
      element("option", {value: key, textContent: key || "(none)"}))));
  byId("plane_join").value = preferred;
  const redraw = addSection("plane", drawPlane);
  for (const id of ["plane_split", "plane_join"]) byId(id).addEventListener("change", redraw);
}
startPlane();
