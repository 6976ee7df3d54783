// The leaderboard of settings or of trials, and which columns it has.
"use strict";

// Columns -----------------------------------------------------------------------------------------

const kMostUsual = 6;  // metrics beside the one that ranks

/// How many of the usual metrics the table has room for. It is found by drawing; `place` is what it
/// was found for.
const room = {place: "", metrics: kMostUsual};

/// The columns that are there unless others are chosen: the metric, and others of its split.
function usualColumns(metric) {
  const split = splitOf(metric);
  const usual = ["loss", "reconstruction", "kl", "elbo"].map((name) => `${split}/${name}`);
  const more = scalarMetrics.map(({name}) => name)
      .filter((name) => splitOf(name) === split && !usual.includes(name) && !/\/kl_/.test(name));
  const fields = allTrials.some((trial) => field("tags", trial).length > 0) ? ["status", "tags"]
                                                                          : ["status"];
  return [...fields, "id", ...[...usual, ...more].filter((name) => (
      name !== metric && metrics.get(name)?.final)).slice(0, room.metrics)];
}

/// Columns chosen by hand, by name; null: the usual ones.
let chosenColumns = null;
const columnNames = () => chosenColumns ?? usualColumns(state.metric);

/// Fields of trials that may be columns, and parameters that are not swept.
const columnFields = () => trialFields().filter((name) => !["file", "replicate", "part"].includes(name));
const otherParameters = () => [...parameters.keys()].filter((key) => !axes.includes(key));

function intervalText({centre, low, high}, index) {
  if (!Number.isFinite(low[index])) return "";
  const half = (high[index] - low[index]) / 2;
  const middle = (high[index] + low[index]) / 2;
  const symmetric = Math.abs(middle - centre[index]) <= 1e-5 * Math.max(1, Math.abs(middle));
  const text = half === 0 || half >= 10 ? String(Number(half.toPrecision(2))) : half.toPrecision(2);
  return symmetric ? `± ${text}`
                   : `${numberText(low[index])} to ${numberText(high[index])}`;
}

const fieldValue = (name, trial) => {
  const value = field(name, trial);
  return Array.isArray(value) ? value.join(", ") : value;
};

/// A column of ids, which a click copies.
function idColumn(trialsIn) {
  const ids = (row) => trialsIn(row).map((trial) => field("id", trial));
  return {
    key: "id", title: "id", value: (row) => ids(row).join(" "), text: (row) => ids(row).join(" "),
    fill(cell, row) {
      const button = element("button", {type: "button", className: "copy"});
      button.addEventListener("click", () => copyText(ids(row).join(" "), button));
      cell.append(button);
    },
    update({firstChild: button}, row) {
      button.title = `Copy ${ids(row).join(" ")}`;
      if (button.textContent === "copied") return;
      setText(button, ids(row).length > 1 ? `${ids(row).length} ids` : ids(row)[0]);
    },
  };
}

/// A column of the epochs that are done, of those that a run is to train.
function progressColumn(trialsIn) {
  const sum = (name, row) => trialsIn(row).reduce((all, trial) => all + field(name, trial), 0);
  return {
    key: "epochs", title: "epochs", numeric: true, value: (row) => sum("epochs_done", row),
    text: (row) => `${sum("epochs_done", row)}/${sum("target_epochs", row)}`,
    fill(cell) { cell.append(element("span"), element("progress", {ariaLabel: "epochs"})); },
    update(cell, row) {
      const [text, bar] = cell.children;
      setText(text, this.text(row));
      bar.max = Math.max(1, sum("target_epochs", row));
      bar.value = sum("epochs_done", row) + sum("part", row);
    },
  };
}

function metricColumn(name, {values, summary, title}) {
  return {
    key: name, title, numeric: true, ranked: true,
    higher: isHigherBetter(metrics.get(name)),
    value: (row) => values[row],
    text: (row) => fixedText(values[row]),
    more: summary && replicated ? (row) => intervalText(summary, row) : undefined,
    interval: summary && replicated ? (row) => [summary.low[row], summary.high[row]] : undefined,
  };
}

/// The columns of the table. Rows are settings or trials by number.
async function boardColumns(perTrial, metric) {
  const first = perTrial ? (trial) => trial : (index) => settings[index].trials[0];
  const trialsIn = perTrial ? (trial) => [trial] : (index) => settings[index].trials;
  const column = (key, value, more = {}) => ({
    key, title: shortName(key), value, text: (row) => valueText(value(row)), ...more});
  const columns = axes.map((key) => column(key, (row) => axisValue(key, first(row)),
                                           {numeric: isNumeric(key)}));
  if (axes.length === 0) columns.push(column("trial", (row) => trialLabel(first(row))));
  if (perTrial)
    columns.push(column("replicate", (trial) => field("replicate", trial), {numeric: true}));
  else {
    const {count} = await summaries(metric);
    columns.push(column("n", (index) => count[index], {numeric: true}));
  }
  if (report.live) columns.push(progressColumn(trialsIn));
  const chosen = columnNames();
  for (const name of columnFields().filter((one) => one !== "id" && chosen.includes(one))) {
    const value = (row) => [...new Set(trialsIn(row).map((trial) => fieldValue(name, trial)))];
    const text = (row) => value(row).map(valueText).join(", ");
    if (perTrial || chosenColumns || report.live)
      columns.push({key: name, title: name, text, numeric: named(name).numeric,
                    value: (row) => (value(row).length === 1 ? value(row)[0] : text(row))});
  }
  for (const key of otherParameters().filter((one) => chosen.includes(one)))
    columns.push(column(key, (row) => parameter(key, first(row)), {numeric: isNumeric(key)}));
  for (const name of [metric, ...chosen.filter((one) => one !== metric)]) {
    if (!metrics.get(name)?.final) continue;
    const summary = perTrial ? null : await summaries(name);
    const values = perTrial ? await valuesNow(name) : summary.centre;
    const title = name === metric || splitOf(name) !== splitOf(metric) ? name : baseOf(name);
    columns.push(metricColumn(name, {values, summary, title}));
  }
  if (chosen.includes("id")) columns.push(idColumn(trialsIn));
  return columns;
}

/// Boxes of every column that may be shown.
function drawChooser() {
  const shown = new Set(columnNames());
  const group = (title, names) => element(
      "fieldset", {}, element("legend", {textContent: title}), ...names.map((name) => {
        const box = element("input", {type: "checkbox", value: name, checked: shown.has(name)});
        box.addEventListener("change", () => {
          const now = new Set(columnNames());
          if (box.checked) now.add(name);
          else now.delete(name);
          chosenColumns = [...now];
          redrawBoard();
        });
        return element("label", {}, box, name);
      }));
  const ofSplit = (split) => scalarMetrics.map(({name}) => name)
      .filter((name) => splitOf(name) === split && name !== state.metric);
  const splits = [...new Set(scalarMetrics.map(({name}) => splitOf(name)))];
  const usual = element("button", {type: "button", textContent: "The usual ones",
                                   disabled: chosenColumns === null});
  usual.addEventListener("click", () => {
    chosenColumns = null;
    redrawBoard();
    drawChooser();
  });
  const chooser = byId("board_columns");
  const focused = chooser.contains(document.activeElement) ? document.activeElement.value : "";
  chooser.replaceChildren(
      usual, ...splits.map((split) => group(split, ofSplit(split))),
      group("trials", columnFields()), group("other parameters", otherParameters()));
  chooser.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
}

// The table ---------------------------------------------------------------------------------------

const kSplitNames = {validation: "the validation split", test: "the test set",
                     train: "the training set"};

function rankedOn(metric) {
  const split = splitOf(metric);
  const {classes: {names, files}} = metrics.get(metric);
  const order = orderText(metric, isHigherBetter(metrics.get(metric)));
  const className = (name, i) => [severalFiles && report.experiments[files[i]].title,
                                  name || (!severalFiles && "the others")]
      .filter((part) => part).join(", ");
  const classes = names.slice(0, 6).map((name, i) => `${classLetter(i)}: ${className(name, i)}`);
  return sentences(
      `Ranked on ${kSplitNames[split] ?? split} ${order}${epochText()}.`,
      split === "test" && "If a setting is selected by its test value, that value is an optimistic estimate.",
      severalFiles && "Settings of different files are never ranked together.",
      names.length > 1 && `${severalFiles ? "" : "Some settings cannot be ranked together. "}Each ` +
          `class has ranks of its own. ${classes.join("; ")}` +
          `${names.length > 6 ? `; and ${names.length - 6} more` : ""}.`);
}

function intervalNote() {
  if (!replicated) return "";
  if (report.live)
    return "n: replicates. Values are means of their newest values; ± is half of Student’s 95% " +
        "interval of the mean.";
  return "n: replicates that are done. Values are their means; ± is half of Student’s 95% interval " +
      `of the mean. From ${report.bootstrap_from} replicates on they are inter-quartile means, ` +
      "with the ends of their bootstrap interval. No interval stands behind a single replicate.";
}

const perTrialRows = () => byId("board_rows").value === "trials";
const trialsOf = (row) => (perTrialRows() ? [row] : settings[row].trials);

const board = makeLeaderboard("board", {
  label: (row) => (perTrialRows() ? trialLabel(row) : settings[row].label),
  isHidden: (row) => trialsOf(row).every((trial) => state.hidden.has(trial)),
  hide(row, hidden) {
    for (const trial of trialsOf(row)) {
      if (hidden) state.hidden.add(trial);
      else state.hidden.delete(trial);
    }
    changed();
  },
  redraw: () => redrawBoard(),
});
let drawnBoard = null;  // {columns, rows, rankText}: what is saved

const boardTable = byId("board_head").closest(".table");
const placeOfBoard = (perTrial, metric) => `${boardTable.clientWidth} ${perTrial} ${metric}`;

async function drawBoard() {
  const perTrial = perTrialRows();
  const {metric} = state;  // another may be chosen while values are decoded
  if (!metrics.has(metric)) return;  // the next run has none yet
  const place = placeOfBoard(perTrial, metric);
  if (place !== room.place) Object.assign(room, {place, metrics: kMostUsual});
  const columns = await boardColumns(perTrial, metric);
  if (perTrial !== perTrialRows()) return;  // drawn again at once
  // Hidden rows stay in the table, without ranks, so that they can be shown again.
  const visible = (trial) => state.passing.has(trial);
  const rows = perTrial ? allTrials.filter(visible)
      : settings.filter((setting) => setting.trials.some(visible)).map((setting) => setting.index);
  const {value, higher} = columns.find((column) => column.key === metric);
  const rowClass = (row) => classOf(perTrial ? settingOf[row] : settings[row], metric);
  const isShown = (row) => trialsOf(row).some((trial) => state.shownSet.has(trial));
  const ranks = ranksOf(rows.filter(isShown), value, higher, rowClass);
  const several = metrics.get(metric).classes.names.length > 1;
  const rankText = (row) => (
      ranks.has(row) ? `${several ? classLetter(rowClass(row)) : ""}${ranks.get(row)}` : "–");
  const ordered = board.draw(rows, columns, {metric, classOf: rowClass, rankText});
  // On paper a table that is too wide becomes smaller.
  const isPaper = document.documentElement.classList.contains("paper");
  if (!chosenColumns && !isPaper && room.metrics > 0 &&
      boardTable.scrollWidth > boardTable.clientWidth) {
    room.metrics -= 1;
    await drawBoard();
    return;
  }
  drawnBoard = {columns, rankText, rows: ordered.filter(isShown)};
  setText(byId("ranked_on"), rankedOn(metric));
  setText(byId("board_note"), perTrial ? "" : intervalNote());
  if (byId("board_columns").parentElement.open) drawChooser();
  writeAddress();
}

function startBoard() {
  keepControl("rows", byId("board_rows"));
  keepChoice("columns", () => chosenColumns?.join(",") ?? "", (text) => {
    chosenColumns = text ? text.split(",") : null;
  }, "");
  const sortText = () => (
      board.sort === null ? "" : `${board.descending ? "-" : ""}${board.sort}`);
  keepChoice("sort", sortText, (text) => {
    board.descending = text.startsWith("-");
    board.sort = text.replace(/^-/, "") || null;
  }, "");
  keepChoice("page", () => String(board.page + 1), (text) => {
    board.page = Math.max(0, Math.trunc(Number(text) || 1) - 1);
  }, "1");
  return scalarMetrics.length > 0;
}

const redrawBoard = addSection("leaderboard", {start: startBoard, draw: drawBoard});

// Once there was something to draw, and while the section is not hidden.
new ResizeObserver(() => {
  if (room.place && boardTable.clientWidth > 0 &&
      room.place !== placeOfBoard(perTrialRows(), state.metric)) redrawBoard();
}).observe(boardTable);
byId("board_columns").parentElement.addEventListener("toggle", ({target}) => {
  if (target.open) drawChooser();
});
byId("board_rows").addEventListener("change", () => {
  board.reset();
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
byId("board_csv").addEventListener("click", () => {
  const {columns, rows, rankText} = drawnBoard;
  saveFile(fileName("leaderboard", "csv"), "text/csv",
           csvText(boardValues(columns, rows, rankText)));
});
byId("board_latex").addEventListener("click", () => {
  const {columns, rows, rankText} = drawnBoard;
  saveFile(fileName("leaderboard", "tex"), "application/x-tex",
           latexTable(columns.filter(({key}) => key !== "id"), rows, rankText));
});
