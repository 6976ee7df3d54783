// Metrics that are arrays: the KL divergence per dimension over the epochs, a matrix at one epoch.
"use strict";

const arrays = {};

/// The values of a trial: {rows, columns, at(row, column)}; dimensions as rows, epochs as columns,
/// or the two axes of a matrix at an epoch.
function arrayTable(metric, values, trial, epoch) {
  const size = metric.shape.reduce((product, side) => product * side, 1);
  const epochsKept = metric.last_only ? 1 : epochCount;
  const start = trial * epochsKept * size;
  if (metric.shape.length === 1)
    return {rows: size, columns: metric.last_only ? 1 : Math.max(1, epochsDone(trial)),
            at: (row, column) => values[start + column * size + row]};
  const [rows, columns] = metric.shape;
  const from = start + (metric.last_only ? 0 : epoch - 1) * size;
  return {rows, columns: size / rows,
          at: (row, column) => values[from + row * (size / rows) + column]};
}

/// The epoch that the page shows of a trial, or the last one before it at which the metric was
/// recorded.
function arrayEpoch(metric, values, trial) {
  const shown = Math.max(1, Math.min(state.epoch ?? Infinity, epochsDone(trial)));
  if (metric.last_only) return shown;
  const size = metric.shape.reduce((product, side) => product * side, 1);
  const start = trial * epochCount * size;
  const isThere = (epoch) => values.subarray(start + (epoch - 1) * size, start + epoch * size)
      .some(Number.isFinite);
  for (let epoch = shown; epoch > 0; --epoch) if (isThere(epoch)) return epoch;
  return shown;
}

async function drawArrays() {
  const metric = metrics.get(arrays.metric.value());
  const trial = arrays.trials[Number(arrays.trial.control.value)];
  const box = byId("arrays_chart");
  const note = byId("arrays_note");
  const flat = metric.shape.length === 1;
  arrays.sort.parentElement.hidden = !flat;
  const values = await series(metric.name);
  const epoch = arrayEpoch(metric, values, trial);
  const table = arrayTable(metric, values, trial, epoch);
  let order = Array.from({length: table.rows}, (_, i) => i)
      .filter((row) => Array.from({length: table.columns}, (_, column) => table.at(row, column))
          .some(Number.isFinite));
  const last = metric.last_only ? 0 : epoch - 1;
  if (flat && arrays.sort.checked)
    order.sort((a, b) => table.at(a, last) - table.at(b, last));
  const data = [];
  order.forEach((row, y) => {
    for (let column = 0; column < table.columns; ++column) {
      const value = table.at(row, column);
      if (Number.isFinite(value)) data.push([column, y, value]);
    }
  });
  if (data.length === 0) {
    sayNothing(note, box, `${trialLabel(trial)} has no values of ${metric.name}.`);
    return;
  }
  box.hidden = false;
  const [low, high] = extent(data.map(([, , value]) => value));
  const across = flat ?
      (metric.last_only ? ["last"] : Array.from({length: table.columns}, (_, i) => i + 1)) :
      Array.from({length: table.columns}, (_, i) => i);
  const xName = flat ? "epoch" : metric.axes[1] ?? "column";
  const yName = metric.axes[0] ?? (flat ? "dimension" : "row");
  drawChart(box, {
    grid: {top: 12, bottom: 50},
    tooltip: tooltip(({value}) => tip(metric.name, `${yName} ${order[value[1]]}`,
                                      `${xName} ${across[value[0]]}`, numberText(value[2]))),
    xAxis: categoryAxis(xName, across, {room: box.clientWidth - 70}),
    yAxis: categoryAxis(yName, order),
    visualMap: colourBar(low < 0 ? low : 0, high, colourScale(),
                         {text: [metric.units || "", ""]}),
    series: [{type: "heatmap", name: metric.name, data, progressive: 0,
              itemStyle: {borderColor: css("--paper"), borderWidth: data.length < 2000 ? 1 : 0}}],
  }, `${metric.name} of ${trialLabel(trial)}: ${order.length} by ${table.columns} values from ` +
     `${numberText(low)} to ${numberText(high)}`);
  setText(note, sentences(
      !flat && `Epoch ${epoch}.`,
      flat && arrays.sort.checked && !metric.last_only && `Sorted by epoch ${epoch}.`,
      metric.last_only && "The file has too many values for a page, so only each trial's last " +
          "epoch is here."));
}

function startArrays() {
  const names = report.metrics.filter((metric) => [1, 2].includes(metric.shape.length))
      .map((metric) => metric.name);
  byId("arrays_controls").replaceChildren();
  if (names.length === 0 || trialCount === 0) return false;
  const preferred = kSplits.map((split) => (
      names.find((name) => name.startsWith(`${split}/kl_per_dim`)))).find((name) => name);
  arrays.trials = allTrials.filter((trial) => epochsDone(trial) > 0);
  if (arrays.trials.length === 0) arrays.trials = [0];
  arrays.metric = choice("Metric", names, preferred ?? names[0], redrawArrays);
  arrays.trial = choice("Trial", arrays.trials.map(trialLabel), null, redrawArrays);
  arrays.sort = element("input", {type: "checkbox", checked: true, defaultChecked: true});
  arrays.sort.addEventListener("change", redrawArrays);
  keepValue("arrays.metric", () => arrays.metric);
  keepValue("arrays.trial", () => arrays.trial);
  keepControl("arrays.sort", arrays.sort);
  byId("arrays_controls").append(arrays.metric.box, arrays.trial.box,
                                 element("label", {}, arrays.sort, "sorted by the epoch shown"));
  return true;
}

const redrawArrays = addSection("arrays", {start: startArrays, draw: drawArrays});
