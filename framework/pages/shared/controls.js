// What the scripts of both pages share: elements, texts of values, controls.
"use strict";

const byId = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

// Texts -------------------------------------------------------------------------------------------

const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);

const isHuge = (value) => Math.abs(value) >= 1e9;

/// A number of at most so many significant digits, as short as possible.
function digitsText(value, digits) {
  if (isMissing(value)) return "–";
  const short = Number(value.toPrecision(digits));
  return isHuge(value) ? short.toExponential() : String(short);
}

const numberText = (value) => digitsText(value, 5);

/// Five significant digits with zeros at the end, so that the numbers of a column align.
function fixedText(value) {
  if (isMissing(value) || isHuge(value)) return numberText(value);
  return Number.isInteger(value) || Math.abs(value) >= 1e5 ? String(Math.round(value))
                                                           : value.toPrecision(5);
}

/// How many significant digits tell the values of every parameter apart.
let parameterDigits = 5;

/// A parameter's value, or one of a field.
function valueText(value) {
  return isMissing(value) || typeof value === "number" ? digitsText(value, parameterDigits)
                                                       : String(value);
}

/// Compares numbers by size and texts by the alphabet; missing values come last.
function compareValues(a, b) {
  if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", {numeric: true});
}

const sentences = (...parts) => parts.filter((part) => part).join(" ");

// Metrics: "validation/elbo" ----------------------------------------------------------------------

const kSplits = ["validation", "test", "train"];
const splitOf = (name) => name.slice(0, name.indexOf("/"));
const baseOf = (name) => name.slice(name.indexOf("/") + 1);

/// Sets the options of a select, and chooses `preferred`, or the first one if that is not there.
function offerMetrics(select, names, preferred) {
  if (select.dataset.names === names.join()) return;  // an open list stays open
  select.dataset.names = names.join();
  const known = new Set(kSplits.concat(names.map(splitOf)));
  const groups = [...known].map((split) => [split, names.filter((name) => splitOf(name) === split)])
      .filter(([, own]) => own.length > 0);
  select.replaceChildren(...groups.map(([split, own]) => element(
      "optgroup", {label: split},
      ...own.map((name) => element("option", {value: name, textContent: name})))));
  select.value = names.includes(preferred) ? preferred : names[0] ?? "";
}

// Selects and sliders -----------------------------------------------------------------------------

/// A labelled select. `values` may be anything that valueText shows.
/// @returns {box, control, values, value(), set(value)}; `set` tells nobody
function choice(label, values, preferred, onChange) {
  const select = element("select", {}, ...values.map((value, i) => (
      element("option", {value: String(i), textContent: valueText(value)}))));
  const at = values.indexOf(preferred);
  select.value = String(at < 0 ? 0 : at);
  select.addEventListener("change", onChange);
  return {
    box: element("label", {textContent: `${label} `}, select),
    control: select,
    values,
    value: () => values[Number(select.value)],
    set(value) { select.value = String(Math.max(0, values.indexOf(value))); },
  };
}

/// A labelled slider over ordered values, with the chosen value behind it.
/// @returns as `choice` does
function slider(label, values, preferred, onChange) {
  const output = element("output");
  const input = element("input", {type: "range", min: 0, max: Math.max(0, values.length - 1),
                                  step: 1, value: Math.max(0, values.indexOf(preferred))});
  input.setAttribute("aria-label", label);
  input.hidden = values.length < 2;
  const show = () => {
    const text = valueText(values[Number(input.value)]);
    setText(output, text);
    input.setAttribute("aria-valuetext", text);
  };
  show();
  input.addEventListener("input", () => {
    show();
    onChange();
  });
  return {
    box: element("label", {textContent: `${label} `}, input, output),
    control: input,
    values,
    value: () => values[Number(input.value)],
    set(value) {
      input.value = String(Math.max(0, values.indexOf(value)));
      show();
    },
  };
}

/// Calls `act` once, when nobody has called for it for some time. @returns what calls for it
function delayed(act, milliseconds) {
  let timer = null;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      act();
    }, milliseconds);
  };
  start.isWaiting = () => timer !== null;
  return start;
}
