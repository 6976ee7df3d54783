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
  button.dataset.text ??= button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    setText(button, "copied");
  } catch {  // not allowed here: the browser's own way stays
    setText(button, "not copied");
  }
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    setText(button, button.dataset.text);
    delete button.dataset.text;
  }, 1500);
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

/// "1e-7" as TeX sets it.
const latexDigits = (text) => text.replace(/e\+?(-?\d+)/, " \\times 10^{$1}");

/// A number with what stands behind it: "-104.2", "± 0.43".
function latexNumber(text, more) {
  if (!Number.isFinite(Number(text))) return latexText(text);
  const number = latexDigits(text);
  if (!more) return `$${number}$`;
  if (more.startsWith("± ")) return `$${number} \\pm ${latexDigits(more.slice(2))}$`;
  return `$${number}$ [${more.split(" to ").map((end) => `$${latexDigits(end)}$`).join(", ")}]`;
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
    // An interval that is cut on the page has its whole ends behind those.
    if (type === "custom")
      return [name, label, values[0], "", "", values[3], values[4]];
    return [name, label, text(x, values[0]), text(y, values[1]), values[2] ?? "", "", ""];
  }));
  const all = [["series", "label", ...heads], ...rows];
  const used = all[0].map((_, column) => rows.some((row) => row[column] !== "" &&
      !isMissing(row[column])));
  return all.map((row) => row.filter((_, column) => used[column]));
}

const kLegendSize = 13;  // of its letters, in pixels
const kLegendLine = 20;

/// How wide texts are in pixels.
function textWidth() {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${kLegendSize}px system-ui, sans-serif`;
  return (text) => pen.measureText(text).width;
}

/// How many lines the entries of a chart's own legend take.
function legendLines(names, width) {
  const widthOf = textWidth();
  let [lines, x] = [1, 0];
  for (const name of names) {
    const across = widthOf(name) + 28;  // with the mark and what ECharts leaves free
    if (x > 0 && x + across > width) [lines, x] = [lines + 1, 0];
    x += across;
  }
  return lines;
}

/// A chart as it is shown, zoomed and with what its legend hides, on a ground of its own. A legend that
/// would have to be paged has lines enough.
function chartOption(box, width) {
  const option = charts.get(box).getOption();
  const [legend] = option.legend ?? [];
  const names = option.series.map(({name}) => name);
  const lines = legend?.show && legend.type === "scroll" ? legendLines(names, width) : 0;
  return {...option, backgroundColor: css("--paper"),
          dataZoom: option.dataZoom?.filter(({type}) => type !== "slider"),
          ...(lines && {legend: [{...legend, type: "plain"}],
                        grid: option.grid.map((grid) => ({
                          ...grid, top: grid.top + kLegendLine * (lines - 1)}))})};
}

function chartSvg(box, width = box.clientWidth, height = box.clientHeight) {
  const chart = echarts.init(null, null, {renderer: "svg", ssr: true, width, height});
  chart.setOption(chartOption(box, width));
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

/// An element of a drawing.
function svgPart(name, attributes, text = "") {
  const part = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
  part.textContent = text;
  return part;
}

/// A legend that stands beside a chart on the page, below it in its drawing.
function addLegend(drawing, items) {
  const [width, height] = ["width", "height"].map((name) => Number(drawing.getAttribute(name)));
  const widthOf = textWidth();
  let [x, y] = [8, height];
  const parts = items.flatMap((item) => {
    const mark = item.querySelector("svg").cloneNode(true);
    const wide = mark.classList.contains("swatch") ? 28 : 12;
    const across = wide + 6 + widthOf(item.textContent) + 16;
    if (x > 8 && x + across > width) [x, y] = [8, y + kLegendLine];
    for (const [key, value] of Object.entries({x, y: y + 4, width: wide, height: 12}))
      mark.setAttribute(key, value);
    const text = svgPart("text", {x: x + wide + 6, y: y + 15, fill: css("--ink"),
                                  "font-family": "system-ui, sans-serif",
                                  "font-size": kLegendSize}, item.textContent);
    x += across;
    return [mark, text];
  });
  const below = y + kLegendLine + 8;
  drawing.setAttribute("height", below);
  drawing.setAttribute("viewBox", `0 0 ${width} ${below}`);
  drawing.append(svgPart("rect", {x: 0, y: height, width, height: below - height,
                                  fill: css("--paper")}), ...parts);
}

/// What is saved of a chart: with the legend that stands beside it.
function savedSvg(box) {
  const drawing = new DOMParser().parseFromString(chartSvg(box), "image/svg+xml").documentElement;
  const items = box.parentElement.querySelectorAll(":scope > ul.legend > li");
  if (items.length) addLegend(drawing, [...items]);
  return new XMLSerializer().serializeToString(drawing);
}

/// The same in pixels, as the address of a PNG.
async function savedPng(box) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(savedSvg(box))}`;
  await image.decode();
  const canvas = element("canvas", {width: kPixelRatio * image.width,
                                    height: kPixelRatio * image.height});
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

const kChartFormats = {
  svg: (box) => saveFile(chartFile(box, "svg"), "image/svg+xml", savedSvg(box)),
  async png(box) {
    element("a", {href: await savedPng(box), download: chartFile(box, "png")}).click();
  },
  csv: (box) => saveFile(chartFile(box, "csv"), "text/csv",
                         csvText(chartValues(chartOption(box, box.clientWidth)))),
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
