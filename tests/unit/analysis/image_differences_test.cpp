#include "analysis/image_differences.hpp"

#include <cmath>

#include "analysis/comparison.hpp"
#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;
using Catch::Approx;
using results::TrialState;

namespace {

using Values = std::vector<double>;

/// A trial whose metric test/nll is the mean of its values for each image.
MadeTrial trial(double beta, std::int64_t replicate, const Values& images, double latent = 2) {
  MadeTrial made{.swept = {{"loss.beta", beta}, {"model.latent", latent}},
                 .replicate = replicate,
                 .metrics = {{"test/nll", statistics::mean(images)}}};
  if (!images.empty()) made.arrays["test/nll_per_image"] = images;
  return made;
}

/// Of the setting that is not the reference, beta 1.
std::optional<ImageDifference> difference(const std::vector<MadeTrial>& trials,
                                          const std::vector<std::string>& over = {}) {
  const MadeResults made(trials);
  ComparisonRequest request;
  request.metrics = {"test/nll"};
  request.over = over;
  request.against_values = {{"loss.beta", "1"}};
  for (const auto& setting : compare(*made, request).settings)
    if (setting.values.front() != "1") return setting.estimates.front().image_difference;
  return std::nullopt;
}

}  // namespace

TEST_CASE("settings differ image by image, by the mean over the seeds that both have") {
  const auto found = difference({trial(1, 0, {90, 110, 70, 130}), trial(1, 1, {92, 108, 74, 126}),
                                 trial(1, 2, {0, 0, 0, 0}), trial(4, 0, {91, 112, 70, 133}),
                                 trial(4, 1, {95, 110, 76, 131})});
  REQUIRE(found.has_value());
  // (1 + 3) / 2, (2 + 2) / 2, (0 + 2) / 2, (3 + 5) / 2: 2, 2, 1, 4, whose deviation is
  // sqrt(4.75 / 3). The quantile 0.975 of Student's distribution of 3 degrees is 3.182446305284263.
  const double half = 3.182446305284263 * std::sqrt(4.75 / 3) / 2;
  CHECK(found->images == 4);
  CHECK(found->mean == Approx(2.25));
  CHECK(found->interval.low == Approx(2.25 - half));
  CHECK(found->interval.high == Approx(2.25 + half));
}

TEST_CASE("the interval over images does not see what images have in common") {
  // As far apart as images are, every one of them is worse by 1, but for a thousandth.
  Values one, other;
  for (int i = 0; i < 50; ++i) {
    one.push_back(100 + 40 * std::sin(i));
    other.push_back(one.back() + 1 + 1e-3 * std::cos(i));
  }
  const auto found = difference({trial(1, 0, one), trial(4, 0, other)});
  REQUIRE(found.has_value());
  CHECK(found->interval.low > 0.999);
  CHECK(found->interval.high < 1.001);
}

TEST_CASE("of pooled values the images have the mean that is listed as the difference") {
  // Two seeds of latent 2, one of latent 3: each latent counts once.
  const std::vector<MadeTrial> trials = {trial(1, 0, {10, 20}),    trial(1, 1, {12, 26}),
                                         trial(1, 0, {30, 40}, 3), trial(4, 0, {11, 24}),
                                         trial(4, 1, {15, 30}),    trial(4, 0, {34, 46}, 3)};
  const auto found = difference(trials, {"model.latent"});
  REQUIRE(found.has_value());
  // ((1 + 3) / 2 + 4) / 2 and ((4 + 4) / 2 + 6) / 2
  CHECK(found->mean == Approx((3.0 + 5.0) / 2));
  CHECK(found->interval.high - found->interval.low == Approx(2 * 12.706204736432095));
}

TEST_CASE("there is no difference over images where a trial has none, or others") {
  CHECK_FALSE(difference({trial(1, 0, {1, 2}), trial(4, 0, {1, 2, 3})}).has_value());
  auto without = trial(4, 0, {1, 2});
  without.arrays.clear();
  CHECK_FALSE(difference({trial(1, 0, {1, 2}), without}).has_value());
  auto failed = trial(4, 0, {1, 2});
  failed.status = TrialState::failed;
  CHECK_FALSE(difference({trial(1, 0, {1, 2}), failed, trial(4, 1, {1, 2})}).has_value());
}
