#include <ATen/Functions.h>

#include <cmath>
#include <string>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;

namespace {

/// Reconstructs zeros, and remembers what it was shown.
class Blank final : public Model {
 public:
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {1}, Normal::unit({1}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    mask = batch.mask;
    const auto none = at::zeros({1, batch.size(), 1});
    const auto z = std::make_shared<Normal>(none, none);
    return {{"z", z, Normal::unit({1}, torch::kCPU), z->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    return std::make_shared<Normal>(at::zeros({1, values.at("z").size(1), 5}), at::zeros({1}));
  }
  Tensor mask;
};

/// x ~ N((z, z), 1) of one number z, whose posterior is (nearly) its mean, (x0 + x1) / 2.
class Line final : public Model {
 public:
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {1}, Normal::unit({1}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    mask = batch.mask;
    const auto mean = batch.input.mean(1, true).unsqueeze(0);
    const auto z = std::make_shared<Normal>(mean, at::full_like(mean, -60));
    return {{"z", z, Normal::unit({1}, torch::kCPU), z->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    return std::make_shared<Normal>(values.at("z").expand({1, -1, 2}), at::zeros({1}));
  }
  Tensor mask;
};

Split rows(std::vector<DataBlock> blocks) {
  const auto category = at::arange(200, at::kLong).remainder(3);
  const auto values = at::cat({at::full({200, 2}, 2.0), at::one_hot(category, 3)}, 1);
  return Split("test",
               std::make_shared<MemorySamples>(values.to(at::kFloat).contiguous(),
                                               Annotations{.blocks = std::move(blocks)}),
               at::arange(200, at::kLong), Binarize::none);
}

}  // namespace

TEST_CASE("imputation_error hides a category with all its numbers, and numbers one by one") {
  Blank model;
  measure("{use: imputation_error, hidden: 0.5}", model,
          rows({{Domain::real, 2}, {Domain::categorical, 3}}));
  const auto of_category = model.mask.slice(1, 2);
  CHECK(at::equal(of_category.all(1), of_category.any(1)));
  CHECK_FALSE(at::equal(model.mask.select(1, 0), model.mask.select(1, 1)));
  const auto part = model.mask.select(1, 2).to(at::kFloat).mean().item<double>();
  CHECK((part > 0.4 && part < 0.6));
}

TEST_CASE("imputation_error is the root mean squared error of what is hidden alone") {
  Blank model;
  const auto found =
      measure("{use: imputation_error, hidden: 0.5}", model, rows({{Domain::real, 5}}));
  const auto hidden = model.mask.logical_not();
  Draw draw(1);
  const auto target = rows({{Domain::real, 5}}).slice(0, 200, draw).target.to(at::kDouble);
  const auto expected = target.masked_select(hidden).square().mean().sqrt().item<double>();
  CHECK(std::abs(found.at("imputation_error").item<double>() - expected) < 1e-9);
}

TEST_CASE("imputation_error shows the encoder its last reconstruction of what is hidden") {
  // Where x1 is hidden, the encoder sees (x0, 0) and the model says x0 / 2; then it sees (x0, x0 /
  // 2) and says 3/4 x0: after r rounds x0 (1 - 1 / 2^r). Where both are hidden it says 0.
  const auto values =
      at::stack({at::arange(200).remainder(5) + 1, 2 - at::arange(200).remainder(3)}, 1)
          .to(at::kFloat);
  const Split split(
      "test", std::make_shared<MemorySamples>(values, Annotations{.blocks = {{Domain::real, 2}}}),
      at::arange(200, at::kLong), Binarize::none);
  for (const int rounds : {1, 2, 3}) {
    Line model;
    const auto found =
        measure("{use: imputation_error, hidden: 0.5, rounds: " + std::to_string(rounds) + "}",
                model, split);
    double sum = 0;
    int count = 0, alone = 0;
    for (std::int64_t i = 0; i < 200; ++i)
      for (std::int64_t d = 0; d < 2; ++d) {
        if (model.mask[i][d].item<bool>()) continue;
        const bool other_is_seen = model.mask[i][1 - d].item<bool>();
        const double other = other_is_seen ? values[i][1 - d].item<double>() : 0;
        sum += std::pow(other * (1 - std::pow(0.5, rounds)) - values[i][d].item<double>(), 2);
        ++count;
        alone += other_is_seen;
      }
    INFO(rounds << " rounds");
    CHECK(alone > 50);
    CHECK(std::abs(found.at("imputation_error").item<double>() - std::sqrt(sum / count)) < 1e-5);
  }
}
