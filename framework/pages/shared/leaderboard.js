// The table of both pages: rows ranked by a metric, sorted by any column, in pages, each with a box
// that hides it from the charts.
"use strict";

const kRowsAPage = 25;

/// Which values of a metric are better: true for higher, false for lower, null for neither.
const isHigherBetter = ({better}) => ({higher: true, lower: false})[better] ?? null;

/// Orders by values, the best first; missing values come last. If neither higher nor lower values
/// are better, the order stays.
function byValue(values, higher) {
  return (a, b) => {
    const [x, y] = [values[a], values[b]];
    if (isMissing(x) || isMissing(y)) return isMissing(x) - isMissing(y);
    if (higher === null) return 0;
    return higher ? y - x : x - y;
  };
}

/// "by test/elbo, the highest first"
const orderText = (metric, higher) => (higher === null
    ? `by none: ${metric} does not say whether higher or lower values are better`
    : `by ${metric}, the ${higher ? "highest" : "lowest"} first`);

/// The ranks of rows within their classes, from 1: row -> rank. Rows without a value have none.
function ranksOf(rows, value, higher, classOf = () => 0) {
  const ranks = new Map();
  const last = new Map();
  if (higher === null) return ranks;
  const better = (a, b) => (higher ? value(b) - value(a) : value(a) - value(b));
  for (const row of rows.filter((one) => Number.isFinite(value(one))).sort(better)) {
    last.set(classOf(row), (last.get(classOf(row)) ?? 0) + 1);
    ranks.set(row, last.get(classOf(row)));
  }
  return ranks;
}

/// Puts children into an element in the order given; those that stay in place are not touched, so
/// that they keep the focus.
function arrange(parent, children) {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus();
}

/// A leaderboard in the elements `PREFIX_head`, `_body`, `_page`, `_back` and `_on`.
/// @param label    the name of a row, for readers who do not see the table
/// @param isHidden whether a row is hidden
/// @param hide     hides or shows a row
/// @param redraw   called after the order or the page has changed
function makeLeaderboard(prefix, {label, isHidden, hide, redraw}) {
  const part = (name) => byId(`${prefix}_${name}`);
  const board = {sort: null, descending: false, page: 0};
  const made = new Map();  // row -> its elements
  let signature = "";      // of the columns that these were made for

  function headCell(column, sorted) {
    const button = element("button", {type: "button", textContent: column.title,
                                      title: column.key});
    button.addEventListener("click", () => {
      board.descending = sorted.key === column.key ? !sorted.descending : Boolean(column.higher);
      board.sort = column.key;
      board.page = 0;
      redraw();
    });
    const cell = element("th", {scope: "col", className: column.numeric ? "number" : "",
                                colSpan: column.more ? 2 : 1}, button);
    cell.dataset.key = column.key;
    if (sorted.key === column.key)
      cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
    return cell;
  }

  function makeRow(row, columns) {
    const box = element("input", {type: "checkbox"});
    box.addEventListener("change", () => hide(row, !box.checked));
    const rank = element("td", {className: "number rank"});
    const cells = columns.map((column, i) => {
      const cell = element(i === 0 ? "th" : "td", {className: column.numeric ? "number" : ""});
      if (i === 0) cell.scope = "row";
      if (column.fill) column.fill(cell, row);
      return cell;
    });
    const more = columns.map((column) => (
        column.more ? element("td", {className: "interval"}) : null));
    const top = element("tr", {}, element("td", {className: "box"}, box), rank,
                        ...cells.flatMap((cell, i) => (more[i] ? [cell, more[i]] : [cell])));
    top.dataset.row = row;
    return {top, box, rank, cells, more};
  }

  function fillRow(row, columns, rank) {
    if (!made.has(row)) made.set(row, makeRow(row, columns));
    const {top, box, rank: rankCell, cells, more} = made.get(row);
    box.checked = !isHidden(row);
    box.setAttribute("aria-label", `show ${label(row)}`);
    top.classList.toggle("hidden_row", isHidden(row));
    setText(rankCell, rank);
    columns.forEach((column, i) => {
      if (column.update) column.update(cells[i], row);
      else setText(cells[i], column.text(row));
      cells[i].dataset.label = column.title;
      if (more[i]) setText(more[i], column.more(row));
    });
    return top;
  }

  /// Draws the rows in the order of a column: the one that was clicked, else `metric`.
  /// @param columns {key, title, value(row), text(row)} and, if wanted: numeric, more(row) for a
  ///        second cell, fill(cell, row) and update(cell, row) for cells that are more than text,
  ///        higher (the order of a metric's values), ranked (rows of one class stay together)
  /// @param rankText the rank of a row as text
  board.draw = (rows, columns, {metric, classOf = () => 0, rankText}) => {
    // The column that was clicked may be gone.
    const clicked = columns.find((one) => one.key === board.sort);
    const column = clicked ?? columns.find((one) => one.key === metric) ?? columns[0];
    const descending = clicked ? board.descending : Boolean(column.higher);
    const unranked = !clicked && column.higher === null;
    const ordered = [...rows].sort((a, b) => {
      if (column.ranked && classOf(a) !== classOf(b)) return classOf(a) - classOf(b);
      const [x, y] = [column.value(a), column.value(b)];
      if (isMissing(x) || isMissing(y)) return isMissing(x) - isMissing(y) || a - b;
      if (unranked) return a - b;
      return (descending ? -1 : 1) * compareValues(x, y) || a - b;
    });
    const now = JSON.stringify(columns.map(({key, more}) => [key, Boolean(more)]));
    if (now !== signature) made.clear();
    const sorting = `${now} ${column.key} ${descending} ${columns.map(({title}) => title)}`;
    if (sorting !== board.sorting) {
      const focused = document.activeElement?.closest("th")?.dataset.key;
      part("head").replaceChildren(
          element("th", {scope: "col", className: "box", textContent: "show"}),
          element("th", {scope: "col", className: "number", textContent: "rank"}),
          ...columns.map((one) => headCell(one, {key: column.key, descending})));
      part("head").querySelector(`[data-key="${CSS.escape(focused ?? "")}"] button`)?.focus();
    }
    [signature, board.sorting] = [now, sorting];
    const pages = Math.max(1, Math.ceil(ordered.length / kRowsAPage));
    board.page = Math.min(board.page, pages - 1);
    const from = board.page * kRowsAPage;
    arrange(part("body"), ordered.slice(from, from + kRowsAPage)
        .map((row) => fillRow(row, columns, rankText(row))));
    setText(part("page"), ordered.length
        ? `${from + 1} to ${Math.min(ordered.length, from + kRowsAPage)} of ${ordered.length}`
        : "none");
    part("back").disabled = board.page === 0;
    part("on").disabled = board.page >= pages - 1;
    return ordered;
  };

  /// Starts again with other rows.
  board.reset = () => {
    made.clear();
    part("body").replaceChildren();
    Object.assign(board, {sort: null, page: 0});
  };

  for (const [name, by] of [["back", -1], ["on", 1]])
    part(name).addEventListener("click", () => {
      board.page += by;
      redraw();
    });
  return board;
}
