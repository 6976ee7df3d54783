// Pictures of both pages: pixels as squares of whole screen pixels, enlarged by a click.
"use strict";

/// The width at which a picture of `width` pixels fills `room`, in whole screen pixels per pixel.
const wholePixels = (width, room) => Math.max(1, Math.round(room / width)) * width;

// Labels ------------------------------------------------------------------------------------------

const kLetter = 7;   // pixels across of a letter of a label
const kLine = 13;    // and down

/// Every so manieth of labels that are `pitch` pixels apart and need `room`.
const everyNth = (pitch, room) => Math.max(1, Math.ceil(room / pitch));

const widestOf = (texts) => Math.max(...texts.map((text) => text.length)) * kLetter;

function labelList(className, texts, nth, style) {
  const spans = texts.map((text, i) => element("span", {textContent: i % nth ? "" : text}));
  const list = element("span", {className}, ...spans);
  Object.assign(list.style, style);
  return list;
}

/// The ends of an axis, to three digits, with its name between them.
function axisLabels(className, {from, to, name}) {
  const [low, high] = [from, to].map((end) => numberText(Number(end.toPrecision(3))));
  return element("span", {className}, ...[low, name, high].map((textContent) => (
      element("span", {textContent}))));
}

function bandBar({name, colours, edges}, height) {
  const bar = element("span", {className: "bar"}, ...colours.map((colour) => {
    const swatch = element("span");
    swatch.style.background = colour;
    return swatch;
  }).reverse());
  const nth = everyNth(height / colours.length, kLine);
  const shown = edges.map((edge, i) => (i % nth ? "" : Number(edge.toPrecision(4)).toString()));
  const list = labelList("edges", shown.reverse(), 1, {});
  return [bar, list, element("span", {className: "colour_name", textContent: name})];
}

/// A name in the upper left corner of each tile, as much of it as the tile has room for.
/// @param tiles [row][column]
function tileNames(tiles) {
  const rows = tiles.map((names) => element("span", {}, ...names.map((name) => (
      element("span", {textContent: name, title: name})))));
  return element("span", {className: "tiles"}, ...rows);
}

/// Pixels across that labels take beside a picture, about.
function labelRoom(labels) {
  const {rows = [], y, colours} = labels ?? {};
  return (rows.length ? widestOf(rows) + kLine : 0) + (y ? 3 * kLine : 0) + (colours ? 100 : 0);
}

/// A picture with its labels around it. They are left out if the rows are too low for them; the
/// enlarged picture has them always.
/// @param labels as `labels_json` of framework/results writes them
/// @param shown  [width, height] of the picture on the screen
function withLabels(image, labels, [width, height], always = false) {
  const {rows = [], columns = [], x, y, colours, tiles = []} = labels ?? {};
  const lowest = height / Math.max(1, rows.length);
  if (!(rows.length || columns.length || x || y || colours || tiles.length)) return image;
  if (!always && (lowest < kLine || height < 8 * kLine && (x || y))) return image;
  const parts = [image];
  image.classList.add("picture");
  if (columns.length) {
    // The first may reach over the names of the rows.
    const nth = everyNth(width / columns.length, widestOf(columns.slice(1)) + kLetter);
    const list = labelList("columns", columns, nth,
                           {gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))`});
    if (widestOf(columns.slice(0, 1)) > width / columns.length)
      list.firstChild.style.justifyContent = "end";
    parts.push(list);
  }
  if (rows.length)
    parts.push(labelList("rows", rows, everyNth(lowest, kLine),
                         {gridTemplateRows: `repeat(${rows.length}, minmax(0, 1fr))`}));
  if (tiles.length && height / tiles.length >= 3 * kLine) parts.push(tileNames(tiles));
  if (x) parts.push(axisLabels("x_axis", x));
  if (y) parts.push(axisLabels("y_axis", y));
  if (colours) parts.push(...bandBar(colours, height));
  return element("span", {className: "labelled"}, ...parts);
}

// Pictures ----------------------------------------------------------------------------------------

/// Opens a picture as large as the window allows.
/// @param more what stands below it
function enlarge({source, label, width, height, labels, more = ""}) {
  const image = element("img", {src: source, alt: label});
  const across = Math.min(innerWidth * 0.9, 1100) - labelRoom(labels);
  // A plot is seen as a whole.
  const down = labels?.x ? innerHeight * 0.75 : Infinity;
  const scale = Math.max(1, Math.floor(Math.min(across / width, down / height)));
  image.style.width = `${scale * width}px`;
  image.style.imageRendering = "pixelated";
  const close = element("button", {type: "button", textContent: "Close"});
  const shown = [scale * width, scale * height];
  const dialog = element("dialog", {}, element("p", {textContent: label}),
                         withLabels(image, labels, shown, true),
                         element("p", {}, close), more);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/// A picture with a caption. A click enlarges it.
/// @param content an image or a canvas
/// @param describe returns what `enlarge` takes, at the time of the click
function pictureFigure(content, caption, describe) {
  const button = element("button", {type: "button", title: "Enlarge"}, content);
  button.addEventListener("click", () => enlarge(describe()));
  return element("figure", {}, button, caption);
}
