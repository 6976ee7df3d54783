#include <limits>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Layer final : ParamSet {
  Integer width{this, "width", 32, {1, 1000}, "Channels."};
};
struct Params final : ParamSet {
  Integer latent{this, "latent", 10, {1, 4096}, "Dimensions."};
  Integer least{this, "least", kUnset, {.min = 1}, "One or more."};
  Real rate{this, "rate", 1e-3, {0, std::numeric_limits<double>::infinity()}, "A rate."};
  Real any{this, "any", kUnset, {}, "Any."};
  Boolean bias{this, "bias", false, "A bias."};
  Text path{this, "path", "a b", "A path."};
  Choice activation{this, "activation", "relu", {"relu", "tanh"}, "Nonlinearity."};
  Variant corrupt{
      this, "corrupt", "none", {{"none", nullptr}, Variant::option<Layer>("layer")}, "Noise."};
  IntegerList hidden{this, "hidden", {400, 400}, {1, 9999}, "Widths."};
  RealList scales{this, "scales", {}, {}, "Scales."};
  TextList names{this, "names", {"a"}, "Names."};
  Scheduled beta{this, "beta", 1.0, {0, 1e4}, "Weight."};
  ScheduledMap capacity{this, "capacity", {0, 10}, "Capacities."};
  Record<Layer> head{this, "head", "Head."};
  RecordList<Layer> layers{this, "layers", "Layers."};
  Component<Noise> likelihood{this, "likelihood", "gaussian", "Of the data."};
};
}  // namespace

TEST_CASE("every parameter is described by name, type, default, range and doc") {
  const auto docs = Params().describe();
  std::vector<std::string> lines;
  for (const auto& each : docs)
    lines.push_back(each.name + ": " + each.type + " = " + each.default_value + " (" + each.range +
                    ")");
  CHECK(lines == std::vector<std::string>{
                     "latent: whole number = 10 ([1, 4096])",
                     "least: whole number =  (at least 1)",
                     "rate: real = 0.001 (at least 0)",
                     "any: real =  ()",
                     "bias: boolean = false ()",
                     "path: text = \"a b\" ()",
                     "activation: choice = relu (relu | tanh)",
                     "corrupt: choice with parameters = none (none | layer)",
                     "hidden: list of whole numbers = [400, 400] (each in [1, 9999])",
                     "scales: list of reals = [] ()",
                     "names: list of texts = [\"a\"] ()",
                     "beta: real or schedule = 1 ([0, 10000])",
                     "capacity: map from block to real or schedule =  (each in [0, 10])",
                     "head: record =  ()",
                     "layers: list of records = [] ()",
                     "likelihood: component of kind likelihood = gaussian ()",
                 });
  CHECK(docs[0].doc == "Dimensions.");
}

TEST_CASE("records, lists of records and choices are described with what is in them") {
  const auto docs = Params().describe();
  const auto members_of = [&](const std::string& name) {
    for (const auto& each : docs)
      if (each.name == name) return each.members;
    return std::vector<ParameterDoc>();
  };
  REQUIRE(members_of("head").size() == 1);
  CHECK(members_of("head")[0].name == "width");
  REQUIRE(members_of("layers").size() == 1);
  CHECK(members_of("layers")[0].default_value == "32");
  REQUIRE(members_of("corrupt").size() == 1);
  CHECK(members_of("corrupt")[0].name == "layer");
  CHECK(members_of("corrupt")[0].members.at(0).name == "width");
  CHECK(members_of("beta").empty());
}

TEST_CASE("the default that is described is the declared one, not the loaded one") {
  Registry registry;
  fill(registry);
  LoadContext context;
  context.registry = &registry;
  Params params;
  params.load(map_of({{"latent", plain("2")}, {"likelihood", plain("mixed")}}), context);
  CHECK(params.describe().front().default_value == "10");
  CHECK(params.describe().back().default_value == "gaussian");
}
