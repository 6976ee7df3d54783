#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <vector>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"

// What is measured on some images of a split takes random ones: a split may be sorted.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr std::int64_t kImages = 4000;

/// Pictures of two pixels, and which of them were read.
class WatchedSamples final : public Samples {
 public:
  WatchedSamples()
      : Samples(Annotations{.labels = at::arange(kImages, at::kLong).mul(4).floor_divide(kImages),
                            .factors = Draw(1).uniform({kImages, 2}).mul(3).floor()}) {}
  std::int64_t size() const override { return kImages; }
  std::vector<std::int64_t> event() const override { return {1, 1, 2}; }
  Tensor gather(const Tensor& index, torch::Device) const override {
    read.push_back(index);
    return values_.index_select(0, index);
  }
  mutable std::vector<Tensor> read;

 private:
  Tensor values_ = 0.5 + 0.01 * Draw(2).normal({kImages, 1, 1, 2});
};

/// The mean place of the images that were read, but for those that are looked at to learn of the
/// data.
template <class Look>
double mean_place(const Look& look) {
  const auto samples = std::make_shared<WatchedSamples>();
  const Split split("test", samples, at::arange(kImages), Binarize::none);
  KnownModel model(2);
  split.mean();
  samples->read.clear();
  look(model, split);
  const auto read = at::cat(samples->read);
  const auto places = std::get<0>(at::_unique(read.masked_select(read.gt(0))));
  INFO("places read: " << places.numel());
  CHECK(places.numel() < kImages / 2);
  return number(places.to(at::kDouble).mean());
}

/// Half way, and five standard errors of a hundred random places.
bool is_random(double place) {
  return std::abs(place - kImages / 2.0) < 5 * kImages / std::sqrt(1200.0);
}

}  // namespace

TEST_CASE("a metric of some images takes random ones") {
  const auto* const metric = GENERATE(
      "{use: nll, images: 100}", "{use: kl_parts, images: 100}", "{use: udr, images: 100}",
      "{use: imputation_error, count: 100}", "{use: gaussian_correlation, images: 100}",
      "{use: decoder_sensitivity, images: 100}", "{use: clustering, images: 100}",
      "{use: knn_accuracy, images: 100, train_images: 100}", "{use: mig, images: 100}",
      "{use: sap, images: 100, train_images: 100}",
      "{use: classification_accuracy_score, source: reconstructions, images: 100, "
      "train_images: 100, epochs: 1}",
      "{use: generation, images: 100, features: {use: classifier, train_images: 100, epochs: 1}}");
  INFO(metric);
  CHECK(is_random(
      mean_place([&](Model& model, const Split& split) { measure(metric, model, split); })));
}

TEST_CASE("a view of the codes of some images, or of their numbers, takes random ones") {
  const auto* const view = GENERATE(
      "{use: latent_scatter, count: 100}", "{use: latent_scatter, count: 100, space: pixels}",
      "{use: density_curve, count: 100}", "{use: density_contour, count: 100, space: data}",
      "{use: samples, fit_images: 100, prior: {use: gmm, components: 1}}",
      "{use: feature_reconstruction, count: 100}", "{use: heat_map, count: 100}",
      "{use: traversal, start: normal}");
  INFO(view);
  CHECK(is_random(mean_place([&](Model& model, const Split& split) { show(view, model, split); })));
}

TEST_CASE("kl_parts draws from the posteriors of random images") {
  // One half of the images shares a posterior, and those of the others do not overlap: a draw tells
  // ln 2 of its image, or ln n.
  constexpr std::int64_t kHalf = 400;
  const auto apart = at::arange(kHalf, at::kDouble).mul(50).add(50).unsqueeze(1);
  const auto codes = at::cat({at::zeros({kHalf, 1}, at::kDouble), apart});
  KnownModel model(1);
  const auto found =
      measure("{use: kl_parts, draws: 200}", model, known_split("test", codes.to(at::kDouble)));
  CHECK(number(found.at("kl_parts_mutual_information")) ==
        Approx(0.5 * std::log(2.0) + 0.5 * std::log(2.0 * kHalf)).margin(1));
}
