#include "analysis/settings.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::analysis;

namespace {

using Texts = std::vector<std::string>;

std::vector<Texts> values_of(const std::vector<Setting>& settings) {
  std::vector<Texts> values;
  for (const auto& setting : settings) values.push_back(setting.values);
  return values;
}

/// beta 1, 4 x latent 2, 10 x replicates 0, 1.
std::vector<MadeTrial> grid() {
  std::vector<MadeTrial> trials;
  for (const double beta : {1.0, 4.0})
    for (const double latent : {2.0, 10.0})
      for (const std::int64_t replicate : {0, 1})
        trials.push_back({{{"loss.beta", beta}, {"model.latent", latent}}, replicate, {}});
  return trials;
}

std::string refusal(const results::Results& results, const Texts& by, const Texts& over = {},
                    const Texts& best = {}) {
  try {
    group_trials(results, by, over, best);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("settings are the swept values, replicates belong together") {
  const MadeResults made({{{{"loss.beta", 1.0}}, 0, {}},
                          {{{"loss.beta", 1.0}}, 1, {}},
                          {{{"loss.beta", 4.0}}, 0, {}},
                          {{{"loss.beta", 4.0}}, 1, {}}});
  const auto keys = setting_keys(*made);
  CHECK(keys.keys == Texts{"loss.beta"});
  CHECK(keys.unswept.empty());
  const auto settings = make_settings(*made, keys.keys);
  CHECK(values_of(settings) == std::vector<Texts>{{"1"}, {"4"}});
  CHECK(settings[1].trials == std::vector<std::size_t>{2, 3});
  CHECK(expected_replicates(*made) == std::set<std::int64_t>{0, 1});
}

TEST_CASE("a swept key with one value tells nothing apart") {
  const MadeResults made({{{{"loss.beta", 1.0}, {"model.latent", 2.0}}, 0, {}},
                          {{{"loss.beta", 1.0}, {"model.latent", 10.0}}, 0, {}}});
  CHECK(setting_keys(*made).keys == Texts{"model.latent"});
}

TEST_CASE("of a swept component its own key counts, not those within") {
  const std::string slow = "{use: linear, to: 4}";
  const MadeResults made(
      {{{{"loss.beta", 4.0}}, 0, {}},
       {{{"loss.beta", slow}, {"loss.beta.use", std::string("linear")}, {"loss.beta.to", 4.0}},
        0,
        {}}});
  const auto keys = setting_keys(*made);
  CHECK(keys.keys == Texts{"loss.beta"});
  CHECK(values_of(make_settings(*made, keys.keys)) == std::vector<Texts>{{"4"}, {slow}});
}

TEST_CASE("trials of an earlier experiment are no replicates of those of today") {
  const MadeResults made(
      {{{{"loss.beta", 1.0}}, 0, {}, {{"optimizer.lr", 0.01}, {"train.threads", 1.0}}},
       {{{"loss.beta", 4.0}}, 0, {}, {{"optimizer.lr", 0.01}, {"train.threads", 4.0}}},
       {{{"loss.beta", 1.0}}, 0, {}, {{"optimizer.lr", 0.001}, {"train.threads", 4.0}}}});
  const auto keys = setting_keys(*made);
  CHECK(keys.keys == Texts{"loss.beta", "optimizer.lr"});
  CHECK(keys.unswept == Texts{"optimizer.lr"});
}

TEST_CASE("where the file of a warm start lies tells no settings apart, its content does") {
  std::vector<MadeTrial> trials;
  for (const double beta : {1.0, 4.0})
    for (const std::int64_t replicate : {0, 1})
      trials.push_back({{{"loss.beta", beta}},
                        replicate,
                        {},
                        {{"model.from.file", "place" + std::to_string(trials.size()) + "/a.h5"},
                         {"model.from.file_sha256", std::string("ab12")}}});
  const MadeResults made(trials);
  const auto keys = setting_keys(*made);
  CHECK(keys.keys == Texts{"loss.beta"});
  CHECK(keys.unswept.empty());
  const auto grouping = group_trials(*made, {}, {}, {});
  REQUIRE(grouping.groups.size() == 2);
  CHECK(grouping.groups[1].trials == std::vector<std::size_t>{2, 3});
  CHECK(grouping.notes.empty());

  trials[3].fixed["model.from.file_sha256"] = std::string("cd34");
  const MadeResults other(trials);
  CHECK(setting_keys(*other).unswept == Texts{"model.from.file_sha256"});
}

TEST_CASE("what differs along with the swept values is no key of its own") {
  const std::string a = "a", b = "b";
  const MadeResults made({{{{"method", a}}, 0, {}, {{"loss.gamma", 1.0}}},
                          {{{"method", b}}, 0, {}, {{"loss.gamma", 2.0}}}});
  CHECK(setting_keys(*made).keys == Texts{"method"});
}

TEST_CASE("a trial without a key has a setting of its own") {
  const MadeResults made({{{{"loss.beta", 1.0}}, 0, {}}, {{}, 0, {}}});
  CHECK(values_of(make_settings(*made, {"loss.beta"})) == std::vector<Texts>{{"1"}, {""}});
}

TEST_CASE("an unknown key names the nearest known key") {
  const MadeResults made({{{{"loss.beta", 1.0}}, 0, {}}});
  CHECK_THROWS_AS(parameter_column(*made, "loss.bta"), ConfigError);
  try {
    parameter_column(*made, "loss.bta");
  } catch (const ConfigError& error) {
    CHECK(contains(error.what(), "Did you mean 'loss.beta'?"));
  }
}

TEST_CASE("without a request every swept key tells settings apart") {
  const MadeResults made(grid());
  const auto grouping = group_trials(*made, {}, {}, {});
  CHECK(grouping.keys == Texts{"loss.beta", "model.latent"});
  REQUIRE(grouping.groups.size() == 4);
  CHECK(grouping.groups[1].values == Texts{"1", "10"});
  CHECK(grouping.groups[1].trials == std::vector<std::size_t>{2, 3});
  CHECK(grouping.groups[1].places.empty());
}

TEST_CASE("a swept key that is left over is refused, and the message says what to do") {
  const MadeResults made(grid());
  const auto message = refusal(*made, {"loss.beta"}, {}, {});
  CHECK(contains(message, "trials of one setting differ in model.latent"));
  CHECK(contains(message, "--over model.latent"));
  CHECK(refusal(*made, {"loss.beta"}, {"model.latent"}, {}).empty());
  CHECK(refusal(*made, {"loss.beta"}, {}, {"model.latent"}).empty());
}

TEST_CASE("keys that change together need one name") {
  const MadeResults made({{{{"loss.gamma", 1.0}, {"loss.capacity", 5.0}}, 0, {}},
                          {{{"loss.gamma", 10.0}, {"loss.capacity", 25.0}}, 0, {}}});
  CHECK(group_trials(*made, {"loss.gamma"}, {}, {}).groups.size() == 2);
}

TEST_CASE("pooled trials know their places") {
  const MadeResults made(grid());
  const auto grouping = group_trials(*made, {}, {"model.latent"}, {});
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
  const auto grouping = group_trials(*made, {}, {"model.latent"}, {});
  REQUIRE(grouping.notes.size() == 1);
  CHECK(grouping.notes[0] == "settings are averaged over different values of model.latent");
}

TEST_CASE("unknown keys and keys with two roles are refused") {
  const MadeResults made(grid());
  CHECK(contains(refusal(*made, {"loss.bta"}, {}, {}), "Did you mean 'loss.beta'?"));
  CHECK(contains(refusal(*made, {"loss.beta"}, {"loss.beta"}, {}), "is named twice"));
}

TEST_CASE("the name of a setting leaves out keys that it does not have") {
  CHECK(setting_name({"a", "b"}, {"1", "x"}) == "a=1, b=x");
  CHECK(setting_name({"a", "b"}, {"", "x"}) == "b=x");
  CHECK(setting_name({}, {}) == "all trials");
}
