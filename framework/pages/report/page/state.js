// What is shown: the metric, the filter, hidden and brushed trials; which sections are drawn again.
"use strict";

const state = {
  metric: "",
  filter: [],           // conditions, as parseFilter makes them
  brush: new Map(),     // axis -> [low, high], or the texts that it may have
  hidden: new Set(),    // trials
  shown: kTrials,       // trials that pass all of these
  shownSet: new Set(kTrials),
};

const sectionDrawers = new Map();  // element -> {draw, dirty, near}

const near = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries) {
    const section = sectionDrawers.get(target);
    section.near = isIntersecting;
    drawSection(section);
  }
}, {rootMargin: "400px"});

/// A section is drawn when it comes near the window, and again when something has changed; first
/// when the page has started.
function addSection(id, draw) {
  const section = {draw, dirty: true, near: false};
  sectionDrawers.set(byId(id), section);
  return () => {
    section.dirty = true;
    drawSection(section);
  };
}

async function drawSection(section) {
  if (!section.near || !section.dirty || section.drawing) return;
  section.dirty = false;
  section.drawing = true;
  try {
    await section.draw();
  } finally {
    section.drawing = false;
  }
  if (section.dirty) drawSection(section);
}

/// Sections that are not to be drawn must be gone from the page by then.
function startSections() {
  for (const target of sectionDrawers.keys())
    if (target.isConnected) near.observe(target);
}

function redrawAll() {
  for (const section of sectionDrawers.values()) {
    section.dirty = true;
    drawSection(section);
  }
}

// The filter --------------------------------------------------------------------------------------

const kCompare = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/// The fields of trials.
const kFields = Object.keys(report.trials).filter((name) => report.trials[name].values);

/// The key that a word names: a parameter, by its last part too, a metric or a field of trials.
function keyNamed(word) {
  if (parameters.has(word) || kFields.includes(word)) return word;
  if (metrics.get(word)?.final) return word;
  return axes.find((key) => shortName(key) === word) ?? null;
}

/// @returns {conditions, error}
function parseFilter(text) {
  const conditions = [];
  for (const word of text.trim().split(/\s+/).filter((part) => part)) {
    const match = /^([^=!<>]+)(!=|<=|>=|=|<|>)(.*)$/.exec(word);
    if (!match) {
      conditions.push({text: word.toLowerCase()});
      continue;
    }
    const [, name, operator, wanted] = match;
    const key = keyNamed(name);
    if (!key) return {conditions, error: `Nothing is called ${name}.`};
    const values = wanted.split("|");
    if (!"!=".includes(operator) && values.some((value) => value === "" || isNaN(Number(value))))
      return {conditions, error: `${word}: expected a number after ${operator}`};
    conditions.push({key, operator, values});
  }
  return {conditions, error: ""};
}

async function valuesOf(key) {
  if (metrics.has(key) && !parameters.has(key)) {
    const values = await finals(key);
    return (trial) => values[trial];
  }
  return (trial) => (key === "experiment" || parameters.has(key) ? axisValue(key, trial)
                                                                : field(key, trial));
}

function holds({operator, values}, value) {
  const numeric = typeof value === "number";
  const compare = (wanted) => kCompare[operator](numeric ? value : String(value ?? ""),
                                                 numeric ? Number(wanted) : wanted);
  return operator === "!=" ? values.every(compare) : values.some(compare);
}

async function applyFilter() {
  let shown = kTrials.filter((trial) => !state.hidden.has(trial));
  for (const condition of state.filter) {
    if (condition.text !== undefined) {
      shown = shown.filter((trial) => trialLabel(trial).toLowerCase().includes(condition.text) ||
                                      field("id", trial).startsWith(condition.text));
    } else {
      const value = await valuesOf(condition.key);
      shown = shown.filter((trial) => holds(condition, value(trial)));
    }
  }
  for (const [key, wanted] of state.brush) {
    const value = await valuesOf(key);
    shown = shown.filter((trial) => brushed(wanted, value(trial)));
  }
  state.shown = shown;
  state.shownSet = new Set(shown);
}

const brushed = (wanted, value) => (wanted.texts
    ? wanted.texts.includes(valueText(value))
    : value !== null && value >= wanted.low && value <= wanted.high);

/// Applies filter, brush and hiding, and draws what that changes.
let changing = Promise.resolve();
function changed() {
  changing = changing.then(applyFilter).then(() => {
    setText(byId("shown"), `${state.shown.length} of ${trialCount} trials`);
    drawBrushes();
    redrawAll();
  });
  return changing;
}

function drawBrushes() {
  byId("brushes").replaceChildren(...[...state.brush].map(([key, wanted]) => {
    const range = wanted.texts ? wanted.texts.join(", ")
                               : `${numberText(wanted.low)} to ${numberText(wanted.high)}`;
    const button = element("button", {
      type: "button",
      textContent: `${shortName(key)}: ${range} ✕`,
      ariaLabel: `Remove the brush of ${key}, ${range}`
    });
    button.addEventListener("click", () => {
      state.brush.delete(key);
      changed();
    });
    return button;
  }));
}

const shownTrials = (setting) => setting.trials.filter((trial) => state.shownSet.has(trial));
const shownSettings = () => settings.filter((setting) => shownTrials(setting).length > 0);

// Order -------------------------------------------------------------------------------------------

/// The summary of a metric over the replicates of each setting: {centre, low, high, count}, each
/// [setting].
async function summaries(name) {
  const {summary} = metrics.get(name);
  const [centre, low, high, count] = await Promise.all(
      [summary.centre, summary.low, summary.high, summary.count].map(numbers));
  return {centre, low, high, count};
}

/// Which settings may be ranked together by a metric.
const classOf = (setting, metric) => metrics.get(metric).classes.of[setting.index];
const classLetter = (number) => (number < 26 ? "" : classLetter(Math.floor(number / 26) - 1)) +
    String.fromCharCode(65 + number % 26);

/// Shown settings, class by class, the best by a metric first.
async function rankedSettings(metric) {
  const {centre} = await summaries(metric);
  const order = byValue(centre, isHigherBetter(metrics.get(metric)));
  return shownSettings().sort((a, b) => (
      classOf(a, metric) - classOf(b, metric) || order(a.index, b.index)));
}

// Two parameters of the sweep ---------------------------------------------------------------------

/// Selects of two axes of the sweep, and of the values at which the others are held. Nothing is
/// averaged unless the user asks for it.
/// @param ends what may be the last axes besides those of the sweep ("replicate")
/// @param pools choices besides the values of a held axis: ["mean over all"]
function axisChoice(box, onChange, {ends = [], pools = []} = {}) {
  const all = [...axes, ...ends].filter((key) => axisValues(key).length > 1);
  const none = "(none)";
  let held = new Map();
  const heldBox = element("span", {className: "controls"});
  const rows = choice("Rows", [...all, none], all[0] ?? none, rebuild);
  const columns = choice("Columns", [...all, none], all[1] ?? none, rebuild);

  function rebuild(event) {
    if (rows.value() === columns.value() && rows.value() !== none) {
      const other = event?.target === columns.select ? rows : columns;
      other.set(all.find((key) => key !== rows.value()) ?? none);
    }
    const before = held;
    held = new Map();
    for (const key of all) {
      if (key === rows.value() || key === columns.value()) continue;
      const values = [...axisValues(key), ...pools];
      held.set(
          key, choice(shortName(key), values, before.get(key)?.value() ?? values[0], onChange));
    }
    heldBox.replaceChildren(...[...held.values()].map((one) => one.box));
    if (event) onChange();
  }
  rebuild();
  box.append(rows.box, columns.box, heldBox);
  const key = (one) => (one.value() === none ? null : one.value());
  const holdsAt = (trial) => [...held].every(([name, one]) => (
      pools.includes(one.value()) || axisValue(name, trial) === one.value()));
  return {
    rows: () => key(rows),
    columns: () => key(columns),
    rowValues: () => (key(rows) ? axisValues(key(rows)) : [null]),
    columnValues: () => (key(columns) ? axisValues(key(columns)) : [null]),
    /// Trials in a cell.
    cell: (row, column) => state.shown.filter((trial) => (
        holdsAt(trial) && (!key(rows) || axisValue(key(rows), trial) === row) &&
        (!key(columns) || axisValue(key(columns), trial) === column))),
  };
}
