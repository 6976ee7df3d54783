// On paper the page is light, as wide as the sheet, and its charts are vector graphics.
"use strict";

const kSheetWidth = 700;  // CSS pixels between the margins of A4, as page.css has them

/// The charts as drawings in their places.
const printed = [];

/// What ECharts has written, as elements: an image would not be decoded in time.
function svgElement(text) {
  return document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement,
                             true);
}

function printCharts() {
  for (const box of charts.keys()) {
    if (box.hidden || !box.isConnected || box.closest("[hidden]")) continue;
    const drawing = svgElement(chartSvg(box));
    drawing.setAttribute("class", "printed");
    printed.push({box, drawing});
  }
  for (const {box, drawing} of printed) box.before(drawing);
  document.documentElement.classList.add("printing");
}

/// Tables that are wider than the sheet become smaller.
function fitTables() {
  for (const box of document.querySelectorAll(".table")) {
    const table = box.querySelector("table");
    if (table && table.scrollWidth > box.clientWidth)
      table.style.zoom = String(Math.max(0.4, box.clientWidth / table.scrollWidth));
  }
}

let themeBefore;

// The browser prints as soon as the listener and the promises that it left have ended. What the
// sections wait for is decoded by then.
addEventListener("beforeprint", async () => {
  themeBefore = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  document.documentElement.classList.add("paper");
  document.body.style.width = `${kSheetWidth}px`;
  for (const section of sectionDrawers.values()) section.dirty = true;
  parallel.fresh = true;
  await Promise.all([...sectionDrawers].filter(([box]) => !box.hidden)
      .map(([, section]) => drawSection(section)));
  printCharts();
  fitTables();
});

addEventListener("afterprint", () => {
  if (themeBefore) document.documentElement.dataset.theme = themeBefore;
  else delete document.documentElement.dataset.theme;
  document.documentElement.classList.remove("paper", "printing");
  document.body.style.width = "";
  for (const {drawing} of printed.splice(0)) drawing.remove();
  for (const table of document.querySelectorAll(".table table")) table.style.zoom = "";
  parallel.fresh = true;
  redrawAll();
});
