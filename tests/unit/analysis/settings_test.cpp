#include "analysis/settings.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;

namespace {

using Texts = std::vector<std::string>;

std::vector<Texts> values_of(const std::vector<Setting>& settings) {
  std::vector<Texts> values;
  for (const auto& setting : settings) values.push_back(setting.values);
  return values;
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
    CHECK(results::contains(error.what(), "Did you mean 'loss.beta'?"));
  }
}
