#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Params final : ParamSet {
  Component<Noise> likelihood{this, "likelihood", "gaussian", "Of the data."};
  Component<Noise> prior{this, "prior", kUnset, "Of the codes."};
};
struct UnknownDefault final : ParamSet {
  Component<Noise> likelihood{this, "likelihood", "gausian", "Of the data."};
};

/// Its default is itself.
class Endless final : public Noise {
 public:
  struct Params final : ParamSet {
    Component<Noise> of{this, "of", "endless", "Itself."};
  };
  explicit Endless(const Params&) {}
  double scale() const override { return 1; }
};

LoadContext context_of(const Registry& registry) {
  LoadContext context;
  context.registry = &registry;
  context.subject = "model m";
  context.where = place(1, 1);
  return context;
}

struct Loaded {
  Registry registry;
  Params params;
  explicit Loaded(const Value& map) {
    fill(registry);
    params.load(map, context_of(registry));
  }
};

std::string refused(const Value& map) {
  return message_of([&] { Loaded{map}; });
}
}  // namespace

TEST_CASE("the default component comes with its parameters") {
  const Loaded loaded{Value()};
  CHECK(loaded.params.likelihood.use() == "gaussian");
  REQUIRE(loaded.params.likelihood.params() != nullptr);
  CHECK(static_cast<const Gaussian::Params*>(loaded.params.likelihood.params())->scale() == 1);
  CHECK_FALSE(loaded.params.prior.has_value());
  CHECK(loaded.params.prior.params() == nullptr);
  CHECK(loaded.params.resolved().canonical() ==
        R"({"likelihood": {"scale": 1, "use": "gaussian"}})");
}

TEST_CASE("a component is given by its name, or by a map with use") {
  const Loaded by_name(map_of({{"prior", plain("gaussian")}}));
  const Loaded by_map(map_of({{"prior", map_of({{"use", plain("gaussian")}})}}));
  CHECK(same_content(by_name.params.resolved(), by_map.params.resolved()));
  const Loaded scaled(
      map_of({{"prior", map_of({{"scale", plain("2.0")}, {"use", plain("gaussian")}})}}));
  CHECK(scaled.params.resolved().find("prior")->canonical() ==
        R"({"scale": 2, "use": "gaussian"})");
}

TEST_CASE("components nest") {
  const Loaded loaded(
      map_of({{"likelihood",
               map_of({{"use", plain("mixed")},
                       {"of", map_of({{"use", plain("gaussian")}, {"scale", plain("3")}})}})}}));
  CHECK(
      loaded.params.resolved().canonical() ==
      R"({"likelihood": {"of": {"scale": 3, "use": "gaussian"}, "use": "mixed", "weight": 0.5}})");
}

TEST_CASE("errors inside of components name the way to them") {
  CHECK(refused(map_of(
            {{"likelihood", map_of({{"use", plain("gaussian")}, {"scale", plain("0")}})}})) ==
        "a.yaml:3:9: model m: likelihood gaussian: scale: expected a real number in [1e-06, "
        "1000000], found 0");
  CHECK(refused(map_of({{"prior", map_of({{"use", plain("mixed")}, {"of", plain("laplace")}})}})) ==
        "a.yaml:3:9: model m: prior mixed: of: 'laplace' is not a known likelihood. Known: "
        "gaussian, mixed. A plugin of your own is listed under 'plugins'.");
  CHECK(refused(map_of({{"prior", map_of({{"use", plain("mixed")}, {"wieght", plain("1")}})}})) ==
        "a.yaml:3:5: model m: prior mixed: 'wieght' is not a parameter. Did you mean 'weight'? "
        "Known: of, weight.");
}

TEST_CASE("a value that is not a component is rejected") {
  CHECK(refused(map_of({{"prior", plain("gausian", place(5, 6))}})) ==
        "a.yaml:5:6: model m: prior: 'gausian' is not a known likelihood. Did you mean 'gaussian'? "
        "Known: gaussian, mixed.");
  CHECK(refused(map_of({{"prior", list_of({"gaussian"})}})) ==
        "a.yaml:3:9: model m: prior: expected the name of a likelihood or a map with 'use', found "
        "a list of 1");
  CHECK(refused(map_of({{"prior", map_of({{"scale", plain("1")}})}})) ==
        "a.yaml:2:1: model m: prior: expected 'use: <likelihood>' in the map, found none");
}

TEST_CASE("a component of another kind does not count") {
  CHECK(refused(map_of({{"prior", plain("linear")}})) ==
        "a.yaml:3:9: model m: prior: 'linear' is not a known likelihood. Known: gaussian, mixed. A "
        "plugin of your own is listed under 'plugins'.");
}

TEST_CASE("a default that no plugin provides is named at the place of the owner") {
  Registry registry;
  fill(registry);
  UnknownDefault params;
  CHECK(message_of([&] { params.load(Value(), context_of(registry)); }) ==
        "a.yaml:1:1: model m: likelihood (not given, hence its default): 'gausian' is not a known "
        "likelihood. Did you mean 'gaussian'? Known: gaussian, mixed.");
}

TEST_CASE("a component that is its own default is an error, not an endless loop") {
  Registry registry;
  registry.add<Endless>("endless", "Never ends.");
  Endless::Params params;
  const std::string message = message_of([&] { params.load(Value(), context_of(registry)); });
  CHECK(message.find("expected at most 32 levels of parameters, found more. Does a component name "
                     "itself as its default?") != std::string::npos);
}

TEST_CASE("every parameter is visited once with its path") {
  struct Layer final : ParamSet {
    Integer width{this, "width", 1, {}, ""};
  };
  struct Corruption final : ParamSet {
    Real scale{this, "scale", 1, {}, ""};
  };
  struct All final : ParamSet {
    RecordList<Layer> layers{this, "layers", ""};
    Record<Layer> head{this, "head", ""};
    ScheduledMap capacity{this, "capacity", {}, ""};
    Component<Noise> likelihood{this, "likelihood", "mixed", ""};
    Variant corrupt{this, "corrupt", "some", {Variant::option<Corruption>("some")}, ""};
    Component<Noise> prior{this, "prior", kUnset, ""};
  };
  Registry registry;
  fill(registry);
  All params;
  Value layers = Value::list();
  layers.push(Value::map());
  layers.push(Value::map());
  params.load(map_of({{"layers", layers}, {"capacity", map_of({{"z", plain("1")}})}}),
              context_of(registry));
  std::vector<std::string> paths;
  std::vector<std::string> scheduled;
  params.visit("loss", [&](const std::string& path, Parameter& parameter) {
    paths.push_back(path);
    if (dynamic_cast<Scheduled*>(&parameter)) scheduled.push_back(path);
  });
  CHECK(paths == std::vector<std::string>{
                     "loss.layers", "loss.layers.0.width", "loss.layers.1.width", "loss.head",
                     "loss.head.width", "loss.capacity", "loss.capacity.z", "loss.likelihood",
                     "loss.likelihood.of", "loss.likelihood.of.scale", "loss.likelihood.weight",
                     "loss.corrupt", "loss.corrupt.scale", "loss.prior"});
  CHECK(scheduled == std::vector<std::string>{"loss.capacity.z", "loss.likelihood.weight"});
  std::string first;
  params.visit("", [&](const std::string& path, Parameter&) {
    if (first.empty()) first = path;
  });
  CHECK(first == "layers");
}

TEST_CASE("a component without a registry is a programming error") {
  Params params;
  CHECK_THROWS_AS(params.load(Value(), {}), std::logic_error);
}
