#include "cluster/shell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "varia/error.hpp"

namespace varia::cluster {
namespace {

/// Nothing in it means anything to a shell or to sbatch.
bool is_plain(const std::string& text) {
  constexpr std::string_view marks = "_@%+=:,./-";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  if (is_plain(text)) return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += R"('\'')";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += shell_quoted(word);
  }
  return line;
}

std::string directive(const std::string& option, const std::string& value) {
  if (std::any_of(value.begin(), value.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    throw ConfigError(
        fmt::format("--{}: a line break or another control character cannot be "
                    "passed to sbatch",
                    option));
  std::string line = "#SBATCH --" + option;
  if (value.empty()) return line + "\n";
  if (is_plain(value)) return line + "=" + value + "\n";
  // sbatch takes what follows a backslash as it is, inside quotes as well.
  std::string quoted;
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return line + "=\"" + quoted + "\"\n";
}

}  // namespace varia::cluster
