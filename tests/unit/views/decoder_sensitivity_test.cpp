#include <ATen/Functions.h>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// A code of the image itself, of which the first number is squared, the second tripled and put
/// into two pixels, and the third ignored.
class SquaringModel final : public Model {
 public:
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {3}, Normal::unit({3}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw&) override {
    const auto mean = batch.input.flatten(1).unsqueeze(0);
    const auto posterior = std::make_shared<Normal>(mean, at::zeros_like(mean));
    return {{"z", posterior, Normal::unit({3}, torch::kCPU), mean + 1, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto parts = values.at("z").split(1, -1);
    const auto mean = at::cat({parts[0].square(), 3 * parts[1], 3 * parts[1]}, -1);
    return std::make_shared<Normal>(mean, at::zeros({1}));
  }
};

Split rows_of(const Tensor& rows) {
  return Split("test", std::make_shared<MemorySamples>(rows.to(at::kFloat).contiguous()),
               at::arange(rows.size(0), at::kLong), Binarize::none);
}

}  // namespace

TEST_CASE("the decoder's sensitivity is the norm of its derivatives at the posterior means") {
  SquaringModel model;
  const auto codes = Draw(3).normal({40, 3}).to(at::kDouble);
  const auto values = measure("{use: decoder_sensitivity}", model, rows_of(codes));
  const auto& each = values.at("decoder_sensitivity_per_dimension");
  REQUIRE(each.sizes() == at::IntArrayRef({3}));
  const double squared = number(codes.select(1, 0).square().mean());
  CHECK(number(each[0]) == Approx(2 * std::sqrt(squared)).epsilon(1e-5));
  CHECK(number(each[1]) == Approx(std::sqrt(18.0)).epsilon(1e-5));
  CHECK(number(each[2]) == 0);
  CHECK(number(values.at("decoder_sensitivity")) ==
        Approx(std::sqrt(4 * squared + 18)).epsilon(1e-5));
}

TEST_CASE("the decoder's sensitivity keeps the category of each image") {
  KnownModel model(2, 3);
  const auto codes = Draw(3).normal({30, 2});
  const auto split = known_split("test", codes, {}, at::arange(30, at::kLong).remainder(3), 3);
  const auto values = measure("{use: decoder_sensitivity}", model, split);
  CHECK(number(values.at("decoder_sensitivity_per_dimension")[1]) == Approx(0.01).epsilon(1e-4));
}

TEST_CASE("the decoder's sensitivity is measured at a random subset of the images") {
  SquaringModel model;
  const auto codes = at::arange(300, at::kDouble).view({100, 3});
  const auto some = measure("{use: decoder_sensitivity, images: 20}", model, rows_of(codes));
  const auto first = measure("{use: decoder_sensitivity}", model, rows_of(codes.slice(0, 0, 20)));
  CHECK(number(some.at("decoder_sensitivity")) > 2 * number(first.at("decoder_sensitivity")));
}

TEST_CASE("a code that the decoder's sensitivity does not know is refused before it trains") {
  SquaringModel model;
  const auto split = rows_of(at::zeros({4, 3}));
  CHECK_THROWS_WITH(
      measure("{use: decoder_sensitivity, blocks: [zz]}", model, split),
      Catch::Matchers::ContainsSubstring("blocks") && Catch::Matchers::ContainsSubstring("'zz'"));
}
