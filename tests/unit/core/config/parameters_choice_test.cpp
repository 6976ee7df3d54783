#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct GaussianNoise final : ParamSet {
  Real scale{this, "scale", 0.3, {0, 10}, "Standard deviation."};
};
struct Params final : ParamSet {
  Choice activation{this, "activation", "relu", {"relu", "tanh", "gelu"}, "Nonlinearity."};
  Variant corrupt{this,
                  "corrupt",
                  "none",
                  {{"none", nullptr}, Variant::option<GaussianNoise>("gaussian")},
                  "Noise on the input."};
};
struct NoisyDefault final : ParamSet {
  Variant corrupt{
      this, "corrupt", "gaussian", {Variant::option<GaussianNoise>("gaussian")}, "Noise."};
};
}  // namespace

TEST_CASE("a choice is one of its words") {
  Params params;
  CHECK(params.activation.is("relu"));
  params.load(map_of({{"activation", plain("tanh")}}), {});
  CHECK(params.activation() == "tanh");
  CHECK(params.resolved().find("activation")->text() == "tanh");
}

TEST_CASE("a word that is not an option is rejected with the options and the nearest") {
  CHECK(refusal<Params>(map_of({{"activation", plain("rellu")}})) ==
        "a.yaml:3:9: model m: activation: expected relu, tanh or gelu, found 'rellu'. Did you mean "
        "'relu'?");
  CHECK(refusal<Params>(map_of({{"activation", plain("swish")}})) ==
        "a.yaml:3:9: model m: activation: expected relu, tanh or gelu, found 'swish'");
  CHECK(refusal<Params>(map_of({{"activation", list_of({"relu"})}})) ==
        "a.yaml:3:9: model m: activation: expected relu, tanh or gelu, found a list of 1");
}

TEST_CASE("a variant is a word alone") {
  Params params;
  CHECK(params.corrupt.is("none"));
  params.load(map_of({{"corrupt", plain("gaussian")}}), {});
  REQUIRE(params.corrupt() == "gaussian");
  CHECK(params.corrupt.params<GaussianNoise>().scale() == 0.3);
}

TEST_CASE("a variant is a map with use and the parameters of the word") {
  Params params;
  params.load(map_of({{"corrupt", map_of({{"scale", plain("1")}, {"use", plain("gaussian")}})}}),
              {});
  CHECK(params.corrupt.params<GaussianNoise>().scale() == 1);
  CHECK(params.resolved().find("corrupt")->canonical() == R"({"scale": 1, "use": "gaussian"})");
}

TEST_CASE("the default of a variant has its parameters") {
  NoisyDefault params;
  params.load(Value(), {});
  CHECK(params.corrupt.params<GaussianNoise>().scale() == 0.3);
}

TEST_CASE("a variant rejects unknown words, missing words and what the word does not take") {
  const auto refused = [](const Value& value) {
    return refusal<Params>(map_of({{"corrupt", value}}));
  };
  CHECK(refused(plain("gausian")) ==
        "a.yaml:3:9: model m: corrupt: expected none or gaussian, found 'gausian'. Did you mean "
        "'gaussian'?");
  CHECK(refused(map_of({{"use", plain("salt", place(5, 2))}})) ==
        "a.yaml:5:2: model m: corrupt: expected none or gaussian, found 'salt'");
  CHECK(refused(map_of({{"scale", plain("1")}})) ==
        "a.yaml:2:1: model m: corrupt: expected none or gaussian, found a map without 'use'");
  CHECK(refused(map_of({{"use", plain("gaussian")}, {"scale", plain("11")}})) ==
        "a.yaml:3:9: model m: corrupt gaussian: scale: expected a real number in [0, 10], found "
        "11");
  CHECK(refused(map_of({{"use", plain("none")}, {"scale", plain("1")}})) ==
        "a.yaml:3:5: model m: corrupt none: 'scale' is not a parameter. It takes none.");
}

TEST_CASE("a default that is not an option is the plugin author's error") {
  struct WrongChoice final : ParamSet {
    Choice choice{this, "choice", "c", {"a", "b"}, "Wrong."};
  };
  struct WrongVariant final : ParamSet {
    Variant variant{this, "variant", "c", {{"a", nullptr}}, "Wrong."};
  };
  CHECK(message_of<std::logic_error>([] { WrongChoice(); }) ==
        "parameter 'choice': its default 'c' is not one of its options");
  CHECK_THROWS_AS(WrongVariant(), std::logic_error);
}
