// The table of settings or of trials: sorted, paged, each row with a box that hides it.
"use strict";

const kRowsAPage = 25;
const board = {sort: null, descending: false, page: 0};

/// The metrics of the chosen one's split that stand beside it.
function boardMetrics() {
  const split = splitOf(state.metric);
  const usual = ["loss", "reconstruction", "kl", "elbo"].map((name) => `${split}/${name}`);
  const more = scalarMetrics.map((metric) => metric.name)
      .filter((name) => splitOf(name) === split && !usual.includes(name) && !/\/kl_/.test(name));
  return [state.metric, ...[...usual, ...more].filter((name) => (
      name !== state.metric && metrics.get(name)?.final))].slice(0, 7);
}

function intervalText(summary, index) {
  const {centre, low, high} = summary;
  if (!Number.isFinite(low[index])) return "";
  const half = (high[index] - low[index]) / 2;
  const middle = (high[index] + low[index]) / 2;
  const symmetric = Math.abs(middle - centre[index]) <= 1e-9 * Math.max(1, Math.abs(middle));
  const text = half === 0 || half >= 10 ? String(Number(half.toPrecision(2))) : half.toPrecision(2);
  return symmetric ? `± ${text}`
                   : `${numberText(low[index])} to ${numberText(high[index])}`;
}

/// Five significant digits, so that a column's numbers stand below each other.
function fixedText(value) {
  if (Number.isNaN(value)) return "–";
  return Number.isInteger(value) || Math.abs(value) >= 1e5 ? String(Math.round(value))
                                                           : value.toPrecision(5);
}

/// The columns of the table: {key, title, numeric, value(row), cells(row)}, rows being settings or
/// trials by number.
async function boardColumns(perTrial) {
  const first = perTrial ? (trial) => trial : (index) => settings[index].trials[0];
  const columns = axes.map((key) => ({
    key, title: shortName(key), value: (row) => axisValue(key, first(row)),
    text: (row) => valueText(axisValue(key, first(row)))}));
  if (axes.length === 0)
    columns.push({key: "trial", title: "trial", value: (row) => trialLabel(first(row)),
                  text: (row) => trialLabel(first(row))});
  if (perTrial) {
    columns.push({key: "replicate", title: "replicate", numeric: true,
                  value: (trial) => field("replicate", trial),
                  text: (trial) => String(field("replicate", trial))});
    columns.push({key: "status", title: "status", value: (trial) => field("status", trial),
                  text: (trial) => field("status", trial)});
  }
  const names = boardMetrics();
  if (!perTrial) {
    const {count} = await summaries(names[0]);
    columns.push({key: "n", title: "n", numeric: true, value: (index) => count[index],
                  text: (index) => String(count[index])});
  }
  for (const name of names) {
    const values = perTrial ? await finals(name) : (await summaries(name)).centre;
    const summary = perTrial ? null : await summaries(name);
    columns.push({
      key: name, title: name === state.metric ? name : baseOf(name), numeric: true, metric: true,
      value: (row) => values[row],
      text: (row) => fixedText(values[row]),
      more: summary && replicated ? (row) => intervalText(summary, row) : undefined,
    });
  }
  return columns;
}

function boardOrder(rows, columns, perTrial) {
  const column = columns.find((one) => one.key === board.sort) ??
      columns.find((one) => one.key === state.metric);
  const isMetric = Boolean(column.metric);
  const descending = board.sort === null ? isHighFirst(state.metric) : board.descending;
  const none = (value) => value === null || Number.isNaN(value);
  const group = (row) => classOf(perTrial ? settingOf[row] : settings[row]);
  rows.sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (isMetric && group(a) !== group(b)) return group(a) - group(b);
    if (none(x) || none(y)) return none(x) - none(y) || a - b;
    return (descending ? -1 : 1) * compareValues(x, y) || a - b;
  });
  return {key: column.key, descending, isMetric};
}

const kSplitNames = {validation: "the validation split", test: "the test set",
                     train: "the training set"};

function rankedOn() {
  const split = splitOf(state.metric);
  const {better} = metrics.get(state.metric);
  if (better === "neither")
    return `${state.metric} does not declare which values are better: lowest first, without ranks.`;
  const warning = split === "test"
      ? " Choosing a setting by the test set makes its value there too good." : "";
  const {names} = metrics.get(state.metric).classes;
  const apart = names.length > 1 ?
      ` Some settings cannot be ranked together; each class has ranks of its own. ${
          names.slice(0, 6)
              .map((name, i) => `${classLetter(i)}: ${name || "the others"}`)
              .join("; ")}${names.length > 6 ? `; and ${names.length - 6} more` : ""}.` :
                                               "";
  return `Ranked on ${kSplitNames[split] ?? split}: ${better === "higher" ? "highest" : "lowest"} ${state.metric} first.${warning}${
      apart}`;
}

function headCell(column, sorted) {
  const button = element("button", {type: "button", textContent: column.title, title: column.key});
  button.addEventListener("click", () => {
    board.descending =
        sorted.key === column.key ? !sorted.descending : isHighFirst(column.key);
    board.sort = column.key;
    board.page = 0;
    redrawBoard();
  });
  const cell = element("th", {scope: "col", className: column.numeric ? "number" : "",
                              colSpan: column.more ? 2 : 1}, button);
  if (sorted.key === column.key)
    cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
  return cell;
}

function boardRow(row, rank, columns, perTrial) {
  const trials = perTrial ? [row] : settings[row].trials;
  const hidden = trials.every((trial) => state.hidden.has(trial));
  const label = perTrial ? trialLabel(row) : settings[row].label;
  const box = element("input", {type: "checkbox", checked: !hidden, ariaLabel: `show ${label}`});
  box.addEventListener("change", () => {
    for (const trial of trials) {
      if (box.checked) state.hidden.delete(trial);
      else state.hidden.add(trial);
    }
    changed();
  });
  const cells = columns.flatMap((column, i) => {
    const cell = element(i === 0 ? "th" : "td", {className: column.numeric ? "number" : "",
                                                 textContent: column.text(row)});
    if (i === 0) cell.scope = "row";
    if (!column.more) return [cell];
    return [cell, element("td", {className: "interval", textContent: column.more(row)})];
  });
  const made = element("tr", {className: hidden ? "hidden_row" : ""},
                       element("td", {}, box),
                       element("td", {className: "number", textContent: rank}), ...cells);
  made.dataset.row = row;
  return made;
}

async function drawBoard() {
  const perTrial = byId("board_rows").value === "trials";
  const columns = await boardColumns(perTrial);
  // Hidden rows stay in the table, so that they can be shown again.
  const visible = (trial) => state.shownSet.has(trial) || state.hidden.has(trial);
  const rows = perTrial ? kTrials.filter(visible)
      : settings.filter((setting) => setting.trials.some(visible)).map((setting) => setting.index);
  const sorted = boardOrder(rows, columns, perTrial);
  const value = columns.find((column) => column.key === state.metric).value;
  const ranks = new Map();
  const inGroups = new Map();
  const group = (row) => classOf(perTrial ? settingOf[row] : settings[row]);
  const ranked = metrics.get(state.metric).better === "neither" ? [] : rows;
  for (const row of ranked.filter((one) => Number.isFinite(value(one)))
           .sort((a, b) => (isHighFirst(state.metric) ? -1 : 1) * (value(a) - value(b)))) {
    inGroups.set(group(row), (inGroups.get(group(row)) ?? 0) + 1);
    ranks.set(row, inGroups.get(group(row)));
  }
  const several = metrics.get(state.metric).classes.names.length > 1;
  const rankText = (row) => {
    if (!ranks.has(row)) return "–";
    return several ? `${classLetter(group(row))}${ranks.get(row)}`
                   : String(ranks.get(row));
  };
  const pages = Math.max(1, Math.ceil(rows.length / kRowsAPage));
  board.page = Math.min(board.page, pages - 1);
  const from = board.page * kRowsAPage;
  byId("board_head").replaceChildren(
      element("th", {scope: "col", textContent: "show"}),
      element("th", {scope: "col", className: "number", textContent: "rank"}),
      ...columns.map((column) => headCell(column, sorted)));
  byId("board_body").replaceChildren(...rows.slice(from, from + kRowsAPage).map(
      (row) => boardRow(row, rankText(row), columns, perTrial)));
  setText(byId("ranked_on"), rankedOn());
  setText(byId("board_page"), rows.length
      ? `${from + 1} to ${Math.min(rows.length, from + kRowsAPage)} of ${rows.length}` : "none");
  byId("board_back").disabled = board.page === 0;
  byId("board_on").disabled = board.page >= pages - 1;
}

const redrawBoard = addSection("leaderboard", drawBoard);

function turnPage(by) {
  board.page += by;
  redrawBoard();
}
byId("board_back").addEventListener("click", () => turnPage(-1));
byId("board_on").addEventListener("click", () => turnPage(1));
byId("board_rows").addEventListener("change", () => {
  board.page = 0;
  board.sort = null;
  redrawBoard();
});
byId("hide_all").addEventListener("click", () => {
  for (const trial of state.shown) state.hidden.add(trial);
  changed();
});
byId("show_all").addEventListener("click", () => {
  state.hidden.clear();
  changed();
});
