#include <limits>
#include <optional>
#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Params final : ParamSet {
  Integer latent{this, "latent", 10, {1, 4096}, "Dimensions."};
  Integer count{this, "count", kUnset, {}, "Any count."};
  Integer most{this, "most", kUnset, {.max = 9}, "At most nine."};
  Real rate{this, "rate", 0.1, {0, 1}, "A rate."};
  Real limit{this, "limit", kUnset, {0, kInfinity}, "May be infinite."};
  Boolean bias{this, "bias", true, "A bias."};
  Text path{this, "path", "data", "A path."};
  Text label{this, "label", kUnset, "A label."};
};
}  // namespace

TEST_CASE("scalars have their defaults without a load") {
  const Params params;
  CHECK(params.latent() == 10);
  CHECK(params.rate() == 0.1);
  CHECK(params.bias());
  CHECK(params.path() == "data");
  CHECK_FALSE(params.count.has_value());
  CHECK_FALSE(params.limit.has_value());
  CHECK_FALSE(params.label.has_value());
  CHECK_THROWS_AS(params.count(), std::bad_optional_access);
  CHECK_THROWS_AS(params.limit(), std::bad_optional_access);
  CHECK_THROWS_AS(params.label(), std::bad_optional_access);
  CHECK(params.resolved().canonical() ==
        R"({"bias": true, "latent": 10, "path": "data", "rate": 0.1})");
}

TEST_CASE("scalars are read by their type") {
  Params params;
  params.load(map_of({{"latent", plain("1e3")},
                      {"count", plain("-5")},
                      {"rate", plain("1e-3")},
                      {"limit", plain(".inf")},
                      {"bias", plain("false")},
                      {"path", plain("true")},
                      {"label", plain("7", place(8, 3))}}),
              {});
  CHECK(params.latent() == 1000);
  CHECK(params.count() == -5);
  CHECK(params.rate() == 1e-3);
  CHECK(params.limit() == kInfinity);
  CHECK_FALSE(params.bias());
  CHECK(params.path() == "true");
  CHECK(params.label() == "7");
  CHECK(params.label.given());
  CHECK(params.label.where().text() == "a.yaml:8:3");
  CHECK_FALSE(params.most.given());
  CHECK(params.resolved().canonical() ==
        R"({"bias": false, "count": -5, "label": "7", "latent": 1000, "limit": ".inf", )"
        R"("path": "true", "rate": 0.001})");
}

TEST_CASE("the resolved value does not depend on how a number was written") {
  Params a;
  a.load(map_of({{"rate", plain("1")}, {"latent", plain("20")}}), {});
  Params b;
  b.load(map_of({{"latent", plain("2e1")}, {"rate", plain("1.0")}}), {});
  CHECK(a.resolved().canonical() == b.resolved().canonical());
}

TEST_CASE("a value of the wrong type is rejected with its place") {
  const auto refused = [](const char* key, const Value& value) {
    return refusal<Params>(map_of({{key, value}}));
  };
  const std::string model = "a.yaml:3:9: model m: ";
  CHECK(refused("latent", plain("abc")) == model + "latent: expected a whole number, found 'abc'");
  CHECK(refused("latent", plain("1.5")) == model + "latent: expected a whole number, found 1.5");
  CHECK(refused("latent", list_of({"1", "2"})) ==
        model + "latent: expected a whole number, found a list of 2");
  CHECK(refused("rate", plain("fast")) == model + "rate: expected a real number, found 'fast'");
  CHECK(refused("rate", Value(place(3, 9))) ==
        model + "rate: expected a real number, found nothing");
  CHECK(refused("rate", Value::scalar("1", true, place(3, 9))) ==
        model + "rate: expected a real number, found the text '1'");
  CHECK(refused("bias", plain("yes")) == model + "bias: expected true or false, found 'yes'");
  CHECK(refused("path", list_of({})) == model + "path: expected a text, found an empty list");
}

TEST_CASE("a number out of range is rejected with the range") {
  const auto refused = [](const char* key, const char* text) {
    return refusal<Params>(map_of({{key, plain(text)}}));
  };
  const std::string model = "a.yaml:3:9: model m: ";
  CHECK(refused("latent", "0") == model + "latent: expected a whole number in [1, 4096], found 0");
  CHECK(refused("latent", "4097") ==
        model + "latent: expected a whole number in [1, 4096], found 4097");
  for (const char* number : {"18446744073709551615", "1e30", "-1e30"})
    CHECK(refused("latent", number) ==
          model + "latent: expected a whole number in [1, 4096], found " + number);
  CHECK(refused("most", "10") == model + "most: expected a whole number of at most 9, found 10");
  CHECK(refused("rate", "1.01") == model + "rate: expected a real number in [0, 1], found 1.01");
  CHECK(refused("limit", "-1") == model + "limit: expected a real number of at least 0, found -1");
  CHECK(refused("latent", "1").empty());
  CHECK(refused("latent", "4096").empty());
}

TEST_CASE("NaN is never a value, an infinity only if the range has one") {
  CHECK(refusal<Params>(map_of({{"limit", plain(".nan")}})) ==
        "a.yaml:3:9: model m: limit: expected a real number, found .nan");
  CHECK(refusal<Params>(map_of({{"rate", plain(".inf")}})) ==
        "a.yaml:3:9: model m: rate: expected a real number in [0, 1], found .inf");
  CHECK(refusal<Params>(map_of({{"limit", plain(".inf")}})).empty());
}

TEST_CASE("a value without a place is reported at the map around it") {
  CHECK(refusal<Params>(map_of({{"latent", Value::text("x")}})) ==
        "a.yaml:2:1: model m: latent: expected a whole number, found the text 'x'");
}

TEST_CASE("a default out of range is the plugin author's error") {
  struct Whole final : ParamSet {
    Integer n{this, "n", 0, {1, 9}, "Wrong."};
  };
  struct Fraction final : ParamSet {
    Real x{this, "x", 2, {0, 1}, "Wrong."};
  };
  CHECK(message_of<std::logic_error>([] { Whole(); }) ==
        "parameter 'n': its default 0 is out of range: [1, 9]");
  CHECK(message_of<std::logic_error>([] { Fraction(); }) ==
        "parameter 'x': its default 2 is out of range: [0, 1]");
}
