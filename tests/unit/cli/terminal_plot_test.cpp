#include "cli/terminal/terminal_plot.hpp"

#include <limits>

#include "cli/terminal/text.hpp"
#include "support/catch.hpp"

using namespace varia::cli;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

/// The column, in characters, of a mark.
std::size_t column_of(const std::string& line, const std::string& mark) {
  return display_width(line.substr(0, line.find(mark)));
}

}  // namespace

TEST_CASE("intervals lie on one scale") {
  // 23 columns: labels of one character, a gap of two, 20 for the scale from 0 to 19.
  const auto lines = lines_of(interval_plot(
      {{"a", 5, {2, 8}, {0, 5}}, {"b", 19, {kNaN, kNaN}, {19}}, {"c", kNaN, {}, {kNaN}}}, 23));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "a  · ├──●──┤");
  CHECK(lines[1] == "b  " + std::string(19, ' ') + "●");
  CHECK(lines[2] == "c  no value");
  CHECK(lines[3] == "   0                 19");
}

TEST_CASE("an interval that is much wider than the values is cut off") {
  const auto lines = lines_of(interval_plot({{"a", 10, {-1000, 1000}, {9, 11}}}, 40));
  CHECK(column_of(lines[0], "<") == 3);
  CHECK(column_of(lines[0], ">") == 39);
  CHECK(lines[1].find("7") == 3);
  CHECK(lines[1].find("13") == 38);
}

TEST_CASE("a plot of equal values, and of none") {
  const auto lines = lines_of(interval_plot({{"a", 5, {}, {5}}}, 23));
  CHECK(lines[0] == "a  " + std::string(10, ' ') + "●");
  CHECK(lines[1] == std::string(13, ' ') + "5");
  CHECK(interval_plot({{"a", kNaN, {}, {}}}, 80).empty());
  CHECK(interval_plot({}, 80).empty());
  CHECK(scatter_plot({{kNaN, 1, false}}, "x", "y", 80).empty());
}

TEST_CASE("a long label is cut, whatever its letters") {
  const std::string label(30, 'x');
  const auto lines = lines_of(interval_plot({{label + "βββββββββββββββββββββ", 5, {}, {5}}}, 80));
  CHECK(lines[0].find(label + "βββββββββ…") == 0);
}

TEST_CASE("points lie where their values are, the front as discs") {
  const auto lines = lines_of(scatter_plot(
      {{0, 0, true}, {10, 4, true}, {10, 0, false}, {5, kNaN, false}}, "kl", "nll", 26));
  // 26 columns: a margin of one and two more, 22 for x from 0 to 10; 16 rows for y.
  REQUIRE(lines.size() == 19);
  CHECK(lines[0] == "   nll");
  CHECK(lines[1] == "4 │" + std::string(21, ' ') + "●");
  CHECK(lines[16] == "0 │●" + std::string(20, ' ') + "○");
  CHECK(lines[18] == "   0" + std::string(8, ' ') + "kl" + std::string(9, ' ') + "10");
}
