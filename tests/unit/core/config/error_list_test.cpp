#include "varia/error_list.hpp"

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
  Boolean bias{this, "bias", false, "A bias."};
  IntegerList hidden{this, "hidden", {400}, {1, 9999}, "Widths."};
  RecordList<Layer> layers{this, "layers", "Layers."};
};

}  // namespace

TEST_CASE("a list without errors raises nothing, and one error is raised as it is") {
  ErrorList errors;
  errors.collect([] {});
  CHECK(errors.is_empty());
  CHECK_NOTHROW(errors.raise());
  errors.add({place(3, 1), "is wrong"});
  CHECK(!errors.is_empty());
  CHECK(message_of([&] { errors.raise(); }) == "a.yaml:3:1: is wrong");
}

TEST_CASE("several errors are raised in the order of the file, each once") {
  ErrorList inner;
  inner.add({place(9, 2), "third"});
  inner.add({place(2, 1), "first"});
  ErrorList errors;
  errors.collect([&] { inner.raise(); });
  errors.add({place(9, 1), "second"});
  errors.collect([&] { inner.raise(); });
  CHECK(message_of([&] { errors.raise(); }) ==
        "a.yaml:2:1: first\na.yaml:9:1: second\na.yaml:9:2: third");
}

TEST_CASE("of very many errors the first are spelled out") {
  ErrorList errors;
  for (int line = 1; line <= 1000; ++line) errors.add({place(line, 1), "is wrong"});
  const auto message = message_of([&] { errors.raise(); });
  CHECK(message.starts_with("a.yaml:1:1: is wrong\na.yaml:2:1: is wrong\n"));
  CHECK(message.ends_with("\n... and 950 more"));
}

TEST_CASE("all that is wrong in a map of parameters is told at once") {
  auto layers = Value::list(
      {map_of({{"width", plain("0", place(7, 1))}}), map_of({{"wdth", plain("1", place(8, 1))}})},
      place(6, 1));
  CHECK(refusal<Params>(
            map_of({{"latent", plain("four", place(4, 1))},
                    {"bais", plain("true")},
                    {"hidden", Value::list({plain("0", place(5, 1)), plain("3", place(5, 4)),
                                            plain("x", place(5, 7))},
                                           place(5, 1))},
                    {"layers", layers}})) ==
        "a.yaml:3:5: model m: 'bais' is not a parameter. Did you mean 'bias'? Known: bias, hidden, "
        "latent, layers.\n"
        "a.yaml:3:5: model m: layers[1]: 'wdth' is not a parameter. Did you mean 'width'? Known: "
        "width.\n"
        "a.yaml:4:1: model m: latent: expected a whole number, found 'four'\n"
        "a.yaml:5:1: model m: hidden[0]: expected a whole number in [1, 9999], found 0\n"
        "a.yaml:5:7: model m: hidden[2]: expected a whole number, found 'x'\n"
        "a.yaml:7:1: model m: layers[0]: width: expected a whole number in [1, 1000], found 0");
}
