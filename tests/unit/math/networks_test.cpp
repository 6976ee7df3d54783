#include <stdexcept>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/draw.hpp"
#include "varia/evaluation_mode.hpp"
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

namespace {

/// LayerParams, of which one may be given.
struct Layers {
  Layers() { params.load(Value::map(), {}); }
  Layers(const std::string& name, const std::string& value) {
    params.load(Value::map({{name, Value::scalar(value, false), {}}}), {});
  }
  LayerParams params;
};

}  // namespace

TEST_CASE("normalisation over the batch gives columns of mean 0 and variance 1") {
  Normalisation normalisation(3, true);
  Draw draw(1);
  const auto values = 5 + 2 * draw.normal({2, 50, 3});
  const auto rows = normalisation.forward(values, false).flatten(0, 1);
  CHECK(close(rows.mean(0), at::zeros({3}), 0, 1e-5));
  CHECK(close(rows.var(0, false), at::ones({3}), 1e-4));
}

TEST_CASE("in evaluation the running statistics of the batches normalise") {
  Normalisation normalisation(2, true);
  Draw draw(1);
  const auto values = 5 + 2 * draw.normal({1, 40, 2});
  normalisation.forward(values, false);
  normalisation.eval();
  // A tenth of the batch's own, with n - 1 in the variance, and nine tenths of 0 and 1.
  const auto mean = 0.1 * values[0].mean(0);
  const auto variance = 0.9 + 0.1 * values[0].var(0, true);
  const auto truth = (values - mean) / (variance + 1e-5).sqrt();
  CHECK(close(normalisation.forward(values, false), truth, 1e-5, 1e-5));
  CHECK(
      close(normalisation.forward(values.slice(1, 0, 1), false), truth.slice(1, 0, 1), 1e-5, 1e-5));
}

TEST_CASE("a training batch of one sample is normalised by the running statistics") {
  Normalisation normalisation(2, true);
  const auto one = at::tensor({3.0F, -1.0F}).view({1, 1, 2});
  CHECK(close(normalisation.forward(one, false), one / std::sqrt(1 + 1e-5), 1e-6, 1e-6));
  normalisation.eval();
  CHECK(close(normalisation.forward(one, false), one / std::sqrt(1 + 1e-5), 1e-6, 1e-6));
}

TEST_CASE("normalisation over a sample does not depend on the others") {
  Draw draw(2);
  const auto values = 5 + 2 * draw.normal({1, 4, 30});
  const auto found = Normalisation(30, false).forward(values, false);
  CHECK(close(found.mean(-1), at::zeros({1, 4}), 0, 1e-5));
  CHECK(close(found.var(-1, false), at::ones({1, 4}), 1e-4));
  const auto pictures = 5 + 2 * draw.normal({3, 2, 4, 4});
  const auto of_pictures = Normalisation(2, false).forward(pictures, true).flatten(1);
  CHECK(close(of_pictures.mean(-1), at::zeros({3}), 0, 1e-5));
}

TEST_CASE("over pictures, a channel is normalised over the batch and its pixels") {
  Draw draw(2);
  const auto found = Normalisation(2, true).forward(5 + 2 * draw.normal({8, 2, 4, 4}), true);
  CHECK(close(found.mean({0, 2, 3}), at::zeros({2}), 0, 1e-5));
  CHECK(close(found.var({0, 2, 3}, false), at::ones({2}), 1e-4));
}

TEST_CASE("layers without options are the layers that they were") {
  const auto output = [](auto&&... options) {
    seed_default_generator(1);
    return Mlp({3, 4, 2}, "tanh", false, options...).forward(at::ones({1, 5, 3}));
  };
  CHECK(output().equal(output(Layers().params)));
}

TEST_CASE("a residual layer adds its input where the widths are equal") {
  seed_default_generator(1);
  const Mlp residual({3, 3, 2}, "tanh", false, Layers("residual", "true").params);
  seed_default_generator(1);
  const Mlp plain({3, 3, 2}, "tanh", false);
  const auto input = at::tensor({0.5F, -1.0F, 2.0F}).view({1, 1, 3});
  const auto hidden = input + (input.matmul(plain.weight(0).t()) + plain.bias(0)).tanh();
  CHECK(close(residual.forward(input), hidden.matmul(plain.weight(1).t()) + plain.bias(1), 1e-5,
              1e-6));
}

TEST_CASE("dropout leaves its part out in training, and nothing in evaluation") {
  seed_default_generator(1);
  Mlp mlp({10, 20'000}, "identity", true, Layers("dropout", "0.25").params);
  const auto input = at::ones({1, 1, 10});
  const auto trained = mlp.forward(input);
  // Five standard errors.
  CHECK(number(trained.eq(0).to(at::kFloat).mean()) == Approx(0.25).margin(0.0154));
  mlp.eval();
  const auto evaluated = mlp.forward(input);
  const auto kept = trained.ne(0);
  CHECK(close(trained.masked_select(kept), evaluated.masked_select(kept) / 0.75, 1e-5));
}

TEST_CASE("initial weights have the variance of their rule, and biases are zero") {
  const auto variance = [](const std::string& rule) {
    seed_default_generator(3);
    const Mlp mlp({300, 200}, "relu", false, Layers("initialisation", rule).params);
    CHECK(number(mlp.bias(0).abs().max()) == 0);
    return number(mlp.weight(0).var());
  };
  CHECK(variance("glorot_uniform") == Approx(2.0 / 500).epsilon(0.03));
  CHECK(variance("he_normal") == Approx(2.0 / 300).epsilon(0.03));
  for (const auto& sizes : {std::vector<std::int64_t>{300, 200}, {200, 300}}) {
    const Mlp mlp(sizes, "relu", false, Layers("initialisation", "orthogonal").params);
    const auto& weight = mlp.weight(0);
    const auto product =
        weight.size(0) < weight.size(1) ? weight.matmul(weight.t()) : weight.t().matmul(weight);
    CHECK(close(product, at::eye(200), 1e-4, 1e-5));
  }
}

TEST_CASE("evaluation mode ends with the mode that each part had, after an error too") {
  const auto module = [] { return std::make_shared<torch::nn::Module>(); };
  torch::nn::Module whole;
  const auto trained = whole.register_module("trained", module());
  const auto frozen = whole.register_module("frozen", module());
  const auto part_of_frozen = frozen->register_module("part", module());
  frozen->eval();
  const auto modes = [&] {
    return std::vector<bool>{whole.is_training(), trained->is_training(), frozen->is_training(),
                             part_of_frozen->is_training()};
  };
  try {
    const EvaluationMode evaluating(whole);
    CHECK(modes() == std::vector<bool>(4, false));
    throw std::invalid_argument("the model cannot be tried");
  } catch (const std::invalid_argument&) {
    CHECK(modes() == std::vector<bool>{true, true, false, false});
  }
}
