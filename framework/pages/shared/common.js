// What the scripts of the pages share: elements, colours, axes, choices.
"use strict";

const byId = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const kLight = ["#0068b5", "#c94f00", "#00795a", "#a0308f", "#806600", "#c2184b", "#4b5a66",
                "#5b3fc4", "#1f7a1f", "#8a4b2a"];
const kDark = ["#5db7ff", "#ff9a5c", "#3fd0a0", "#f08be0", "#e0c04a", "#ff7f9f", "#b8c4ce",
               "#b3a1ff", "#8fdc6a", "#d9a384"];
const kDashes = [[], [7, 3], [2, 2], [9, 3, 2, 3]];

/// The theme that the page was told to have, else the system's.
const isDark = () =>
    (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const colour = (i) => (isDark() ? kDark : kLight)[i % kLight.length];
const dash = (i) => kDashes[Math.floor(i / kLight.length) % kDashes.length];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/// A line as the legend shows it: the colour and dash of number `index`.
function swatch(index) {
  const space = "http://www.w3.org/2000/svg";
  const image = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  image.setAttribute("class", "swatch");
  image.setAttribute("aria-hidden", "true");
  for (const [key, value] of Object.entries({x1: 0, x2: "100%", y1: 6, y2: 6, "stroke-width": 3}))
    line.setAttribute(key, value);
  line.setAttribute("stroke-dasharray", dash(index).join(" "));
  line.setAttribute("stroke", colour(index));
  image.append(line);
  return image;
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/// Five significant digits.
function numberText(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(5)));
}

function paintAxes(chart) {
  for (const axis of Object.values(chart.options.scales)) {
    axis.grid = {color: css("--line"), borderColor: css("--faint")};
    axis.ticks.color = css("--faint");
    axis.title.color = css("--ink");
  }
}

/// Adds what is missing to a list of choices, and keeps what is chosen.
function offer(select, names, preferred) {
  const known = new Set(Array.from(select.options, (option) => option.value));
  const added = names.filter((name) => !known.has(name));
  if (added.length === 0) return;
  const chosen = select.dataset.chosen ?? "";
  const all = [...known, ...added];
  select.replaceChildren(...all.map((name) => element("option", {value: name, textContent: name})));
  const wanted = [chosen, ...preferred, all[0]];
  select.value = wanted.find((name) => all.includes(name));
}
