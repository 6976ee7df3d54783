// How much of the metric's variance each parameter explains.
"use strict";

const kBins = 8;

/// The group of each trial by a parameter: its value, or one of kBins quantiles of many numbers.
function groupsBy(key, trials) {
  const all = trials.map((trial) => axisValue(key, trial));
  const different = new Set(all);
  if (!isNumeric(key) || different.size <= kBins) return all.map(valueText);
  const sorted = all.filter((value) => value !== null).sort((a, b) => a - b);
  const edges = Array.from({length: kBins - 1}, (_, i) => (
      sorted[Math.floor((i + 1) * sorted.length / kBins)]));
  return all.map(
      (value) => (value === null ? "–" : String(edges.filter((edge) => value >= edge).length)));
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
  setText(
      note,
      [
        `How much of the differences between ${
            count} trials each parameter explains alone (epsilon ` +
            `squared; numbers with more than ${kBins} values in as many quantiles).`,
        all !== null ?
            `All of them together explain ${(100 * all).toFixed(0)}%; the rest is the seed.` :
            "",
        "It tells of the values that were tried, and not of what acts only jointly.",
      ].filter((part) => part)
          .join(" "));
}

byId("importance").hidden = axes.length === 0;
addSection("importance", drawImportance);
