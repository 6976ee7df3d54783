#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "support.hpp"
#include "sweep/run.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::sweep;
using namespace varia::sweep::testing;
using results::TrialState;

namespace {

results::TrialStatus status_of(const std::string& id, TrialState state, std::uint64_t token = 1) {
  results::TrialStatus status;
  status.id = id;
  status.state = state;
  status.published.token = token;
  return status;
}

/// The `--rerun` of a file with this text.
Rerun listed(const std::string& text) {
  const experiment::testing::Folder folder;
  return rerun_named("@" + folder.write("reruns", text));
}

}  // namespace

TEST_CASE("a rerun of failed or of stale trials covers these alone") {
  const auto failed = status_of("a", TrialState::failed);
  const auto stale = status_of("b", TrialState::stale);
  CHECK(rerun_named("failed").covers(failed));
  CHECK_FALSE(rerun_named("failed").covers(stale));
  CHECK(rerun_named("stale").covers(stale));
  CHECK_FALSE(rerun_named("stale").covers(failed));
  for (const auto& trial : {failed, stale}) CHECK_FALSE(rerun_named("").covers(trial));
}

TEST_CASE("a list of reruns covers a trial while its result has the token of the list") {
  constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();
  const auto rerun = listed("a 3\nb " + std::to_string(kLargest) + "\n");
  CHECK(rerun.tokens == std::map<std::string, std::uint64_t>{{"a", 3}, {"b", kLargest}});
  for (const auto state : {TrialState::failed, TrialState::stale}) {
    CHECK(rerun.covers(status_of("a", state, 3)));
    CHECK(rerun.covers(status_of("b", state, kLargest)));
    CHECK_FALSE(rerun.covers(status_of("a", state, 4)));
    CHECK_FALSE(rerun.covers(status_of("c", state, 3)));
  }
  CHECK_FALSE(listed("").covers(status_of("a", TrialState::failed, 3)));
}

TEST_CASE("a listed trial is due until another result is in the place of the listed one") {
  const auto rerun = listed("a 3\n");
  for (const auto state : {TrialState::failed, TrialState::stale}) {
    CHECK(is_due(status_of("a", state, 3), rerun));
    // A task has trained it again, whatever came of it.
    CHECK_FALSE(is_due(status_of("a", state, 4), rerun));
    CHECK_FALSE(is_due(status_of("b", state, 3), rerun));
  }
  for (const std::uint64_t token : {3, 4})
    CHECK_FALSE(is_due(status_of("a", TrialState::done, token), rerun));
  // What is not finished is trained in any case.
  CHECK(is_due(status_of("b", TrialState::fresh, 0), rerun));
  CHECK(is_due(status_of("b", TrialState::partial, 5), rerun));
}

TEST_CASE("a list of reruns that is malformed or not there is refused") {
  for (const std::string line : {"b", "b x", "a 3 b", "a -3", " 3", ""}) {
    CAPTURE(line);
    CHECK(message_of([&] { listed("a 3\n" + line + "\n"); })
              .find(":2: expected the id of a trial and the token of its result, found '" + line +
                    "'") != std::string::npos);
  }
  const experiment::testing::Folder folder;
  CHECK_THROWS_AS(rerun_named("@" + folder.path("none")), Error);
}
