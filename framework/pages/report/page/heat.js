// The metric over two parameters.
"use strict";

const kPooled = "mean over all";
let heatCells = null;

async function drawHeat() {
  const box = byId("heat_chart");
  const note = byId("heat_note");
  const {centre} = await summaries(state.metric);
  const [rows, columns] = [heatCells.rowValues(), heatCells.columnValues()];
  const data = [];
  let pooled = 0;
  rows.forEach((row, y) => columns.forEach((column, x) => {
    const there = [...new Set(heatCells.cell(row, column).map((trial) => settingOf[trial]))]
        .filter((setting) => Number.isFinite(centre[setting.index]));
    if (there.length === 0) return;
    pooled = Math.max(pooled, there.length);
    const value = there.reduce((sum, setting) => sum + centre[setting.index], 0) / there.length;
    data.push({
      name: there.length === 1 ? there[0].label : `mean of ${there.length} settings`,
      value: [x, y, value],
    });
  }));
  if (data.length === 0) {
    sayNothing(note, box, "No shown trial has a value there.");
    return;
  }
  box.hidden = false;
  const [low, high] = extent(data.map(({value}) => value[2]));
  const middle = (low + high) / 2;
  drawChart(box, {
    grid: {top: 12, bottom: 50},
    tooltip: tooltip(({name, value}) => tip(name, `${state.metric} ${numberText(value[2])}`)),
    xAxis: categoryAxis(heatCells.columns() ?? "", columns),
    yAxis: categoryAxis(heatCells.rows() ?? "", rows, {nameGap: 48}),
    visualMap: colourBar(low, high, colourScale()),
    series: [{
      type: "heatmap", progressive: 0,
      data: data.map((one) => ({
        ...one, label: {show: data.length <= 60, color: cellInk(one.value[2], middle)}})),
      label: {formatter: ({value}) => numberText(value[2])},
      itemStyle: {borderColor: css("--paper"), borderWidth: 1},
    }],
  }, `${state.metric} by ${heatCells.rows()} and ${heatCells.columns()}`);
  setText(
      note,
      [
        "Each cell is the centre over the replicates of one setting.",
        pooled > 1 ? `Cells are means over up to ${pooled} settings, as chosen above.` : "",
        "Empty cells have no trial that is done."
      ].filter((part) => part)
          .join(" "));
}

/// Ink that is readable on a cell of the colour scale.
const cellInk = (value, middle) => ((value > middle) === isDark() ? "#0b0d10" : "#ffffff");

if (axes.length < 2)
  byId("heat").hidden = true;
else
  heatCells = axisChoice(byId("heat_controls"), addSection("heat", drawHeat), {pools: [kPooled]});
