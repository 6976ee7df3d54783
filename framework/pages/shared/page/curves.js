// Learning curves: for each setting its centre, an interval over its replicates, and every trial.
"use strict";

/// Seconds from the start of a trial to the end of each epoch: [trial, epoch].
async function elapsed() {
  const seconds = await numbers(report.seconds);
  const cumulated = new Float64Array(seconds.length);
  for (let trial = 0; trial < trialCount; ++trial) {
    let sum = 0;
    for (let epoch = 0; epoch < epochCount; ++epoch) {
      sum += seconds[trial * epochCount + epoch];  // NaN from the first epoch that is not there
      cumulated[trial * epochCount + epoch] = sum;
    }
  }
  return cumulated;
}

/// The points of a row of numbers, those that are there.
function points(values, row, x) {
  const made = [];
  for (let epoch = 0; epoch < epochCount; ++epoch) {
    const value = values[row * epochCount + epoch];
    if (Number.isFinite(value) && Number.isFinite(x(epoch))) made.push([x(epoch), value]);
  }
  return made;
}

/// A setting's curve: {centre, band: [[x, low, high]], seeds: [{trial, data}]}.
async function settingCurve(setting, name, against) {
  const {band} = metrics.get(name);
  const values = await series(name);
  const times = against === "seconds" ? await elapsed() : null;
  const xOf = (trial) => (epoch) => (times ? times[trial * epochCount + epoch] : epoch + 1);
  const trials = shownTrials(setting);
  const seeds = trials.map((trial) => ({trial, data: points(values, trial, xOf(trial))}));
  const done = setting.trials.filter(counts);
  if (!band || done.length < 2)
    return {centre: seeds.length === 1 ? seeds[0].data : [], band: [], seeds, whole: done};
  const [centres, lows, highs] = await Promise.all([band.centre, band.low, band.high].map(numbers));
  const x = times ?
      (epoch) =>
          done.reduce((sum, trial) => sum + times[trial * epochCount + epoch], 0) / done.length :
      (epoch) => epoch + 1;
  const low = points(lows, setting.index, x);
  const high = points(highs, setting.index, x);
  return {
    centre: points(centres, setting.index, x),
    band: low.map(([at, value], i) => [at, value, high[i][1]]),
    seeds,
    whole: done,
  };
}

/// The curves per step of a training metric, or null if they were not recorded.
async function stepCurve(setting, name) {
  const steps = splitOf(name) === "train" &&
      report.steps.find((one) => one.name === baseOf(name));
  if (!steps) return null;
  const [at, values] = await Promise.all([numbers(steps.step), numbers(steps.value)]);
  const seeds = shownTrials(setting).map((trial) => {
    const data = [];
    for (let i = steps.offsets[trial]; i < steps.offsets[trial + 1]; ++i)
      if (Number.isFinite(values[i])) data.push([at[i], values[i]]);
    return {trial, data};
  });
  return {centre: seeds.length === 1 ? seeds[0].data : [], band: [], seeds, whole: []};
}

/// As far as intervals stretch the axis: a quarter of the range of the curves to either side.
function intervalRange(curves) {
  const values = curves.flatMap(({centre, seeds}) => [centre, ...seeds.map(({data}) => data)])
      .flat().map(([, value]) => value);
  const [low, high] = values.reduce(([least, most], value) => (
      [Math.min(least, value), Math.max(most, value)]), [Infinity, -Infinity]);
  const more = (high - low) / 4;
  return {low: low - more, high: high + more};
}

const isCut = ({band}, range) => band.some(([, low, high]) => low < range.low || high > range.high);

function bandSeries(name, data, index, {logarithmic, range}) {
  const usable = drawable(data, logarithmic);
  return {
    type: "custom",
    name,
    silent: true,
    clip: true,
    // What the axis reaches to; the polygon is that of the whole interval.
    data: usable.map(([x, low, high]) => (
        [x, Math.max(low, range.low), Math.min(high, range.high), low, high])),
    encode: {x: 0, y: [1, 2]},
    z: 1,
    renderItem(params, api) {
      if (params.dataIndex > 0) return null;  // one polygon is the whole band
      const upper = usable.map(([x, , high]) => api.coord([x, high]));
      const lower = usable.map(([x, low]) => api.coord([x, low])).reverse();
      return {type: "polygon", shape: {points: [...upper, ...lower]},
              style: {fill: colour(index), opacity: 0.14}};
    },
  };
}

/// All series of one setting's curve.
function curveSeries(of, setting, index, {logarithmic, range, band, seeds}) {
  const made = [];
  const alone = of.seeds.length === 1 && of.band.length === 0;
  if (band && of.band.length > 1)
    made.push(bandSeries(`${setting.label}, interval`, of.band, index, {logarithmic, range}));
  const bare = of.centre.length === 0;
  if ((seeds && !alone) || bare) {
    for (const {trial, data} of of.seeds)
      made.push(curve(trialLabel(trial), drawable(data, logarithmic), index, {
        z: 2, symbolSize: 4, showSymbol: data.length < 2,
        lineStyle: {width: bare ? 1.6 : 1, opacity: bare ? 1 : 0.55, color: colour(index),
                    type: "solid"},
      }));
  }
  made.push(curve(setting.label, drawable(of.centre, logarithmic), index));
  return made;
}

const hasSteps = (name) => splitOf(name) === "train" &&
    report.steps.some((one) => one.name === baseOf(name));

async function drawCurves() {
  const box = byId("curves_chart");
  const note = byId("curves_note");
  const {metric} = state;
  const against = byId("curves_x").value;
  const logarithmic = byId("curves_log").checked;
  const table = await series(metric);
  const all = (await rankedSettings(metric)).filter((setting) => shownTrials(setting).some(
      (trial) => !Number.isNaN(valueBy(table, trial, epochCount))));
  const few = all.slice(0, Number(byId("curves_count").value));
  byId("curves_legend").replaceChildren(...few.map((setting, i) => (
      element("li", {}, swatch(i), setting.label))));
  if (against === "step" && !hasSteps(metric)) {
    const recorded =
        report.steps.map((one) => `train/${one.name}`).filter((name) => metrics.has(name));
    sayNothing(note, box, recorded.length
        ? `${metric} was not recorded per step. These were: ${recorded.join(", ")}.`
        : report.live ? "Curves per step are in the report (varia report), and not on the live page."
                      : "Nothing was recorded per step (train.record_every).");
    return;
  }
  if (few.length === 0) {
    sayNothing(note, box, "No trial that passes the filter has values of it.");
    return;
  }
  box.hidden = false;
  const curves = await Promise.all(few.map((setting) => (
      against === "step" ? stepCurve(setting, metric) : settingCurve(setting, metric, against))));
  if (logarithmic && pointsOf(curves, (data) => drawable(data, true).length) === 0) {
    sayNothing(note, box, `${metric} has no positive values there, so none has a logarithm.`);
    return;
  }
  const range = intervalRange(curves);
  const options = {logarithmic, range, band: byId("curves_band").checked,
                   seeds: byId("curves_seeds").checked};
  const lastOf = ({centre, seeds}) => centre.at(-1)?.[1] ?? seeds[0]?.data.at(-1)?.[1];
  const ends = few.slice(0, 10).map((setting, i) => (
      `${setting.label} ends at ${numberText(lastOf(curves[i]))}`));
  drawCurveChart(box, {
    against, mark: against === "epoch" ? state.epoch : null, title: metricTitle(metric), logarithmic,
    series: curves.flatMap((one, i) => curveSeries(one, few[i], i, options)),
  }, `${metric} against ${against}: ${ends.join("; ")}`);
  setText(note, curvesNote(few, all, against, curves, options));
}

/// The sum of what `count` says of the points of each curve of some settings.
const pointsOf = (curves, count) => curves.flatMap(({centre, seeds}) => (
    [centre, ...seeds.map(({data}) => data)])).reduce((sum, data) => sum + count(data), 0);

function curvesNote(few, all, against, curves, {band, range, logarithmic}) {
  const parts = [];
  if (few.length < all.length) parts.push(`The best ${few.length} of ${all.length} settings.`);
  const most = Math.max(...curves.map((curve) => curve.whole.length));
  if (report.live && most >= 2)
    parts.push("Thick: mean over the replicates that have reached an epoch, with Student’s 95% " +
        "interval; thin: each trial.");
  else if (against !== "step" && most >= 2)
    parts.push(
        most >= report.bootstrap_from ?
            `Thick: mean and Student's 95% interval, from ${report.bootstrap_from} trials on ` +
                "the inter-quartile mean and its bootstrap interval; thin: each trial." :
            "Thick: mean over all finished replicates with Student's 95% interval; thin: each " +
                "trial.");
  if (band && curves.some((curve) => isCut(curve, range)))
    parts.push("Intervals are cut where they reach far beyond the curves.");
  if (!report.live && against !== "step" && most >= 2 && curves.some(({whole}) => (
      new Set(whole.map(epochsDone)).size > 1)))
    parts.push("A trial that ended early counts with its last value.");
  if (logarithmic && pointsOf(curves, (data) => data.length - drawable(data, true).length) > 0)
    parts.push("Values that are not positive have no logarithm and are not drawn.");
  if (against === "seconds") parts.push("A setting is drawn at the mean time of its trials.");
  return sentences(...parts);
}

const redrawCurves = addSection("curves", {
  start() {
    for (const id of ["x", "count", "log", "band", "seeds"])
      keepControl(`curves.${id}`, byId(`curves_${id}`));
    return scalarMetrics.length > 0;
  },
  draw: drawCurves,
});
for (const id of ["curves_x", "curves_count", "curves_log", "curves_band", "curves_seeds"])
  byId(id).addEventListener("change", redrawCurves);
