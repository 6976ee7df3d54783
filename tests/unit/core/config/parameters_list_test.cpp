#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Params final : ParamSet {
  IntegerList hidden{this, "hidden", {400}, {1, 10000}, "Widths."};
  RealList scales{this, "scales", {}, {0, 1}, "Scales."};
  TextList names{this, "names", {"a"}, "Names."};
};
}  // namespace

TEST_CASE("lists have their defaults and are read item by item") {
  Params params;
  CHECK(params.hidden() == std::vector<std::int64_t>{400});
  CHECK(params.scales().empty());
  params.load(map_of({{"hidden", list_of({"400", "2e2"})},
                      {"scales", list_of({"0", "1e-1"})},
                      {"names", list_of({})}}),
              {});
  CHECK(params.hidden() == std::vector<std::int64_t>{400, 200});
  CHECK(params.scales() == std::vector<double>{0, 0.1});
  CHECK(params.names().empty());
  CHECK(params.resolved().canonical() ==
        R"({"hidden": [400, 200], "names": [], "scales": [0, 0.1]})");
}

TEST_CASE("texts in a list stay texts") {
  Params params;
  params.load(map_of({{"names", list_of({"1", "true", "x"})}}), {});
  CHECK(params.resolved().find("names")->canonical() == R"(["1", "true", "x"])");
}

TEST_CASE("a bad item of a list is named by its index and place") {
  CHECK(refusal<Params>(map_of({{"hidden", list_of({"1", "2", "abc"})}})) ==
        "a.yaml:3:12: model m: hidden[2]: expected a whole number, found 'abc'");
  CHECK(refusal<Params>(map_of({{"hidden", list_of({"0"})}})) ==
        "a.yaml:3:10: model m: hidden[0]: expected a whole number in [1, 10000], found 0");
  CHECK(refusal<Params>(map_of({{"scales", list_of({"0", "2"})}})) ==
        "a.yaml:3:11: model m: scales[1]: expected a real number in [0, 1], found 2");
  Value names = list_of({});
  names.push(Value::list({}, place(4, 1)));
  CHECK(refusal<Params>(map_of({{"names", names}})) ==
        "a.yaml:4:1: model m: names[0]: expected a text, found an empty list");
}

TEST_CASE("a value that is not a list is rejected") {
  CHECK(refusal<Params>(map_of({{"hidden", plain("400")}})) ==
        "a.yaml:3:9: model m: hidden: expected a list of whole numbers such as [400], found 400");
  CHECK(refusal<Params>(map_of({{"scales", plain("x")}})) ==
        "a.yaml:3:9: model m: scales: expected a list of real numbers, found 'x'");
  CHECK(refusal<Params>(map_of({{"names", Value::map({}, place(3, 9))}})) ==
        "a.yaml:3:9: model m: names: expected a list of texts, found an empty map");
}

TEST_CASE("the length of a list is bounded") {
  Value longest = Value::list(std::vector<Value>(100000, plain("1")), place(3, 9));
  CHECK(refusal<Params>(map_of({{"hidden", longest}})).empty());
  longest.push(plain("1"));
  CHECK(refusal<Params>(map_of({{"hidden", longest}})) ==
        "a.yaml:3:9: model m: hidden: expected at most 100000 items, found a list of 100001");
}

TEST_CASE("a default item out of range is the plugin author's error") {
  struct Wrong final : ParamSet {
    RealList list{this, "list", {0.5, 2}, {0, 1}, "Wrong."};
  };
  CHECK_THROWS_AS(Wrong(), std::logic_error);
}
