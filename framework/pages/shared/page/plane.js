// One metric against another, such as the KL divergence against the reconstruction error: the plane
// of rate and distortion.
"use strict";

/// The settings that no other is better than in both.
/// @param signs 1 for a coordinate that is to be small, -1 for one that is to be large
function paretoFront(places, [signX, signY]) {
  const order = [...places].sort((a, b) => signX * (a.x - b.x) || signY * (a.y - b.y));
  const front = [];
  for (const place of order) {
    const last = front.at(-1);
    if (!last || signY * (place.y - last.y) < 0 || (place.y === last.y && place.x === last.x))
      front.push(place);
  }
  return front;
}

/// Places that agree in all axes but one, in the order of that one.
function joined(places, key) {
  const groups = new Map();
  for (const place of places) {
    const others = JSON.stringify(axes.filter((axisKey) => axisKey !== key)
        .map((axisKey) => placeValue(place, axisKey)));
    if (!groups.has(others)) groups.set(others, []);
    groups.get(others).push(place);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => (
      compareValues(placeValue(a, key), placeValue(b, key)))));
}

const placeValue = (place, key) => axisValue(key, place.setting.trials[0]);

/// An axis that starts at 0 if its numbers are not negative and a margin would reach below 0.
function fromZero(values) {
  const [low, high] = extent(values);
  return low >= 0 && low - 0.1 * (high - low) < 0 ? {min: 0, scale: false} : {};
}

const kRoles = {kl: "rate: ", reconstruction: "distortion: "};
const planeTitle = (name) => `${kRoles[baseOf(name)] ?? ""}${metricTitle(name)}`;

/// Points have the value beside them that a line goes along if each has so many pixels across.
const kPlaneLabelRoom = 30;

/// What colour and shape of a setting mean: {colourOf(place), symbolOf(place), legend}.
function planeMarks(colourKey, shapeKey) {
  const [colours, shapes] = [colourKey, shapeKey].map((key) => (key ? axisValues(key) : []));
  const at = (values, key, place) => (key ? values.indexOf(placeValue(place, key)) : 0);
  const symbol = (i) => kSymbols[i % kSymbols.length];
  const item = (image, text) => element("li", {}, image, text);
  return {
    colourOf: (place) => colour(at(colours, colourKey, place)),
    symbolOf: (place) => symbol(at(shapes, shapeKey, place)),
    legend: [
      ...colours.map((value, i) => item(symbolDrawing("circle", colour(i)),
                                        axisText(colourKey, value))),
      ...shapes.map((value, i) => item(symbolDrawing(symbol(i), css("--ink")),
                                       axisText(shapeKey, value))),
      replicated ? item(symbolDrawing("circle", css("--faint")), "small: one trial") : "",
    ],
  };
}

async function drawPlane() {
  const [xName, yName, join, colourKey, shapeKey] = ["x", "y", "join", "colour", "shape"].map(
      (name) => byId(`plane_${name}`).value);
  const box = byId("plane_chart");
  const note = byId("plane_note");
  const [x, y, xs, ys] = await Promise.all([summaries(xName), summaries(yName),
                                            valuesNow(xName), valuesNow(yName)]);
  const places = shownSettings()
      .map((setting) => ({setting, x: x.centre[setting.index], y: y.centre[setting.index]}))
      .filter((place) => Number.isFinite(place.x) && Number.isFinite(place.y));
  const marks = planeMarks(colourKey, shapeKey);
  byId("plane_legend").replaceChildren(...(places.length ? marks.legend : []));
  if (places.length === 0) {
    sayNothing(note, box, `No shown setting has both ${xName} and ${yName}.`);
    return;
  }
  box.hidden = false;
  const groups = join ? joined(places, join) : places.map((place) => [place]);
  const signs = [xName, yName].map((name) => (
      {higher: -1, lower: 1})[metrics.get(name).better] ?? 0);
  const ordered = !signs.includes(0);
  const front = ordered ? paretoFront(places, signs) : [];
  if (front.length)
    byId("plane_legend").append(element("li", {}, lineDrawing(css("--ink"), [5, 4]),
                                        "Pareto front"));
  const told = ({data}) => tip(data.label, `${xName} ${numberText(data.value[0])}`,
                               `${yName} ${numberText(data.value[1])}`);
  const single = places.flatMap(({setting}) => shownTrials(setting)
      .filter((trial) => Number.isFinite(xs[trial]) && Number.isFinite(ys[trial]))
      .map((trial) => ({value: [xs[trial], ys[trial]], label: trialLabel(trial)})));
  const all =
      [...places.map(({x: at, y: height}) => [at, height]), ...single.map(({value}) => value)];
  const labelled = join && kPlaneLabelRoom * places.length <= box.clientWidth;
  drawChart(box, {
    tooltip: tooltip(told),
    dataZoom: wheelZoom(["x", "y"]),
    xAxis: axis(planeTitle(xName), {
      boundaryGap: ["5%", "8%"], ...fromZero(all.map(([at]) => at))}),
    yAxis: yAxis(planeTitle(yName), {
      boundaryGap: ["5%", "5%"], ...fromZero(all.map(([, at]) => at))}),
    series: [
      {type: "scatter", name: "trials", data: replicated ? single : [], symbolSize: 5, z: 1,
       itemStyle: {color: css("--faint"), opacity: 0.6}, large: single.length > 5000},
      {type: "line", name: "Pareto front", data: front.map((place) => ({
         value: [place.x, place.y], label: place.setting.label})), symbol: "none", z: 2,
       lineStyle: {color: css("--ink"), width: 1.5, type: "dashed"}},
      ...groups.map((group) => ({
        type: "line", name: group.map(({setting}) => setting.label)[0], z: 3,
        symbol: marks.symbolOf(group[0]), symbolSize: 10, showSymbol: true,
        data: group.map((place) => ({
          value: [place.x, place.y], label: place.setting.label, symbol: marks.symbolOf(place),
          itemStyle: {color: marks.colourOf(place)}})),
        lineStyle: {width: join ? 2 : 0, color: marks.colourOf(group[0])},
        label: {show: Boolean(labelled), position: "right", color: css("--ink"),
                textBorderColor: css("--paper"), textBorderWidth: 3,
                formatter: ({dataIndex}) => axisText(join, placeValue(group[dataIndex], join))},
        labelLayout: {moveOverlap: "shiftY"},
      })),
    ],
  }, `${yName} against ${xName}. Pareto front: ${front.slice(0, 10).map((place) => (
      `${place.setting.label} at ${numberText(place.x)} and ${numberText(place.y)}`)).join("; ")}`);
  setText(note, planeNote({xName, yName, join, ordered}));
}

function planeNote({xName, yName, join, ordered}) {
  const others = axes.filter((key) => key !== join);
  const mixed = [xName, yName].some((name) => metrics.get(name).classes.names.length > 1);
  return sentences(
      `Large: the centre of each setting${epochText()}.`,
      ordered ? "Dashed: the Pareto front, settings that no other is better than in both."
              : "There is no Pareto front, since one of the metrics does not say which values are " +
                "better.",
      join && others.length && `A line joins settings of equal ${others.map(shortName).join(", ")}.`,
      mixed && "Some of these settings may not be ranked together (see the leaderboard).");
}

/// Selects of the swept keys, with "" for none.
function offerKeys(select, keys, preferred) {
  select.replaceChildren(...["", ...keys].map((key) => (
      element("option", {value: key, textContent: key ? shortName(key) : kNone}))));
  select.value = keys.includes(preferred) ? preferred : "";
  for (const option of select.options) option.defaultSelected = option.selected;
}

/// The two metrics at the beginning: rate and distortion if there are both, those that most settings
/// have; else the two that most have.
function firstMetrics(names) {
  const settingsWith = (name) => metrics.get(name).summary.settings;
  const byMost = (a, b) => Math.min(...b.map(settingsWith)) - Math.min(...a.map(settingsWith));
  const pairs = kSplits.map((split) => [`${split}/kl`, `${split}/reconstruction`])
      .filter((pair) => pair.every((name) => metrics.has(name)));
  return pairs.toSorted(byMost)[0] ??
      names.toSorted((a, b) => settingsWith(b) - settingsWith(a)).slice(0, 2);
}

function startPlane() {
  const names = scalarMetrics.map(({name}) => name);
  const preferred = firstMetrics(names);
  ["x", "y"].forEach((name, i) => {
    const select = byId(`plane_${name}`);
    delete select.dataset.names;
    offerMetrics(select, names, preferred[i]);
    for (const option of select.options) option.defaultSelected = option.value === preferred[i];
  });
  const numeric = axes.filter(isNumeric);
  const join = numeric.find((key) => /beta|gamma|capacity/.test(key)) ?? numeric[0];
  const others = axes.filter((key) => key !== join && !isContinuous(key));
  offerKeys(byId("plane_join"), numeric, join);
  offerKeys(byId("plane_colour"), axes.filter((key) => !isContinuous(key)), others[0] ?? join);
  offerKeys(byId("plane_shape"), axes.filter((key) => axisValues(key).length <= kSymbols.length),
            others[1]);
  for (const name of ["x", "y", "join", "colour", "shape"])
    keepControl(`plane.${name}`, byId(`plane_${name}`));
  return names.length > 1;
}

const redrawPlane = addSection("plane", {start: startPlane, draw: drawPlane});
for (const name of ["x", "y", "join", "colour", "shape"])
  byId(`plane_${name}`).addEventListener("change", redrawPlane);
