#include <stdexcept>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/draw.hpp"
#include "varia/networks.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("every activation is its formula") {
  const auto value = [](const char* name, double x) {
    return number(activate(doubles({x}), name));
  };
  for (const double x : {-2.0, -0.5, 0.0, 0.7, 3.0}) {
    const double sigmoid = 1 / (1 + std::exp(-x));
    CHECK(value("identity", x) == x);
    CHECK(value("relu", x) == std::max(x, 0.0));
    CHECK(value("leaky_relu", x) == Approx(x < 0 ? 0.2 * x : x));
    CHECK(value("elu", x) == Approx(x < 0 ? std::expm1(x) : x));
    CHECK(value("gelu", x) == Approx(x * 0.5 * std::erfc(-x / std::sqrt(2.0))));
    CHECK(value("silu", x) == Approx(x * sigmoid));
    CHECK(value("tanh", x) == Approx(std::tanh(x)));
    CHECK(value("sigmoid", x) == Approx(sigmoid));
    CHECK(value("softplus", x) == Approx(std::log1p(std::exp(x))));
  }
  CHECK(activation_names().size() == 9);
  CHECK_THROWS_AS(activate(doubles({1}), "sine"), std::invalid_argument);
}

TEST_CASE("connected layers are the sums of products, with the activation between them") {
  seed_default_generator(1);
  for (const bool activate_last : {false, true}) {
    const Mlp mlp({3, 4, 2}, "tanh", activate_last);
    REQUIRE(mlp.layer_count() == 2);
    auto values = std::vector<double>{0.5, -1, 2};
    const auto input = at::tensor(values, at::kFloat).view({1, 1, 3});
    for (std::size_t layer = 0; layer < 2; ++layer) {
      std::vector<double> next;
      for (std::int64_t out = 0; out < mlp.bias(layer).size(0); ++out) {
        double sum = number(mlp.bias(layer)[out]);
        for (std::size_t in = 0; in < values.size(); ++in)
          sum += values[in] * number(mlp.weight(layer)[out][static_cast<std::int64_t>(in)]);
        next.push_back(layer == 0 || activate_last ? std::tanh(sum) : sum);
      }
      values = next;
    }
    const auto output = mlp.forward(input);
    REQUIRE(output.sizes() == at::IntArrayRef({1, 1, 2}));
    CHECK(close(output.flatten(), doubles(values), 1e-5, 1e-6));
  }
}

TEST_CASE("the first parameters of a layer lie within one over the root of its inputs") {
  seed_default_generator(2);
  const Mlp mlp({400, 300, 10}, "relu", false);
  CHECK(number(mlp.weight(0).abs().max()) <= 0.05);
  CHECK(number(mlp.weight(0).abs().max()) > 0.0499);
  CHECK(number(mlp.weight(0).mean()) == Approx(0).margin(5 * 0.05 / std::sqrt(3 * 120'000.0)));
  CHECK(mlp.parameters().size() == 4);
}
