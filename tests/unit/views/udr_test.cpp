#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"

// What the metric udr records; framework/analysis computes the ranking from it.

using namespace varia;
using namespace varia::test;

namespace {

/// Pictures of known_split of which the first two numbers are the posterior's means, and the other
/// two its log-variances.
class Written final : public Model {
 public:
  Written() { eval(); }
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {2}, Normal::unit({2}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto numbers = codes_in(batch.input, 4).unsqueeze(0).to(at::kFloat);
    const auto z = std::make_shared<Normal>(numbers.slice(2, 0, 2), numbers.slice(2, 2, 4));
    return {{"z", z, latents()[0].prior, z->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    return std::make_shared<Normal>(values.at("z").unsqueeze(2).unsqueeze(2), at::zeros({1}));
  }
};

/// [n, 4], the columns of which differ in their means and variances.
Tensor planted(std::int64_t n) {
  const auto offsets = doubles({0.5, -1, -2, 1}), scales = doubles({2, 0.3, 0.4, 0.2});
  return offsets + scales * Draw(3).normal({n, 4}).to(at::kDouble);
}

/// KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1 - ln s^2) / 2, the mean over the images.
Tensor divergence(const Tensor& numbers) {
  const auto mean = numbers.slice(1, 0, 2), log_variance = numbers.slice(1, 2, 4);
  return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(0);
}

}  // namespace

TEST_CASE("udr records the posterior means and KL divergences of a model that is known") {
  const auto numbers = planted(700);  // more than are encoded at once
  Written model;
  const auto found = measure("{use: udr}", model, known_split("test", numbers));
  REQUIRE(found.size() == 2);
  CHECK(same_codes(found.at("udr_codes_per_image"), numbers.slice(1, 0, 2)));
  CHECK(close(found.at("udr_kl"), divergence(numbers), 1e-4));
}

TEST_CASE("udr records some of the images, the same ones of every model") {
  const auto numbers = planted(60);
  const auto chosen = numbers.index_select(0, random_places(60, 20, "images of metric udr"));
  Written model;
  const auto found = measure("{use: udr, images: 20}", model, known_split("test", numbers));
  CHECK(same_codes(found.at("udr_codes_per_image"), chosen.slice(1, 0, 2)));
  CHECK(close(found.at("udr_kl"), divergence(chosen), 1e-4));
  // Another model, of the same images as four codes with unit variances, without its category.
  KnownModel other(4, 3);
  const auto categories = at::arange(60, at::kLong).remainder(3);
  const auto codes =
      measure("{use: udr, images: 20}", other, known_split("test", numbers, {}, categories, 3));
  CHECK(same_codes(codes.at("udr_codes_per_image"), chosen));
  CHECK(close(codes.at("udr_kl"), 0.5 * chosen.square().mean(0), 1e-4));
}

TEST_CASE("udr refuses a code that is not Gaussian") {
  KnownModel model(2, 3);
  const auto split = known_split("test", at::zeros({6, 2}), {}, at::arange(6).remainder(3), 3);
  CHECK_THROWS_WITH(measure("{use: udr, blocks: [c]}", model, split),
                    Catch::Matchers::ContainsSubstring("'c' is not"));
}
