#include "sweep/search/asha_scheduler.hpp"

#include <cstddef>
#include <optional>

#include "experiment/params/search_params.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "support/catch.hpp"
#include "unit/sweep/support.hpp"

using namespace varia;
using namespace varia::sweep;
using namespace varia::sweep::testing;
using results::TrialState;

TEST_CASE("a trial that failed here is not offered again though an older result of it stays") {
  const SampleFolder folder;
  const auto plan = plan_of("sweep: {loss.beta: [1, 2]}\ntrain: {epochs: 4}\n");
  auto header = folder.header(plan.trials[0]);
  auto expected = TrialState::partial;
  SECTION("which is of another version") {
    header.versions.torch = "1.13.0";
    expected = TrialState::stale;
    folder.publish(header, 4);
  }
  SECTION("which is shorter") { folder.publish(header, 2); }
  const auto trials = folder.states(plan);
  REQUIRE(trials[0].state == expected);

  const auto search = experiment::load_search(experiment::read_yaml_text(
      "search: {use: asha, metric: validation/loss, order: lower}", "e.yaml"));
  results::ResultsFolder files(folder.paths);
  AshaScheduler scheduler(plan, *search, files, trials, {0, 1});
  const std::optional<std::size_t> first = 0;
  CHECK((scheduler.next(first) == TrialChoice{0, 1}));
  // As the supervisor does when a trial has failed.
  scheduler.fail(0);
  scheduler.look_at(0);
  CHECK((scheduler.next(first) == TrialChoice{1, 1}));
  CHECK_FALSE(scheduler.next(first).has_value());
}
