#include "cli/terminal/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

namespace varia::cli {

namespace {

constexpr std::string_view kGap = "  ";
/// A column of text that is narrower is not read as text.
constexpr std::size_t kNarrowest = 24;

bool looks_like_number(const std::string& text) {
  return text == "-" || text == "–" ||
         (!text.empty() && text.find_first_not_of("0123456789.+-e") == std::string::npos);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::size_t longest_word(const std::string& text) {
  std::size_t longest = 0;
  for (const auto& word : lines_of(wrapped(text, 0)))
    longest = std::max(longest, display_width(word));
  return longest;
}

std::string coloured_state(const TextStyle& style, const std::string& state) {
  if (state == "done" || state == "reached") return style.coloured(Colour::green, state);
  if (state == "failed" || state == "missed") return style.coloured(Colour::red, state);
  if (state == "stale" || state == "orphaned") return style.coloured(Colour::yellow, state);
  return state;
}

}  // namespace

Table::Table(std::vector<Column> columns, std::size_t most, std::string way)
    : columns_(std::move(columns)), most_(most), way_(std::move(way)) {}

void Table::add(std::vector<std::string> row, const std::string& group) {
  if (++counts_[group] > most_) return;
  row.resize(columns_.size());
  rows_.push_back(std::move(row));
}

std::vector<Table::Shown> Table::natural_columns() const {
  std::vector<Shown> shown;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Shown column;
    column.index = c;
    column.width = display_width(columns_[c].name);
    column.narrowest = std::max(kNarrowest, column.width);
    column.is_number = !rows_.empty();
    for (const auto& row : rows_) {
      column.width = std::max(column.width, display_width(row[c]));
      column.narrowest = std::max(column.narrowest, longest_word(row[c]));
      if (!row[c].empty() && !looks_like_number(row[c])) column.is_number = false;
    }
    shown.push_back(column);
  }
  return shown;
}

std::vector<Table::Shown> Table::fitting_columns(std::size_t width) const {
  auto columns = natural_columns();
  for (;;) {
    auto shown = columns;
    auto total = kGap.size() * (shown.size() - 1);
    for (const auto& column : shown) total += column.width;
    // The widest texts are wrapped first.
    while (total > width) {
      Shown* widest = nullptr;
      for (auto& column : shown)
        if (!column.is_number && column.width > column.narrowest &&
            (widest == nullptr || column.width > widest->width))
          widest = &column;
      if (widest == nullptr) break;
      --widest->width;
      --total;
    }
    const auto least =
        std::ranges::max_element(columns.rbegin(), columns.rend(), {},
                                 [&](const Shown& column) { return columns_[column.index].rank; });
    if (total <= width || columns_[least->index].rank == 0) return shown;
    columns.erase(std::next(least).base());
  }
}

std::string Table::text(const TextStyle& style) const {
  const auto shown = fitting_columns(style.width);
  std::string text;
  const auto add_row = [&](const std::vector<std::string>& row, const auto& colour) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (const auto& column : shown) {
      cells.push_back(lines_of(wrapped(row[column.index], column.width)));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::string line;
      std::size_t unfilled = 0;  // spaces that nothing has followed yet
      for (std::size_t c = 0; c < shown.size(); ++c) {
        const auto cell = i < cells[c].size() ? cells[c][i] : "";
        const auto fill = shown[c].width - std::min(shown[c].width, display_width(cell));
        if (c > 0) unfilled += kGap.size();
        if (shown[c].is_number) unfilled += fill;
        if (!cell.empty()) {
          line += std::string(unfilled, ' ') + colour(shown[c].index, cell);
          unfilled = 0;
        }
        if (!shown[c].is_number) unfilled += fill;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  };
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  add_row(names,
          [&](std::size_t, const std::string& name) { return style.coloured(Colour::bold, name); });
  for (const auto& row : rows_)
    add_row(row, [&](std::size_t c, const std::string& cell) {
      const auto& name = columns_[c].name;
      const bool is_state = name == "status" || name == "state" || name == "verdict";
      return is_state ? coloured_state(style, cell) : cell;
    });
  for (const auto& [group, count] : counts_)
    if (count > most_)
      text += fmt::format("... and {} more{}{} ({})\n", count - most_, group.empty() ? "" : " ",
                          group, way_);
  std::vector<std::string> left_out;
  for (std::size_t c = 0; c < columns_.size(); ++c)
    if (std::ranges::find(shown, c, &Shown::index) == shown.end())
      left_out.push_back(columns_[c].name);
  if (!left_out.empty())
    text += wrapped(fmt::format("not shown, for lack of width: {} (--wide shows all)",
                                fmt::join(left_out, ", ")),
                    style.width, kGap.size()) +
            "\n";
  return text;
}

}  // namespace varia::cli
