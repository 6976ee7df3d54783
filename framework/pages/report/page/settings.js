// The leaderboard of settings or of trials.
"use strict";

/// The metrics of the chosen one's split that stand beside it.
function boardMetrics(metric) {
  const split = splitOf(metric);
  const usual = ["loss", "reconstruction", "kl", "elbo"].map((name) => `${split}/${name}`);
  const more = scalarMetrics.map(({name}) => name)
      .filter((name) => splitOf(name) === split && !usual.includes(name) && !/\/kl_/.test(name));
  return [metric, ...[...usual, ...more].filter((name) => (
      name !== metric && metrics.get(name)?.final))].slice(0, 7);
}

function intervalText({centre, low, high}, index) {
  if (!Number.isFinite(low[index])) return "";
  const half = (high[index] - low[index]) / 2;
  const middle = (high[index] + low[index]) / 2;
  const symmetric = Math.abs(middle - centre[index]) <= 1e-9 * Math.max(1, Math.abs(middle));
  const text = half === 0 || half >= 10 ? String(Number(half.toPrecision(2))) : half.toPrecision(2);
  return symmetric ? `± ${text}`
                   : `${numberText(low[index])} to ${numberText(high[index])}`;
}

/// The columns of the table. Rows are settings or trials by number.
async function boardColumns(perTrial, metric) {
  const first = perTrial ? (trial) => trial : (index) => settings[index].trials[0];
  const column = (key, value, more = {}) => ({
    key, title: shortName(key), value, text: (row) => valueText(value(row)), ...more});
  const columns = axes.map((key) => column(key, (row) => axisValue(key, first(row))));
  if (axes.length === 0) columns.push(column("trial", (row) => trialLabel(first(row))));
  if (perTrial) {
    columns.push(column("replicate", (trial) => field("replicate", trial), {numeric: true}));
    columns.push(column("status", (trial) => field("status", trial)));
    if (kTrials.some((trial) => field("tags", trial).length > 0))
      columns.push(column("tags", (trial) => field("tags", trial).join(", ")));
  }
  const names = boardMetrics(metric);
  if (!perTrial) {
    const {count} = await summaries(metric);
    columns.push(column("n", (index) => count[index], {numeric: true}));
  }
  for (const name of names) {
    const summary = perTrial ? null : await summaries(name);
    const values = perTrial ? await finals(name) : summary.centre;
    columns.push({
      ...column(name, (row) => values[row], {numeric: true, ranked: true}),
      title: name === metric ? name : baseOf(name),
      higher: isHigherBetter(metrics.get(name)),
      text: (row) => fixedText(values[row]),
      more: summary && replicated ? (row) => intervalText(summary, row) : undefined,
    });
  }
  return columns;
}

const kSplitNames = {validation: "the validation split", test: "the test set",
                     train: "the training set"};

function rankedOn(metric) {
  const split = splitOf(metric);
  const {classes: {names}} = metrics.get(metric);
  const order = orderText(metric, isHigherBetter(metrics.get(metric)));
  const classes = names.slice(0, 6).map((name, i) => `${classLetter(i)}: ${name || "the others"}`);
  return sentences(
      `Ranked on ${kSplitNames[split] ?? split} ${order}.`,
      split === "test" && "Choosing a setting by the test set makes its value there too good.",
      names.length > 1 && "Some settings cannot be ranked together; each class has ranks of its " +
          `own. ${classes.join("; ")}` +
          `${names.length > 6 ? `; and ${names.length - 6} more` : ""}.`);
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

async function drawBoard() {
  const perTrial = perTrialRows();
  const {metric} = state;  // another may be chosen while values are decoded
  const columns = await boardColumns(perTrial, metric);
  if (perTrial !== perTrialRows()) return;  // drawn again at once
  // Hidden rows stay in the table, so that they can be shown again.
  const visible = (trial) => state.shownSet.has(trial) || state.hidden.has(trial);
  const rows = perTrial ? kTrials.filter(visible)
      : settings.filter((setting) => setting.trials.some(visible)).map((setting) => setting.index);
  const {value, higher} = columns.find((column) => column.key === metric);
  const rowClass = (row) => classOf(perTrial ? settingOf[row] : settings[row], metric);
  const ranks = ranksOf(rows, value, higher, rowClass);
  const several = metrics.get(metric).classes.names.length > 1;
  const rankText = (row) => (
      ranks.has(row) ? `${several ? classLetter(rowClass(row)) : ""}${ranks.get(row)}` : "–");
  board.draw(rows, columns, {metric, classOf: rowClass, rankText});
  setText(byId("ranked_on"), rankedOn(metric));
}

const redrawBoard = addSection("leaderboard", drawBoard);

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
