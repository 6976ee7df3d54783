#include <ATen/Functions.h>

#include <cmath>

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
