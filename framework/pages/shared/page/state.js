// What is shown: the metric, the epoch, the filter, hidden and brushed trials; which sections are
// drawn again.
"use strict";

const state = {
  metric: "",
  epoch: null,          // that the page shows; null: each trial's last one
  filter: null,         // as parseFilter makes it; null: everything passes
  brush: new Map(),     // axis -> {low, high}, or {texts} that it may have
  hidden: new Set(),    // trials
  passing: new Set(),   // trials that pass filter and brush
  shown: [],            // those of them that are not hidden
  shownSet: new Set(),
};

// Sections ----------------------------------------------------------------------------------------

const sectionDrawers = new Map();  // element -> {draw, dirty, near}
const isDrawing = () => [...sectionDrawers.values()].some(({drawing}) => drawing);

const near = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries) {
    const section = sectionDrawers.get(target);
    section.near = isIntersecting;
    if (section.near) drawSection(section);
  }
}, {rootMargin: "400px"});

/// A section is drawn when it comes near the window, and again when something has changed; the
/// others follow when the browser has nothing to do, so that what is printed is whole. Then the
/// document's element has the attribute data-drawn.
/// @param start makes its controls; false if there is nothing to show
/// @returns what draws it again
function addSection(id, {start = () => true, draw}) {
  const section = {start, draw, dirty: true, near: false};
  sectionDrawers.set(byId(id), section);
  return () => {
    section.dirty = true;
    if (section.near) drawSection(section);
    else drawInIdleTime();
  };
}

async function drawSection(section) {
  if (!section.dirty || section.drawing) return;
  section.dirty = false;
  section.drawing = true;
  try {
    await section.draw();
  } finally {
    section.drawing = false;
    keepSection();
  }
  if (section.dirty) drawSection(section);
}

async function drawTheOthers() {
  if (report.live?.state === "running") return;  // more comes soon
  const shown = [...sectionDrawers].filter(([box]) => !box.hidden).map(([, section]) => section);
  const next = shown.find(({dirty, drawing}) => dirty && !drawing);
  if (next) {
    await drawSection(next);
  } else if (!shown.some(({drawing}) => drawing)) {
    document.documentElement.dataset.drawn = "";
    return;
  }
  requestIdleCallback(drawTheOthers, {timeout: 50});
}

const drawTheOthersSoon = delayed(() => requestIdleCallback(drawTheOthers, {timeout: 50}), 50);

function drawInIdleTime() {
  delete document.documentElement.dataset.drawn;
  drawTheOthersSoon();
}

function startSections() {
  for (const [box, {start}] of sectionDrawers) box.hidden = !start();
}

/// Draws what comes near the window.
function watchSections() {
  for (const box of sectionDrawers.keys()) near.observe(box);
  drawInIdleTime();
}

/// Draws the sections near the window one after the other, and lets the browser do other things
/// between them.
async function drawNear() {
  for (const section of sectionDrawers.values())
    if (section.near && section.dirty) {
      await drawSection(section);
      await new Promise((resolve) => setTimeout(resolve));
    }
}

function redrawAll() {
  for (const section of sectionDrawers.values()) section.dirty = true;
  drawNear();
  drawInIdleTime();
}

// Trials that are shown ---------------------------------------------------------------------------

async function applyChoices() {
  const passes = state.filter ? await state.filter() : () => true;
  let passing = allTrials.filter(passes);
  for (const [key, wanted] of state.brush) {
    const values = metrics.has(key) && !parameters.has(key) ? await valuesNow(key) : null;
    passing = passing.filter((trial) => (
        brushed(wanted, values ? values[trial] : axisValue(key, trial))));
  }
  state.passing = new Set(passing);
  state.shown = passing.filter((trial) => !state.hidden.has(trial));
  state.shownSet = new Set(state.shown);
}

const brushed = (wanted, value) => (wanted.texts
    ? wanted.texts.includes(valueText(value))
    : value !== null && value >= wanted.low && value <= wanted.high);

/// Applies filter, brush and hiding, and draws what that changes.
let changing = Promise.resolve();
function changed() {
  changing = changing.catch(() => {}).then(applyChoices).then(() => {
    setText(byId("shown"), `${state.shown.length} of ${trialCount} trials`);
    drawBrushes();
    redrawAll();
    writeAddress();
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
      parallel.fresh = true;
      changed();
    });
    return button;
  }));
}

const shownTrials = (setting) => setting.trials.filter((trial) => state.shownSet.has(trial));
const shownSettings = () => settings.filter((setting) => shownTrials(setting).length > 0);

// Order -------------------------------------------------------------------------------------------

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

const kNone = "(none)";

/// A value for each key, such that some trial has them all: the first ones, but for those of `kept`.
function valuesTogether(keys, kept, trials) {
  const found = new Map();
  let left = trials;
  for (const key of [...keys].sort((a, b) => kept.has(b) - kept.has(a))) {
    const there = new Set(left.map((trial) => axisValue(key, trial)));
    const values = axisValues(key);
    const at = values.findIndex((value) => there.has(value));  // a value may be missing: null
    const value = kept.has(key) ? kept.get(key) : values[Math.max(0, at)];
    found.set(key, value);
    if (there.has(value)) left = left.filter((trial) => axisValue(key, trial) === value);
  }
  return found;
}

/// Selects of two axes of the sweep, and a control for each of the others, which is held at a value.
/// Nothing is averaged unless the user asks for it.
/// @param name  of what is chosen in the address
/// @param hold  makes the control of a held axis: `choice` or `slider`
/// @param pools choices besides the values of a held axis: ["mean over all"]
/// @param among trials of which one is to be seen at the beginning
function axisChoice(name, box, onChange, {hold, pools = [], among = () => allTrials}) {
  const all = axes.filter((key) => axisValues(key).length > 1);
  let held = new Map();
  const heldBox = element("span", {className: "controls"});
  const rows = choice("Rows", [...all, kNone], all.length > 1 ? all[0] : kNone, rebuild);
  const columns = choice("Columns", [...all, kNone], all[1] ?? all[0] ?? kNone, rebuild);

  function rebuild(event) {
    if (rows.value() === columns.value() && rows.value() !== kNone) {
      const other = event?.target === columns.control ? rows : columns;
      other.set(all.find((key) => key !== rows.value()) ?? kNone);
    }
    const keys = all.filter((key) => key !== rows.value() && key !== columns.value());
    const first = valuesTogether(
        keys, new Map([...held].map(([key, one]) => [key, one.value()])), among());
    held = new Map(keys.map((key) => (
        [key, hold(shortName(key), [...axisValues(key), ...pools], first.get(key), onChange)])));
    heldBox.replaceChildren(...[...held.values()].map((one) => one.box));
    if (event) onChange();
  }
  rebuild();
  box.append(rows.box, columns.box, heldBox);
  keepValue(`${name}.rows`, () => rows);
  keepValue(`${name}.columns`, () => columns);
  keepChoice(`${name}.held`, () => [...held].map(([key, one]) => (
      `${key}:${valueText(one.value())}`)).join("|"), (text) => {
    for (const part of text.split("|")) {
      const at = part.indexOf(":");
      const one = held.get(part.slice(0, at));
      const value = one?.values.find((other) => valueText(other) === part.slice(at + 1));
      if (value !== undefined) one.set(value);
    }
    onChange();
  });
  const key = (one) => (one.value() === kNone ? null : one.value());
  const holdsAt = (trial) => [...held].every(([axis, one]) => (
      pools.includes(one.value()) || axisValue(axis, trial) === one.value()));
  return {
    rows: () => key(rows),
    columns: () => key(columns),
    rowValues: () => (key(rows) ? axisValues(key(rows)) : [null]),
    columnValues: () => (key(columns) ? axisValues(key(columns)) : [null]),
    /// The shown trials of each cell that has some: row -> column -> trials.
    cells() {
      const found = new Map();
      const at = (select, trial) => (key(select) ? axisValue(key(select), trial) : null);
      for (const trial of state.shown.filter(holdsAt)) {
        const row = at(rows, trial);
        const column = at(columns, trial);
        if (!found.has(row)) found.set(row, new Map());
        if (!found.get(row).has(column)) found.get(row).set(column, []);
        found.get(row).get(column).push(trial);
      }
      return found;
    },
  };
}
