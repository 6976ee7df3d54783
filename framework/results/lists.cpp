#include "results/lists.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace varia::results {

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size() && !text.empty()) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("{}", fmt::join(shape, ","));
}

std::string delimited_cell(const std::string& text, char separator) {
  // Readers take spaces at the ends away unless there are quotes.
  const bool has_spaces = text.starts_with(' ') || text.ends_with(' ');
  if (!has_spaces && text.find_first_of(std::string("\"\r\n") + separator) == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace varia::results
