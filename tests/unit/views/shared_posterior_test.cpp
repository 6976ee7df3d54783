#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// Its posteriors do not depend on the sample, and have 1 in place of B.
class Ignorant final : public Model {
 public:
  Ignorant() { eval(); }
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {2}, Normal::unit({2}, torch::kCPU)},
            {"c", "categorical", {3}, Categorical::uniform(3, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto z = std::make_shared<Normal>(at::ones({1, 1, 2}), at::zeros({1, 1, 2}));
    const auto c =
        std::make_shared<Categorical>(at::tensor({0.1F, 0.2F, 0.7F}).log().view({1, 1, 3}));
    const auto of_each = [&](const Tensor& value) { return value.expand({1, batch.size(), -1}); };
    return {{"z", z, latents()[0].prior, of_each(z->rsample(draw).value), {}},
            {"c", c, latents()[1].prior, of_each(c->rsample(draw).value), {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto mean = values.at("z").unsqueeze(2).unsqueeze(2);
    return std::make_shared<Normal>(mean, at::zeros({1}));
  }
};

Split four_samples() {
  return known_split("test", at::zeros({4, 2}), at::tensor({2, 0, 2, 1}, at::kLong));
}

}  // namespace

TEST_CASE("a posterior that all samples share counts for each of them") {
  Ignorant model;
  const auto split = four_samples();
  const auto contingency = measure("{use: contingency}", model, split).at("contingency");
  CHECK(close(contingency, doubles({0, 0, 0, 0, 0, 0, 1, 1, 2}).view({3, 3})));
  const auto of = [&](const std::string& metric) {
    return number(measure("{use: " + metric + "}", model, split).at(metric));
  };
  CHECK(of("cluster_accuracy") == Approx(0.5));
  CHECK(of("accuracy") == Approx(0.5));
  CHECK(of("cross_entropy") == Approx(-(2 * std::log(0.7) + std::log(0.1) + std::log(0.2)) / 4));
  CHECK(of("posterior_entropy") ==
        Approx(-(0.7 * std::log(0.7) + 0.1 * std::log(0.1) + 0.2 * std::log(0.2))));
}

TEST_CASE("udr records a code for each sample, of a posterior that all share, too") {
  Ignorant model;
  const auto values = measure("{use: udr, images: 4, blocks: [z]}", model, four_samples());
  CHECK(close(values.at("udr_codes_per_image"), at::ones({4, 2})));
  // KL(N(1, 1) || N(0, 1)) = 1/2
  CHECK(close(values.at("udr_kl"), doubles({0.5, 0.5})));
}
