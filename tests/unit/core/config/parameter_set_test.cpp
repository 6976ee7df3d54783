#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct ElboParams final : ParamSet {
  Real gamma{this, "gamma", 1, {0, 100}, "Weight of the distance."};
  Real beta{this, "beta", 1, {0, 100}, "Weight of the KL divergence."};
  Real capacity{this, "capacity", 0, {0, 100}, "In nats."};

 protected:
  void check() const override {
    if (beta.given() && gamma.given()) fail(gamma, "replaces beta; give one of the two");
    if (capacity() > 50) fail(beta, "is wrong for this capacity");
  }
};
struct Nothing final : ParamSet {};

std::string refused(const Value& map, const std::string& subject = "loss elbo") {
  ElboParams params;
  return message_of([&] { params.load(map, {nullptr, subject, {}, 0}); });
}
}  // namespace

TEST_CASE("an unknown key names the nearest known key") {
  Value map = Value::map({}, place(7, 8));
  map.set("bta", plain("1", place(7, 27)), {"experiments/beta.yaml", 7, 22});
  CHECK(refused(map) ==
        "experiments/beta.yaml:7:22: loss elbo: 'bta' is not a parameter. Did you mean 'beta'? "
        "Known: beta, capacity, gamma.");
}

TEST_CASE("an unknown key that is near to nothing lists the known ones") {
  CHECK(refused(map_of({{"warmup", plain("1")}})) ==
        "a.yaml:3:5: loss elbo: 'warmup' is not a parameter. Known: beta, capacity, gamma.");
}

TEST_CASE("an unknown key without a place is reported at its value") {
  Value map = Value::map();
  map.set("x", plain("1", place(9, 9)));
  CHECK(refused(map) ==
        "a.yaml:9:9: loss elbo: 'x' is not a parameter. Known: beta, capacity, gamma.");
}

TEST_CASE("a set without parameters says that it takes none") {
  CHECK(refusal<Nothing>(map_of({{"x", plain("1")}})) ==
        "a.yaml:3:5: model m: 'x' is not a parameter. It takes none.");
}

TEST_CASE("messages have no subject if none was given") {
  CHECK(refused(map_of({{"beta", plain("x")}}), "") ==
        "a.yaml:3:9: beta: expected a real number, found 'x'");
  CHECK(refused(map_of({{"y", plain("x")}}), "") ==
        "a.yaml:3:5: 'y' is not a parameter. Known: beta, capacity, gamma.");
}

TEST_CASE("parameters are read from a map or from nothing") {
  CHECK(refused(Value()).empty());
  CHECK(refused(plain("3")) == "a.yaml:3:9: loss elbo: expected a map of parameters, found 3");
  CHECK(refused(list_of({"3"})) ==
        "a.yaml:3:9: loss elbo: expected a map of parameters, found a list of 1");
}

TEST_CASE("rules between parameters are reported at the parameter, or at the map without it") {
  CHECK(refused(map_of({{"beta", plain("2")}, {"gamma", plain("3", place(4, 4))}})) ==
        "a.yaml:4:4: loss elbo: gamma: replaces beta; give one of the two");
  CHECK(refused(map_of({{"capacity", plain("60")}})) ==
        "a.yaml:2:1: loss elbo: beta: is wrong for this capacity");
}

TEST_CASE("an error carries its place") {
  ElboParams params;
  try {
    params.load(map_of({{"beta", plain("x", place(12, 34))}}), {});
    FAIL("nothing was thrown");
  } catch (const ConfigError& error) {
    CHECK(error.where().file == "a.yaml");
    CHECK(error.where().line == 12);
    CHECK(error.where().column == 34);
  }
}

TEST_CASE("the resolved parameters follow the order of declaration") {
  const ElboParams params;
  const Value resolved = params.resolved();
  REQUIRE(resolved.entries().size() == 3);
  CHECK(resolved.entries()[0].key == "gamma");
  CHECK(resolved.entries()[1].key == "beta");
  CHECK(resolved.entries()[2].key == "capacity");
}

TEST_CASE("resolved parameters can be loaded again and stay the same") {
  ElboParams first;
  first.load(map_of({{"beta", plain("0.25")}}), {});
  const Value resolved = first.resolved();
  Value without_gamma = resolved;
  without_gamma.erase("gamma");
  ElboParams second;
  second.load(without_gamma, {});
  CHECK(same_content(second.resolved(), resolved));
}

TEST_CASE("a set of parameters is loaded once") {
  ElboParams params;
  params.load(Value(), {});
  CHECK_THROWS_AS(params.load(Value(), {}), std::logic_error);
}

TEST_CASE("a parameter has a name of its own that can stand in a path") {
  struct Twice final : ParamSet {
    Real a{this, "beta", 1, {}, ""};
    Real b{this, "beta", 1, {}, ""};
  };
  struct Reserved final : ParamSet {
    Text use{this, "use", kUnset, ""};
  };
  struct Dotted final : ParamSet {
    Text a{this, "a.b", kUnset, ""};
  };
  CHECK(message_of<std::logic_error>([] { Twice(); }) == "two parameters are named 'beta'");
  CHECK(message_of<std::logic_error>([] { Reserved(); }) ==
        "'use' cannot be the name of a parameter");
  CHECK_THROWS_AS(Dotted(), std::logic_error);
}
