#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Layer final : ParamSet {
  Integer width{this, "width", 32, {1, 1000}, "Channels."};
  Boolean norm{this, "norm", false, "Normalise."};

 protected:
  void check() const override {
    if (norm() && width() < 2) fail(width, "must be at least 2 with norm");
  }
};
struct Params final : ParamSet {
  Record<Layer> head{this, "head", "The last layer."};
  RecordList<Layer> layers{this, "layers", "The layers."};
};
}  // namespace

TEST_CASE("a record is a map of its parameters") {
  Params params;
  CHECK(params.head().width() == 32);
  params.load(map_of({{"head", map_of({{"width", plain("8")}})}}), {});
  CHECK(params.head().width() == 8);
  CHECK(params.layers.size() == 0);
  CHECK(params.resolved().canonical() == R"({"head": {"norm": false, "width": 8}, "layers": []})");
}

TEST_CASE("a list of records has one set of parameters for each item") {
  Params params;
  Value layers = Value::list();
  layers.push(map_of({{"width", plain("8")}}));
  layers.push(Value::map());
  params.load(map_of({{"layers", layers}}), {});
  REQUIRE(params.layers.size() == 2);
  CHECK(params.layers[0].width() == 8);
  CHECK(params.layers[1].width() == 32);
  CHECK_THROWS_AS(params.layers[2], std::out_of_range);
  CHECK(params.resolved().find("layers")->canonical() ==
        R"([{"norm": false, "width": 8}, {"norm": false, "width": 32}])");
}

TEST_CASE("errors inside of records name the way to them") {
  CHECK(refusal<Params>(map_of({{"head", map_of({{"width", plain("0")}})}})) ==
        "a.yaml:3:9: model m: head: width: expected a whole number in [1, 1000], found 0");
  Value layers = Value::list();
  layers.push(Value::map());
  layers.push(map_of({{"widht", plain("8")}}));
  CHECK(refusal<Params>(map_of({{"layers", layers}})) ==
        "a.yaml:3:5: model m: layers[1]: 'widht' is not a parameter. Did you mean 'width'? Known: "
        "norm, width.");
  CHECK(refusal<Params>(map_of({{"layers", list_of({"8"})}})) ==
        "a.yaml:3:10: model m: layers[0]: expected a map of parameters, found 8");
  CHECK(refusal<Params>(map_of({{"layers", plain("8")}})) ==
        "a.yaml:3:9: model m: layers: expected a list of maps, found 8");
  CHECK(refusal<Params>(map_of({{"head", plain("8")}})) ==
        "a.yaml:3:9: model m: head: expected a map of parameters, found 8");
}

TEST_CASE("a record, or one of a list, without any parameter has the defaults") {
  Params params;
  Value layers = Value::list();
  layers.push(Value());
  params.load(map_of({{"head", Value()}, {"layers", layers}}), {});
  CHECK(params.layers[0].resolved().canonical() == R"({"norm": false, "width": 32})");
}

TEST_CASE("the rules of a record are checked, at the parameter's place") {
  CHECK(refusal<Params>(map_of(
            {{"head", map_of({{"norm", plain("true")}, {"width", plain("1", place(6, 7))}})}})) ==
        "a.yaml:6:7: model m: head: width: must be at least 2 with norm");
}

TEST_CASE("the length of a list of records is bounded") {
  const Value layers = Value::list(std::vector<Value>(1001, Value::map()), place(3, 9));
  CHECK(refusal<Params>(map_of({{"layers", layers}})) ==
        "a.yaml:3:9: model m: layers: expected at most 1000 items, found a list of 1001");
}
