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

TEST_CASE("every parameter has a JSON Schema of its type, range, default and doc") {
  const auto schema = Params().schema();
  CHECK(schema.find("additionalProperties")->canonical() == "false");
  CHECK(schema.find("type")->canonical() == R"(["object", "null"])");
  const auto of = [&](const char* name) {
    Value parameter = *schema.find("properties")->find(name);
    CHECK(parameter.find("description") != nullptr);
    parameter.erase("description");
    return parameter.canonical();
  };
  CHECK(schema.find("properties")->find("latent")->find("description")->text() == "Dimensions.");
  CHECK(of("latent") == R"({"default": 10, "maximum": 4096, "minimum": 1, "type": "integer"})");
  CHECK(of("least") == R"({"minimum": 1, "type": "integer"})");
  CHECK(of("rate") == R"({"default": 0.001, "minimum": 0, "type": "number"})");
  CHECK(of("any") == R"({"type": "number"})");
  CHECK(of("bias") == R"({"default": false, "type": "boolean"})");
  CHECK(of("path") == R"({"default": "a b", "type": ["string", "number", "boolean"]})");
  CHECK(of("activation") == R"({"default": "relu", "enum": ["relu", "tanh"]})");
  CHECK(of("hidden") ==
        R"({"default": [400, 400], "items": {"maximum": 9999, "minimum": 1, "type": "integer"}, )"
        R"("maxItems": 100000, "type": "array"})");
  CHECK(of("names") == R"({"default": ["a"], "items": {"type": ["string", "number", "boolean"]}, )"
                       R"("maxItems": 100000, "type": "array"})");
  CHECK(of("beta") ==
        R"({"default": 1, "else": {"maximum": 10000, "minimum": 0, "type": "number"}, )"
        R"("if": {"type": "object"}, "then": {"$ref": "#/definitions/schedule"}})");
  CHECK(of("likelihood") ==
        R"({"allOf": [{"$ref": "#/definitions/likelihood"}], "default": "gaussian"})");
  CHECK(of("head") == R"({"additionalProperties": false, "properties": {"width": {"default": 32, )"
                      R"("description": "Channels.", "maximum": 1000, "minimum": 1, )"
                      R"("type": "integer"}}, "type": ["object", "null"]})");
  CHECK(of("corrupt").find(R"("enum": ["none", "layer"])") != std::string::npos);
  CHECK(of("corrupt").find(R"("description": "Channels.")") != std::string::npos);
  CHECK(of("layers").find(R"("type": "array")") != std::string::npos);
  CHECK(of("capacity").find(R"("maximum": 10)") != std::string::npos);
}

TEST_CASE("a word of a choice that YAML reads as a number is taken unquoted, too") {
  struct Channels final : ParamSet {
    Choice channels{this, "channels", "auto", {"auto", "1"}, "Channels."};
  };
  CHECK(Channels().schema().find("properties")->find("channels")->find("enum")->canonical() ==
        R"(["auto", "1", 1])");
}

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
