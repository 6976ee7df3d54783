// Controls that several sections have: selects, sliders, and which of the other parameters are
// held.
"use strict";

/// A labelled select. `values` may be anything that valueText shows.
/// @returns {box, value(), set(value)}
function choice(label, values, preferred, onChange) {
  const select = element("select", {}, ...values.map((value, i) => (
      element("option", {value: String(i), textContent: valueText(value)}))));
  const at = values.indexOf(preferred);
  select.value = String(at < 0 ? 0 : at);
  select.addEventListener("change", onChange);
  return {
    box: element("label", {textContent: `${label} `}, select),
    select,
    value: () => values[Number(select.value)],
    set(value) { select.value = String(Math.max(0, values.indexOf(value))); },
  };
}

/// A labelled slider over values in order; the chosen one stands behind it.
function slider(label, values, onChange) {
  const told = element("output", {textContent: valueText(values.at(-1))});
  const input = element("input", {type: "range", min: 0, max: Math.max(0, values.length - 1),
                                  step: 1, value: Math.max(0, values.length - 1)});
  input.setAttribute("aria-label", label);
  input.hidden = values.length < 2;
  const tell = () => {
    const text = valueText(values[Number(input.value)]);
    setText(told, text);
    input.setAttribute("aria-valuetext", text);
  };
  tell();
  input.addEventListener("input", () => {
    tell();
    onChange();
  });
  return {
    box: element("label", {textContent: `${label} `}, input, told),
    input,
    value: () => values[Number(input.value)],
  };
}

/// Two axes of the sweep, and what the others are held at: nothing is pooled unless it is said so.
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

/// Opens a picture as large as the window allows.
function enlarge(source, label, width) {
  const image = element("img", {src: source, alt: label});
  const scale = Math.max(1, Math.floor(Math.min(innerWidth * 0.9, 1100) / width));
  image.style.width = `${scale * width}px`;
  image.style.imageRendering = "pixelated";
  const close = element("button", {type: "button", textContent: "Close"});
  const dialog = element("dialog", {}, element("p", {textContent: label}), image,
                         element("p", {}, close));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
