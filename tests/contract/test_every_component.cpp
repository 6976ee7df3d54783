#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "runner/evaluator.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/runner/support.hpp"
#include "varia/error.hpp"
#include "varia/likelihood.hpp"

// What every component of every plugin must keep to; new ones are found in the registry.

using namespace varia;
using namespace varia::test;

namespace {

/// Parameters without which a component cannot be: how long a schedule takes, where files lie.
const std::map<std::string, std::string> kNeeded = {
    {"schedule linear", "{epochs: 2}"},
    {"schedule cosine", "{epochs: 2}"},
    {"schedule staircase", "{epochs: 2}"},
    {"schedule cyclic", "{epochs: 2}"},
    {"schedule exponential", "{from: 1, to: 2, epochs: 2}"},
    {"schedule piecewise", "{points: [{epoch: 0, value: 1}]}"},
    {"dataset idx", "{images: a, test_images: b}"},
    {"dataset hdf5", "{file: a.h5}"},
    {"metric factor_vae_score", "{train_votes: 500, votes: 200}"},
};

/// The plugins' components; those of the tests are left out.
std::vector<const ComponentInfo*> components(std::string_view kind = {}) {
  auto all = registry().list(kind);
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](const auto* info) { return info->plugin == "tests"; }),
            all.end());
  return all;
}

std::unique_ptr<ParamSet> load(const ComponentInfo& info, const Value& values) {
  auto params = info.make_params();
  params->load(values, {&registry(), info.kind + " " + info.name, {}});
  return params;
}

Value minimal(const ComponentInfo& info) {
  const auto needed = kNeeded.find(info.kind + " " + info.name);
  return needed == kNeeded.end() ? Value() : yaml(needed->second);
}

void check_docs(const std::vector<ParameterDoc>& docs) {
  for (const auto& doc : docs) {
    INFO(doc.name);
    CHECK_FALSE(doc.type.empty());
    CHECK(doc.doc.size() > 5);
    if (!doc.doc.empty()) CHECK(doc.doc.back() == '.');
    check_docs(doc.members);
  }
}

/// NaN is the same as NaN.
bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double one, double other) {
    return one == other || (std::isnan(one) && std::isnan(other));
  });
}

const std::string kRest = "data: {use: synthetic}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n";

}  // namespace

TEST_CASE("the plugins of the build bring components of every kind that an experiment needs") {
  for (const auto* kind :
       {"dataset", "model", "loss", "schedule", "optimizer", "metric", "view", "likelihood"})
    CHECK_FALSE(components(kind).empty());
}

TEST_CASE("every component says in a line what it is, with its source where it has one") {
  const std::regex source(R"(\([^()]*[A-Z][^()]* (1[789]|20)\d\d[a-z]?[^()]*\))");
  const std::set<std::string> sourced = {"model",      "loss",   "optimizer",
                                         "likelihood", "metric", "density"};
  for (const auto* info : components()) {
    INFO(info->kind << " " << info->name << ": " << info->doc);
    CHECK(info->doc.size() > 5);
    CHECK(info->doc.find('\n') == std::string::npos);
    if (!info->doc.empty()) CHECK(info->doc.back() == '.');
    if (sourced.count(info->kind)) CHECK(std::regex_search(info->doc, source));
    CHECK_FALSE(info->version.empty());
    CHECK_FALSE(info->file.empty());
  }
}

TEST_CASE("every parameter is described, and the defaults load") {
  for (const auto* info : components()) {
    INFO(info->kind << " " << info->name);
    check_docs(info->make_params()->describe());
    const auto params = load(*info, minimal(*info));
    // What was resolved is a complete configuration: loaded again it is the same.
    const auto resolved = params->resolved();
    CHECK(load(*info, resolved)->resolved().canonical() == resolved.canonical());
  }
}

TEST_CASE("no component takes a parameter that it does not know") {
  for (const auto* info : components()) {
    INFO(info->kind << " " << info->name);
    auto values = minimal(*info);
    values.set("no_such_parameter", Value::integer(1));
    CHECK_THROWS_AS(load(*info, values), ConfigError);
  }
}

TEST_CASE("every view shows tiles or points, the same each time, of models that suit it") {
  for (const auto* view : components("view")) {
    bool suited = false;
    for (const auto* model : components("model")) {
      INFO(view->name << " of " << model->name);
      Run run(kRest + "model: {use: " + model->name + "}\nloss: {use: elbo}\nviews: [" +
              view->name + "]\n");
      std::optional<runner::Evaluator> evaluator;
      try {
        evaluator.emplace(run.components, run.trial, registry(), 1);
      } catch (const ConfigError& error) {
        CHECK(std::string(error.what()).find(view->name) != std::string::npos);
        continue;
      }
      suited = true;
      const auto first = evaluator->render({}, 1, 1);
      const auto second = evaluator->render({}, 1, 1);
      REQUIRE(first.size() == 1);
      const auto& shown = first[0].rendering;
      CHECK(shown.pictures.size() + shown.scatters.size() > 0);
      for (std::size_t i = 0; i < shown.pictures.size(); ++i) {
        const auto& tiles = shown.pictures[i].tiles;
        REQUIRE(tiles.dim() == 5);
        CHECK((tiles.size(2) == 1 || tiles.size(2) == 3));
        CHECK(number(tiles.min()) >= 0);
        CHECK(number(tiles.max()) <= 1);
        CHECK(at::equal(tiles, second[0].rendering.pictures[i].tiles));
        CHECK(tiles.sizes() == shown.pictures[0].tiles.sizes());  // one layout for all
      }
      for (std::size_t i = 0; i < shown.scatters.size(); ++i) {
        const auto& points = shown.scatters[i].points;
        REQUIRE(points.dim() == 2);
        CHECK(points.size(1) == 2);
        CHECK(at::equal(points, second[0].rendering.scatters[i].points));
      }
    }
    INFO(view->name);
    CHECK(suited);
  }
}

TEST_CASE("every metric gives numbers with a unit, the same each time, of models that suit it") {
  for (const auto* metric : components("metric")) {
    bool suited = false;
    auto entry = minimal(*metric);
    entry.set("use", Value::text(metric->name));
    for (const auto* model : components("model")) {
      INFO(metric->name << " of " << model->name);
      Run run("data: {use: synthetic, factors: true}\noptimizer: {use: adam}\n" +
              std::string("train: {epochs: 1}\nmodel: {use: ") + model->name +
              "}\nloss: {use: elbo}\nmetrics: [" + entry.canonical() + "]\n");
      std::optional<runner::Evaluator> evaluator;
      try {
        evaluator.emplace(run.components, run.trial, registry(), 1);
      } catch (const ConfigError& error) {
        CHECK(std::string(error.what()).find(metric->name) != std::string::npos);
        continue;
      }
      suited = true;
      const auto& split = *run.components.data->splits.test;
      const auto first = evaluator->evaluate(split, {}, 1, 1);
      const auto second = evaluator->evaluate(split, {}, 1, 1);
      REQUIRE_FALSE(first.infos.empty());
      for (const auto& [name, info] : first.infos) {
        CHECK_FALSE(info.units.empty());
        CHECK_FALSE(first.values.at(name).values.empty());
        CHECK(same_numbers(first.values.at(name).values, second.values.at(name).values));
      }
    }
    INFO(metric->name);
    CHECK(suited);
  }
}
