#include "analysis/trial_choice.hpp"

#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"
#include "varia/error.hpp"

namespace varia::analysis {

TEST_CASE("trials are chosen by id, by the beginning of an id and by row") {
  const results::TemporaryFolder folder;
  std::vector<results::PlannedTrial> plan;
  for (const auto* id : {"00aa1", "00aa4"}) {
    plan.push_back({id, folder / (std::string(id) + ".h5")});
    results::TrialFile file(results::working(plan.back().path), results::header_of(id));
    file.append(results::record_of(1));
    file.publish(results::TrialState::done, "", plan.back().path, true);
  }
  results::merge(results::experiment_info(), plan, folder / "results.h5");
  const auto opened = results::open_results(folder / "results.h5");
  const auto rows = [&](const std::vector<std::string>& trials) {
    return choose_trials(opened, trials);
  };
  using Rows = std::vector<std::size_t>;
  CHECK(rows({}) == Rows{0, 1});
  CHECK(rows({"00aa4"}) == Rows{1});
  CHECK(rows({"1"}) == Rows{1});
  CHECK(rows({"1", "00aa4", "00aa1"}) == Rows{0, 1});
  CHECK_THROWS_WITH(rows({"00aa"}),
                    Catch::Matchers::ContainsSubstring("2 trials whose ids begin with '00aa'"));
  CHECK_THROWS_WITH(rows({"2"}), Catch::Matchers::ContainsSubstring("has no trial '2'") &&
                                     Catch::Matchers::ContainsSubstring("a row from 0 to 1"));
  CHECK_THROWS_AS(rows({""}), ConfigError);
}

}  // namespace varia::analysis
