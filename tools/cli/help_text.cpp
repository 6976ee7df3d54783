#include "cli/help_text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"

namespace varia::cli {

namespace {

constexpr std::size_t kDescriptionColumn = 30;  // CLI11's own
constexpr std::size_t kNarrow = 60;             // where a description has a line of its own
constexpr std::size_t kNarrowIndent = 6;

/// Where the lines after the first begin: below the description, if the line has one.
std::size_t indent_of(const std::string& line) {
  if (!line.starts_with("  ")) return 0;
  const bool has_description = line.size() > kDescriptionColumn &&
                               line[kDescriptionColumn - 1] == ' ' &&
                               line[kDescriptionColumn] != ' ';
  return has_description ? kDescriptionColumn : 4;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  std::istringstream help(CLI::Formatter::make_help(app, std::move(name), mode));
  const auto width = terminal_size(STDOUT_FILENO).columns;
  std::string text;
  for (std::string line; std::getline(help, line);) {
    auto indent = indent_of(line);
    if (width < kNarrow && indent == kDescriptionColumn) {
      const auto end = line.find_last_not_of(' ', kDescriptionColumn - 1);
      if (end != std::string::npos) text += line.substr(0, end + 1) + "\n";
      line = std::string(kNarrowIndent, ' ') + line.substr(kDescriptionColumn);
      indent = kNarrowIndent;
    }
    text += wrapped(line, width, indent) + "\n";
  }
  return text;
}

void set_exit_codes(CLI::App& command, const std::vector<std::pair<ExitCode, std::string>>& codes) {
  std::string text;
  for (const auto& [code, meaning] : codes)
    text += fmt::format("{} {} {}", text.empty() ? "Exit codes:" : ",", static_cast<int>(code),
                        meaning);
  command.footer(text + ".");
}

}  // namespace varia::cli
