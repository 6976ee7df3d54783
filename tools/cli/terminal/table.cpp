#include "cli/terminal/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace varia::cli {

Table::Table(std::vector<std::string> header, std::size_t most, std::string way)
    : rows_{std::move(header)}, most_(most), way_(std::move(way)) {}

void Table::add(std::vector<std::string> row, const std::string& group) {
  if (++counts_[group] > most_) return;
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

namespace {

bool looks_like_number(const std::string& text) {
  return text == "-" ||
         (!text.empty() && text.find_first_not_of("0123456789.+-e") == std::string::npos);
}

}  // namespace

std::string Table::text() const {
  const auto columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> numbers(columns, rows_.size() > 1);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], display_width(rows_[r][c]));
      if (r > 0 && !rows_[r][c].empty() && !looks_like_number(rows_[r][c])) numbers[c] = false;
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string fill(widths[c] - display_width(row[c]), ' ');
      line += (c == 0 ? "" : "  ") + (numbers[c] ? fill + row[c] : row[c] + fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  for (const auto& [group, count] : counts_)
    if (count > most_)
      text += fmt::format("... and {} more{}{} ({})\n", count - most_, group.empty() ? "" : " ",
                          group, way_);
  return text;
}

}  // namespace varia::cli
