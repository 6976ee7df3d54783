#include "cli/terminal/delimited.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "cli/terminal/text.hpp"
#include "results/lists.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

/// What LaTeX would obey, and what shows it.
constexpr std::array<std::pair<char, std::string_view>, 16> kLatex{{
    {'\\', "\\textbackslash{}"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'<', "\\textless{}"},
    {'>', "\\textgreater{}"},
    {'|', "\\textbar{}"},
    {'"', "\\textquotedbl{}"},
    {'[', "{[}"},  // behind the end of a row a bracket would be its option
    {']', "{]}"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'$', "\\$"},
    {'&', "\\&"},
    {'#', "\\#"},
    {'_', "\\_"},
    {'%', "\\%"},
}};

}  // namespace

std::string csv_text(const std::string& text) {
  auto cell = printable(text);
  if (!cell.empty() && std::string("=+-@").find(cell.front()) != std::string::npos &&
      !Value::scalar(cell).as_real())
    cell.insert(cell.begin(), '\'');
  return results::delimited_cell(cell, ',');
}

std::string csv_number(double number) {
  if (std::isnan(number)) return "";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  return number_text(number);
}

std::string latex_text(const std::string& text) {
  std::string escaped;
  for (const char c : printable(text)) {
    const auto found = std::ranges::find(kLatex, c, &std::pair<char, std::string_view>::first);
    escaped += found == kLatex.end() ? std::string(1, c) : std::string(found->second);
  }
  return escaped;
}

}  // namespace varia::cli
