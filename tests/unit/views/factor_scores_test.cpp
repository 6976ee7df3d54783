#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "beta_vae_score.hpp"
#include "boosted_trees.hpp"
#include "dci.hpp"
#include "explicitness.hpp"
#include "factor_information.hpp"
#include "factor_metric.hpp"
#include "factor_vae_score.hpp"
#include "irs.hpp"
#include "known_model.hpp"
#include "neighbour_information.hpp"
#include "sap.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/codes.hpp"

// Which images the scores of factors encode, and how they pass their parameters on: each value is
// that of the function in plugins/metrics/shared on the same codes. tests/unit/metrics has these
// functions' mathematics.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr std::int64_t kFactors = 3;  // the last of which does not vary
const std::vector<std::size_t> kVarying = {0, 1};

/// Codes that tell of factors with 3 and with 6 values, under noise.
Split coded(const std::string& name, std::int64_t count, double noise, std::uint64_t key) {
  Draw draw(key);
  const auto first = draw.uniform({count}).mul(3).floor();
  const auto second = draw.uniform({count}).mul(6).floor();
  const auto away = noise * draw.normal({3, count});
  const auto codes = at::stack(
      {first + away[0], 0.5 * (first + second) + away[1], 0.1 * second + 0.05 * away[2]}, 1);
  const auto images = (0.5 + 0.01 * codes).view({count, 1, 1, 3}).contiguous();
  return Split(
      name,
      std::make_shared<MemorySamples>(
          images, Annotations{.factors = at::stack({first, second, at::full_like(first, 7)}, 1)}),
      at::arange(count, at::kLong), Binarize::none);
}

/// The codes of both splits, and what is measured on them.
struct PlantedCodes {
  PlantedCodes() : train(coded("train", 300, 0.3, 1)), test(coded("test", 200, 0.8, 2)), model(3) {}

  double operator()(const std::string& metric) {
    const auto use = metric.substr(0, metric.find(','));
    return number(values(metric).at(use));
  }
  Values values(const std::string& metric) {
    return measure("{use: " + metric + "}", model, train, test);
  }

  metrics::FactorCodes codes(const Split& split, std::int64_t images, Draw& draw) {
    return of({encode_split(model, split, images, {}, draw)});
  }
  /// Of `train_images` and `images`, with the factors that vary.
  metrics::LearnedFactorCodes both(std::int64_t train_images, std::int64_t images, Draw& draw) {
    auto learned = encode_split(model, train, train_images, {}, draw);
    auto judged = encode_split(model, test, images, {}, draw);
    const auto count = static_cast<std::size_t>(learned.points.size(0));
    const auto all = metrics::with_factors(of({std::move(learned), std::move(judged)}), kVarying);
    return {metrics::slice(all, 0, count), metrics::slice(all, count, all.count)};
  }

  Split train, test;
  KnownModel model;

 private:
  static metrics::FactorCodes of(const std::vector<Codes>& parts) {
    std::vector<double> points;
    std::vector<float> factors;
    for (const auto& part : parts)
      for (std::int64_t i = 0; i < part.points.size(0); ++i) {
        for (std::int64_t d = 0; d < 3; ++d) points.push_back(number(part.points[i][d]));
        for (std::int64_t f = 0; f < kFactors; ++f)
          factors.push_back(static_cast<float>(number(part.factors[i][f])));
      }
    return metrics::factor_codes(points, factors, points.size() / 3);
  }
};

Draw stream() { return Draw(kMeasureKey); }

/// That a value is `expected`, and none of those of other parameters.
void check_value(double found, double expected, const std::vector<double>& others) {
  CHECK(found == Approx(expected).margin(1e-9).epsilon(0));
  for (const double other : others) {
    INFO("of other parameters: " << other);
    CHECK(std::abs(expected - other) > 1e-6);
  }
}

}  // namespace

TEST_CASE("scores of information take their estimator, bins and neighbours, and so many images") {
  const at::NoGradGuard no_grad;
  PlantedCodes measured;
  // `chosen`: of factors.
  const auto binned = [&](std::int64_t bins, std::int64_t images = 150,
                          const std::vector<std::size_t>& chosen = {0, 1, 2}) {
    auto draw = stream();
    const auto codes = measured.codes(measured.test, images, draw);
    return metrics::binned_information(metrics::with_factors(codes, chosen), bins);
  };
  const auto neighbouring = [&](std::int64_t neighbours,
                                const std::vector<std::size_t>& chosen = {0, 1, 2}) {
    auto draw = stream();
    const auto codes = measured.codes(measured.test, 150, draw);
    return metrics::neighbour_information(metrics::with_factors(codes, chosen), neighbours,
                                          metrics::uniform_numbers(draw));
  };
  const std::string by_bins = ", images: 150, bins: 6";
  const std::string by_neighbours = ", images: 150, estimator: neighbours, neighbours: 7";

  const auto mig = [](const metrics::FactorInformation& told) {
    return metrics::mean_of_known(metrics::mutual_information_gaps(told));
  };
  check_value(measured("mig" + by_bins), mig(binned(6)),
              {mig(binned(20)), mig(binned(6, 200)), mig(neighbouring(7))});
  check_value(measured("mig" + by_neighbours), mig(neighbouring(7)),
              {mig(neighbouring(3)), mig(neighbouring(6))});
  const auto gaps = measured.values("mig" + by_bins).at("mig_per_factor");
  const auto expected = metrics::mutual_information_gaps(binned(6));
  CHECK(close(gaps.slice(0, 0, 2), doubles({expected[0], expected[1]})));
  CHECK((gaps.size(0) == kFactors && std::isnan(number(gaps[2]))));

  const auto mig_sup = [](const metrics::FactorInformation& told) {
    return metrics::mean_of_known(metrics::mutual_information_gaps_of_dimensions(told));
  };
  check_value(measured("mig_sup" + by_bins), mig_sup(binned(6)),
              {mig_sup(binned(20)), mig_sup(binned(6, 200)), mig(binned(6))});
  check_value(measured("mig_sup" + by_neighbours), mig_sup(neighbouring(7)),
              {mig_sup(neighbouring(3))});
  CHECK(close(measured.values("mig_sup" + by_bins).at("mig_sup_per_dimension"),
              doubles(metrics::mutual_information_gaps_of_dimensions(binned(6)))));

  // Without the factor that does not vary.
  const auto modularity = [](const metrics::FactorInformation& told) {
    return metrics::modularity(told.nats);
  };
  check_value(measured("modularity" + by_bins), modularity(binned(6, 150, kVarying)),
              {modularity(binned(20, 150, kVarying)), modularity(binned(6, 200, kVarying)),
               modularity(binned(6))});
  check_value(measured("modularity" + by_neighbours), modularity(neighbouring(7, kVarying)),
              {modularity(neighbouring(3, kVarying))});
}

TEST_CASE("the interventional robustness takes its quantile, its bins and so many images") {
  const at::NoGradGuard no_grad;
  PlantedCodes measured;
  const auto irs = [&](double quantile, std::int64_t bins, std::int64_t images = 150) {
    auto draw = stream();
    return metrics::interventional_robustness(measured.codes(measured.test, images, draw), quantile,
                                              bins);
  };
  check_value(measured("irs, images: 150, quantile: 0.5, bins: 3"), irs(0.5, 3),
              {irs(0.99, 3), irs(0.5, 20), irs(0.5, 3, 200)});
}

TEST_CASE("scores of drawn batches take their votes or points, their batch and what is pruned") {
  const at::NoGradGuard no_grad;
  PlantedCodes measured;
  // 499 and 1009 are primes, so that accuracies of as many are the same at 0 and 1 alone.
  const auto votes = [&](const metrics::FactorVaeProtocol& protocol) {
    auto draw = stream();
    const auto codes = measured.codes(measured.test, 150, draw);
    return metrics::factor_vae_score(codes, protocol, metrics::uniform_numbers(draw));
  };
  check_value(
      measured("factor_vae_score, images: 150, train_votes: 1009, votes: 499, batch: 3, "
               "prune: 0.5"),
      votes({1009, 499, 3, 0.5}),
      {votes({499, 1009, 3, 0.5}), votes({1009, 499, 64, 0.5}), votes({1009, 499, 3, 0.05})});
  const auto points = [&](const metrics::BetaVaeProtocol& protocol) {
    auto draw = stream();
    const auto codes = measured.codes(measured.test, 150, draw);
    return metrics::beta_vae_score(codes, protocol, metrics::uniform_numbers(draw));
  };
  check_value(measured("beta_vae_score, images: 150, train_points: 1009, points: 499, batch: 2"),
              points({1009, 499, 2}), {points({499, 1009, 2}), points({1009, 499, 64})});
}

TEST_CASE("scores that learn do so from training images, and are judged on the evaluated split") {
  const at::NoGradGuard no_grad;
  PlantedCodes measured;
  const std::string images = ", train_images: 220, images: 150";
  auto draw = stream();
  const auto [train, judged] = measured.both(220, 150, draw);
  auto of_all = stream();
  const auto [all_train, all_judged] = measured.both(300, 200, of_all);

  check_value(measured("explicitness" + images), metrics::explicitness(train, judged),
              {metrics::explicitness(train, train), metrics::explicitness(judged, judged),
               metrics::explicitness(judged, train), metrics::explicitness(all_train, judged),
               metrics::explicitness(train, all_judged)});
  const auto sap = [](const metrics::FactorMatrix& scores) {
    return metrics::separated_attribute_predictability(scores);
  };
  check_value(
      measured("sap" + images), sap(metrics::svm_accuracies(train, judged)),
      {sap(metrics::svm_accuracies(train, train)), sap(metrics::squared_correlations(train))});
  // A line's R^2 is that of the images it is fitted to.
  check_value(
      measured("sap, continuous: true" + images), sap(metrics::squared_correlations(train)),
      {sap(metrics::squared_correlations(judged)), sap(metrics::squared_correlations(all_train)),
       sap(metrics::svm_accuracies(train, judged))});

  const auto of_trees = [&](std::int64_t rounds) {
    auto numbers = stream();
    const auto codes = measured.both(220, 150, numbers);
    return metrics::factor_importances(codes.train, codes.judged, metrics::uniform_numbers(numbers),
                                       rounds);
  };
  const auto found = measured.values("dci, rounds: 4" + images);
  const auto expected = of_trees(4), others = of_trees(9);
  const auto value = [&](const std::string& part) { return number(found.at("dci_" + part)); };
  const double disentanglement = metrics::disentanglement(expected.importances);
  const double completeness = metrics::completeness(expected.importances);
  check_value(value("disentanglement"), disentanglement,
              {completeness, metrics::disentanglement(others.importances)});
  check_value(value("completeness"), completeness, {metrics::completeness(others.importances)});
  check_value(value("informativeness"), expected.accuracy, {expected.train_accuracy});
  check_value(value("informativeness_train"), expected.train_accuracy, {});
  CHECK(close(found.at("dci_importances"), doubles(expected.importances.values).view({3, 2})));
}
