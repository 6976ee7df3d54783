#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/likelihood.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Build build() {
  Build build;
  build.data.image = {1, 2, 3};
  return build;
}

std::shared_ptr<Likelihood> make(const std::string& text) {
  return training::make<Likelihood>(training::configure(registry(), "likelihood", yaml(text)),
                                    build());
}

}  // namespace

TEST_CASE("the output for a mean gives that mean where a sigmoid makes the mean") {
  const auto mean = at::tensor({0.0F, 0.05F, 0.3F, 0.5F, 0.8F, 1.0F}).view({1, 2, 3});
  const auto check = [&](const std::string& text) {
    INFO(text);
    const auto likelihood = make(text);
    const auto output = likelihood->output_for_mean(mean);
    CHECK(output.isfinite().all().item<bool>());
    const auto found = likelihood->distribution(output.unsqueeze(0).unsqueeze(0))->mean();
    // The ends may be kept a little away from 0 and 1, where a logit is infinite.
    CHECK(close(found[0][0], mean, 1e-4, 2e-3));
    CHECK(close(found[0][0].flatten().slice(0, 1, 5), mean.flatten().slice(0, 1, 5), 1e-4));
  };
  check("{use: gaussian, mean: sigmoid}");
  check("{use: laplace, mean: sigmoid}");
}

TEST_CASE("a likelihood's scale is the standard deviation, or the scale of a Laplace") {
  const auto output = at::full({1, 1, 1, 2, 3}, 0.2);
  CHECK(close(make("{use: gaussian, scale: 0.5}")->distribution(output)->variance(),
              at::full({1}, 0.25)));
  CHECK(close(make("{use: laplace, scale: 0.5}")->distribution(output)->variance(),
              at::full({1}, 0.5)));
}

TEST_CASE("a scale is trained where that is asked for, with its gradient the textbook's") {
  CHECK(make("{use: gaussian}")->parameters().empty());
  CHECK(make("{use: gaussian}")->buffers().size() == 1);
  for (const auto* learned : {"shared", "per_pixel"}) {
    const auto made = make("{use: gaussian, scale: 0.5, learned: " + std::string(learned) + "}");
    REQUIRE(made->parameters().size() == 1);
    auto parameter = made->parameters()[0];
    REQUIRE(parameter.numel() == (learned == std::string("shared") ? 1 : 6));
    const auto distance = at::arange(6, at::kFloat).view({1, 1, 1, 2, 3}) / 10;
    made->distribution(at::zeros({1, 1, 1, 2, 3}))->log_prob(distance).sum().backward();
    // d ln N / d ln s = (x / s)^2 - 1
    const auto truth = (distance / 0.5).square() - 1;
    CHECK(close(parameter.grad().sum(), truth.sum()));
    if (parameter.numel() == 6) CHECK(close(parameter.grad(), truth[0][0]));
  }
}
