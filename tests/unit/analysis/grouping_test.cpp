#include "analysis/grouping.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;

namespace {

using Texts = std::vector<std::string>;

/// beta 1, 4 x latent 2, 10 x replicates 0, 1.
std::vector<MadeTrial> grid() {
  std::vector<MadeTrial> trials;
  for (const double beta : {1.0, 4.0})
    for (const double latent : {2.0, 10.0})
      for (const std::int64_t replicate : {0, 1})
        trials.push_back({{{"loss.beta", beta}, {"model.latent", latent}}, replicate, {}});
  return trials;
}

std::string refusal(const results::Results& results, const GroupingRequest& request) {
  try {
    group_trials(results, request);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("without a request every swept key tells settings apart") {
  const MadeResults made(grid());
  const auto grouping = group_trials(*made, {});
  CHECK(grouping.keys == Texts{"loss.beta", "model.latent"});
  REQUIRE(grouping.groups.size() == 4);
  CHECK(grouping.groups[1].values == Texts{"1", "10"});
  CHECK(grouping.groups[1].trials == std::vector<std::size_t>{2, 3});
  CHECK(grouping.groups[1].places.empty());
}

TEST_CASE("a swept key that is left over is refused, and the message says what to do") {
  const MadeResults made(grid());
  const auto message = refusal(*made, {{"loss.beta"}, {}, {}});
  CHECK(results::contains(message, "trials of one setting differ in model.latent"));
  CHECK(results::contains(message, "--over model.latent"));
  CHECK(refusal(*made, {{"loss.beta"}, {"model.latent"}, {}}).empty());
  CHECK(refusal(*made, {{"loss.beta"}, {}, {"model.latent"}}).empty());
}

TEST_CASE("keys that change together need one name") {
  const MadeResults made({{{{"loss.gamma", 1.0}, {"loss.capacity", 5.0}}, 0, {}},
                          {{{"loss.gamma", 10.0}, {"loss.capacity", 25.0}}, 0, {}}});
  CHECK(group_trials(*made, {{"loss.gamma"}, {}, {}}).groups.size() == 2);
}

TEST_CASE("pooled trials know their places") {
  const MadeResults made(grid());
  const auto grouping = group_trials(*made, {{}, {"model.latent"}, {}});
  CHECK(grouping.keys == Texts{"loss.beta"});
  REQUIRE(grouping.groups.size() == 2);
  CHECK(grouping.groups[0].trials == std::vector<std::size_t>{0, 1, 2, 3});
  REQUIRE(grouping.groups[0].places.size() == 2);
  CHECK(grouping.groups[0].places[1].values == Texts{"10"});
  CHECK(grouping.groups[0].places[1].trials == std::vector<std::size_t>{2, 3});
  CHECK(grouping.notes.empty());
  const auto part = part_of(grouping.groups[0], {1, 2});
  REQUIRE(part.places.size() == 2);
  CHECK(part.places[0].trials == std::vector<std::size_t>{1});
  CHECK(part.places[1].trials == std::vector<std::size_t>{2});
}

TEST_CASE("settings that pool different values are noted") {
  auto trials = grid();
  trials.resize(6);  // beta 4 has latent 2 alone
  const MadeResults made(trials);
  const auto grouping = group_trials(*made, {{}, {"model.latent"}, {}});
  REQUIRE(grouping.notes.size() == 1);
  CHECK(grouping.notes[0] == "settings are averaged over different values of model.latent");
}

TEST_CASE("unknown keys and keys with two roles are refused") {
  const MadeResults made(grid());
  CHECK(results::contains(refusal(*made, {{"loss.bta"}, {}, {}}), "Did you mean 'loss.beta'?"));
  CHECK(results::contains(refusal(*made, {{"loss.beta"}, {"loss.beta"}, {}}), "is named twice"));
}

TEST_CASE("the name of a setting leaves out keys that it does not have") {
  CHECK(setting_name({"a", "b"}, {"1", "x"}) == "a=1, b=x");
  CHECK(setting_name({"a", "b"}, {"", "x"}) == "b=x");
  CHECK(setting_name({}, {}) == "all trials");
}
