#include "cli/results/comparison_text.hpp"

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using analysis::MadeTrial;

namespace {

/// The words of the table's row of a setting, by its rank.
std::vector<std::string> row_of(const std::string& text, int rank) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> words;
    std::istringstream stream(line);
    for (std::string word; stream >> word;) words.push_back(word);
    if (!words.empty() && words.front() == std::to_string(rank)) return words;
  }
  return {};
}

/// Of three settings with so many seeds each, the first the best with all seeds.
std::string text_of(const std::vector<std::int64_t>& seeds) {
  std::vector<MadeTrial> trials;
  for (std::size_t setting = 0; setting < seeds.size(); ++setting) {
    const auto beta = static_cast<double>(setting + 1);
    for (std::int64_t seed = 0; seed < seeds[setting]; ++seed)
      trials.push_back({{{"loss.beta", beta}},
                        seed,
                        {{"test/elbo", -100 * beta - beta * static_cast<double>(seed)}}});
  }
  const analysis::MadeResults made(trials);
  return cli::comparison_text(analysis::compare(*made, {}), 100);
}

}  // namespace

TEST_CASE("a corrected p is told unless Holm's correction cannot leave a smaller one") {
  const auto text = text_of({8, 8, 4});
  // 1/8 of the four pairs, which is corrected last: for one test alone.
  const auto row = row_of(text, 3);
  REQUIRE(row.size() > 3);
  CHECK(row[row.size() - 3] == "4");
  CHECK(row[row.size() - 2] != "–");
  CHECK(row[row.size() - 1] == row[row.size() - 2]);
  CHECK(contains(text,
                 "with 8 pairs no p is below 0.0078, and none below 0.016 after Holm's correction "
                 "for 2 tests\n"));
  CHECK_FALSE(contains(text, "says nothing"));
}

TEST_CASE("a corrected p that cannot be small is a dash, and the text says why") {
  const auto text = text_of({8, 8, 3});
  CHECK(row_of(text, 2).back() == "0.016");
  const auto row = row_of(text, 3);
  REQUIRE(row.size() > 3);
  CHECK(row[row.size() - 3] == "3");
  CHECK(row.back() == "–");
  CHECK(contains(text, "–: cannot be below 0.25, so that it says nothing\n"));
}

TEST_CASE("lists of any length look alike in a column of LaTeX") {
  const analysis::MadeResults made({{{{"model.hidden", "[16]"}}, 0, {{"test/elbo", -100}}},
                                    {{{"model.hidden", "[16, 8]"}}, 0, {{"test/elbo", -101}}},
                                    {{{"model.hidden", "[16, 8]"}}, 1, {{"test/elbo", -103}}}});
  const auto latex = cli::comparison_latex(analysis::compare(*made, {}));
  CHECK(contains(latex, " & {[}16{]} & "));
  CHECK(contains(latex, " & {[}16, 8{]} & "));
  // An interval is mathematics.
  CHECK(contains(latex, "$["));
}
