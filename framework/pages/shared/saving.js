// What a reader takes along: charts as SVG, PNG and CSV, tables as CSV and LaTeX, texts by the
// clipboard.
"use strict";

const kPixelRatio = 3;  // of a PNG: 300 dots an inch if a screen has 96

function saveFile(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], {type}));
  element("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/// "beta_sweep-curves.svg": what stands in the heading of the page, and what is saved.
function fileName(what, extension) {
  const plain = (text) => text.replace(/[^A-Za-z0-9.+-]+/g, "_").slice(0, 80);
  return `${plain(byId("experiment").textContent)}-${plain(what)}.${extension}`;
}

/// Puts a text into the clipboard, and says so in the place of the button's own text.
async function copyText(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    setText(button, "copied");
  } catch {  // not allowed here: the browser's own way stays
    setText(button, "not copied");
  }
  setTimeout(() => setText(button, before), 1500);
}

// Tables ------------------------------------------------------------------------------------------

/// A text that a spreadsheet would take for a formula gets an apostrophe, as in `varia export`.
function csvField(value) {
  if (isMissing(value)) return "";
  const isFormula = /^[=+@-]/.test(value) && Number.isNaN(Number(value));
  const text = `${isFormula ? "'" : ""}${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/// Rows of values as RFC 4180 has them.
const csvText = (rows) => rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");

const kLatexMarks = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}",
                     "^": "\\textasciicircum{}", "–": "--", "±": "$\\pm$"};
const latexText = (text) => text.replace(/[\\~^–±]|[&%$#_{}]/g, (mark) => (
    kLatexMarks[mark] ?? `\\${mark}`));

/// A number with what stands behind it: "-104.2", "± 0.43".
function latexNumber(text, more) {
  if (!Number.isFinite(Number(text))) return latexText(text);
  if (!more) return `$${text}$`;
  return more.startsWith("± ") ? `$${text} \\pm ${more.slice(2)}$`
                               : `$${text}$ [${more.replace(" to ", ", ")}]`;
}

/// A table for the package booktabs.
/// @param columns as those of a leaderboard
function latexTable(columns, rows, rankText) {
  const line = (cells) => `  ${cells.join(" & ")} \\\\\n`;
  const cell = (column, row) => (column.numeric
      ? latexNumber(column.text(row), column.more?.(row)) : latexText(column.text(row)));
  return `% \\usepackage{booktabs}\n\\begin{tabular}{r${columns.map(({numeric}) => (
      numeric ? "r" : "l")).join("")}}\n  \\toprule\n` +
      line(["rank", ...columns.map(({title}) => latexText(title))]) + "  \\midrule\n" +
      rows.map((row) => line([latexText(rankText(row)),
                              ...columns.map((column) => cell(column, row))])).join("") +
      "  \\bottomrule\n\\end{tabular}\n";
}

/// The values behind a leaderboard, to the last digit; of intervals both ends.
function boardValues(columns, rows, rankText) {
  const ends = ["low", "high"];
  return [
    ["rank", ...columns.flatMap(({key, interval}) => (
        [key, ...(interval ? ends.map((end) => `${key} ${end}`) : [])]))],
    ...rows.map((row) => [rankText(row), ...columns.flatMap(({value, interval}) => (
        [value(row), ...(interval ? interval(row) : [])]))]),
  ];
}

// Charts ------------------------------------------------------------------------------------------

/// The values behind a chart: a row for each point, with the name of its series.
function chartValues({xAxis, yAxis, parallelAxis, series}) {
  const axisOf = (axes, name) => ({name: axes?.[0]?.name || name, texts: axes?.[0]?.data});
  const [x, y] = [axisOf(xAxis, "x"), axisOf(yAxis, "y")];
  const text = (one, value) => (one.texts && Number.isInteger(value) ? one.texts[value] : value);
  const heads = parallelAxis ? parallelAxis.map(({name}) => name)
                             : [x.name, y.name, "value", "low", "high"];
  const rows = series.flatMap(({type, name, data}) => data.map((item, i) => {
    const values = item?.value ?? item;
    const label = item?.label && typeof item.label === "string" ? item.label : item?.name ?? "";
    if (parallelAxis) return [name, label, ...values];
    if (type === "bar") return [name, label, values, y.texts[i], "", "", ""];
    if (type === "custom") return [name, label, values[0], "", "", values[1], values[2]];
    return [name, label, text(x, values[0]), text(y, values[1]), values[2] ?? "", "", ""];
  }));
  const all = [["series", "label", ...heads], ...rows];
  const used = all[0].map((_, column) => rows.some((row) => row[column] !== "" &&
      !isMissing(row[column])));
  return all.map((row) => row.filter((_, column) => used[column]));
}

/// A chart as it is shown, zoomed and with what its legend hides, on a ground of its own.
function chartOption(box) {
  const option = charts.get(box).getOption();
  return {...option, backgroundColor: css("--paper"),
          dataZoom: option.dataZoom?.filter(({type}) => type !== "slider")};
}

function chartSvg(box, width = box.clientWidth, height = box.clientHeight) {
  const chart = echarts.init(null, null, {renderer: "svg", ssr: true, width, height});
  chart.setOption(chartOption(box));
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

const kChartFormats = {
  svg: (box) => saveFile(chartFile(box, "svg"), "image/svg+xml", chartSvg(box)),
  png(box) {
    const url = charts.get(box).getDataURL({pixelRatio: kPixelRatio,
                                            backgroundColor: css("--paper")});
    element("a", {href: url, download: chartFile(box, "png")}).click();
  },
  csv: (box) => saveFile(chartFile(box, "csv"), "text/csv",
                         csvText(chartValues(chartOption(box)))),
};
const chartFile = (box, extension) => fileName(box.dataset.file ?? box.id.replace(/_chart$/, ""),
                                               extension);

/// Buttons below a chart that save it.
function offerSaving(box) {
  if (box.nextElementSibling?.classList.contains("save")) return;
  const heading = box.closest("figure, section")?.querySelector("h2, h3")?.textContent ?? "";
  box.after(element("p", {className: "save"}, "Save ", ...Object.keys(kChartFormats).map((name) => {
    const button = element("button", {type: "button", textContent: name.toUpperCase(),
                                      ariaLabel: `Save ${heading} as ${name.toUpperCase()}`});
    button.dataset.format = name;
    button.addEventListener("click", () => kChartFormats[name](box));
    return button;
  })));
}

function withdrawSaving(box) {
  const buttons = box.nextElementSibling;
  if (buttons?.classList.contains("save")) buttons.remove();
}
