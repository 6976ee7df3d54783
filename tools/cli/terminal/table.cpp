#include "cli/terminal/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "training/messages.hpp"

namespace varia::cli {

namespace {

/// Bytes of a control character beyond ASCII that begins here: U+0080 to U+009F, which some
/// terminals obey, or one that changes the direction of the text. 0: none.
std::size_t hidden_control_at(const std::string& text, std::size_t place) {
  const auto byte = [&](std::size_t i) {
    return place + i < text.size() ? static_cast<unsigned char>(text[place + i]) : 0U;
  };
  if (byte(0) == 0xC2U && byte(1) >= 0x80U && byte(1) < 0xA0U) return 2;
  const bool is_direction =
      byte(0) == 0xE2U && ((byte(1) == 0x80U && byte(2) >= 0xAAU && byte(2) <= 0xAEU) ||
                           (byte(1) == 0x81U && byte(2) >= 0xA6U && byte(2) <= 0xA9U));
  return is_direction ? 3 : 0;
}

}  // namespace

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string printable(const std::string& text) {
  std::string plain = text;
  for (auto& c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  plain = training::one_line(plain);  // what is not UTF-8 is gone
  std::string shown;
  for (std::size_t i = 0; i < plain.size();) {
    const auto size = hidden_control_at(plain, i);
    shown += size > 0 ? '?' : plain[i];
    i += std::max<std::size_t>(1, size);
  }
  return shown;
}

std::string short_number(double number) {
  return std::isnan(number) ? "-" : fmt::format("{:.5g}", number);
}

Table::Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void Table::add(std::vector<std::string> row) {
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
  return text;
}

}  // namespace varia::cli
