#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/codes.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr std::int64_t kPixels = 12;

/// Knows no moments, as the posterior of a flow.
class DrawsAlone final : public Distribution {
 public:
  explicit DrawsAlone(std::shared_ptr<const Normal> normal) : normal_(std::move(normal)) {}
  std::string_view family() const override { return "draws_alone"; }
  Sample rsample(Draw& draw) const override { return normal_->rsample(draw); }
  Tensor log_density(const Tensor& value) const override { return normal_->log_density(value); }

 private:
  std::shared_ptr<const Normal> normal_;
};

/// Decodes 0.5 + W z with a given W, and codes samples by its columns but for the last ones.
class LinearDecoder final : public Model {
 public:
  explicit LinearDecoder(const Tensor& columns, std::int64_t unused = 0, bool knows_means = true)
      : columns_(columns.to(at::kFloat)), unused_(unused), knows_means_(knows_means) {}
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {columns_.size(1)}, Normal::unit({columns_.size(1)}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto codes = 100 * (batch.input.flatten(1) - 0.5).matmul(columns_);
    codes.slice(1, columns_.size(1) - unused_).fill_(0);
    const auto posterior =
        std::make_shared<Normal>(codes.unsqueeze(0), at::zeros_like(codes).unsqueeze(0));
    if (!knows_means_)
      return {{"z",
               std::make_shared<DrawsAlone>(posterior),
               latents()[0].prior,
               posterior->rsample(draw).value,
               {}}};
    return {{"z", posterior, latents()[0].prior, posterior->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto mean = 0.5 + values.at("z").matmul(columns_.t());
    return std::make_shared<Normal>(mean.unsqueeze(2).unsqueeze(2), at::zeros({1}));
  }

 private:
  Tensor columns_;
  std::int64_t unused_;
  bool knows_means_;
};

/// [P, P] orthonormal columns.
Tensor directions() {
  return std::get<0>(at::linalg_qr(Draw(4).normal({kPixels, kPixels}).to(at::kDouble)));
}

/// Images whose first two principal components are the first two directions, exactly: each one
/// direction away from the mean, both ways.
/// @param copies of each image
Split planted(std::int64_t copies = 1) {
  const auto axes = directions().slice(1, 0, 4) * doubles({0.2, 0.1, 0.02, 0.01});
  const auto images = (0.5 + at::cat({axes.t(), -axes.t()})).repeat({copies, 1});
  return Split("train", std::make_shared<MemorySamples>(images.to(at::kFloat).contiguous()),
               at::arange(8 * copies, at::kLong), Binarize::none);
}

double angle_of(const Tensor& columns, std::int64_t unused = 0) {
  LinearDecoder model(columns, unused);
  return number(measure("{use: pca_angle}", model, planted()).at("pca_angle"));
}

}  // namespace

TEST_CASE("a decoder that spans the principal components has no angle to them") {
  const auto axes = directions();
  CHECK(angle_of(axes.slice(1, 0, 2)) == Approx(0).margin(0.01));
  // In any basis.
  const auto mixed = axes.slice(1, 0, 2).matmul(doubles({1, 2, -3, 0.5}).view({2, 2}));
  CHECK(angle_of(mixed) == Approx(0).margin(0.01));
}

TEST_CASE("the angle is the one by which a decoder's plane was turned") {
  const auto axes = directions();
  for (const double degrees : {0.5, 20.0, 60.0, 90.0}) {
    const double turn = degrees * std::numbers::pi / 180;
    const auto second = std::cos(turn) * axes.select(1, 1) + std::sin(turn) * axes.select(1, 2);
    const auto columns = at::stack({axes.select(1, 0), second}, 1);
    CHECK(angle_of(columns.matmul(doubles({1, 1, -1, 3}).view({2, 2}))) ==
          Approx(degrees).margin(0.02));
  }
  CHECK(angle_of(at::stack({axes.select(1, 2), axes.select(1, 3)}, 1)) == Approx(90));
}

TEST_CASE("columns that depend on each other count once") {
  const auto first = directions().select(1, 0);
  CHECK(angle_of(at::stack({first, 2 * first}, 1)) == Approx(0).margin(0.01));
  CHECK(std::isnan(angle_of(at::zeros({kPixels, 2}))));
}

TEST_CASE("a dimension that no sample uses does not count, however small the decoder made it") {
  const auto axes = directions();
  for (const double length : {0.01, 1.0}) {
    const auto columns =
        at::stack({5 * axes.select(1, 0), 3 * axes.select(1, 1), length * axes.select(1, 6)}, 1);
    CHECK(angle_of(columns, 1) == Approx(0).margin(0.01));
    LinearDecoder model(columns, 1);
    CHECK(number(measure("{use: pca_angle}", model, planted()).at("pca_angle_dimensions")) == 2);
  }
}

TEST_CASE("the noise of draws that stand for a mean is no use of a dimension") {
  const auto axes = directions();
  const auto columns =
      at::stack({5 * axes.select(1, 0), 3 * axes.select(1, 1), axes.select(1, 6)}, 1);
  LinearDecoder model(columns, 1, false);
  const auto split = planted(20);
  // The variance of 64 draws' mean, 1/64, is above that of a dimension that counts.
  Draw draw(3);
  REQUIRE(number(encode_split(model, split, 160, {}, draw).points.select(1, 2).var()) > 0.01);
  const auto values = measure("{use: pca_angle}", model, split);
  CHECK(number(values.at("pca_angle_dimensions")) == 2);
  CHECK(number(values.at("pca_angle")) == Approx(0).margin(0.01));
}

TEST_CASE("the angle of a model with categories is refused before it trains") {
  KnownModel model(2, 10);
  const auto split = planted();
  CHECK_THROWS_AS(measure("{use: pca_angle}", model, split), ConfigError);
  LinearDecoder wide(at::ones({kPixels, kPixels}));
  CHECK_THROWS_AS(measure("{use: pca_angle}", wide, split), ConfigError);
}
