#include "analysis/udr.hpp"

#include <cmath>
#include <random>

#include "analysis/comparison.hpp"
#include "analysis/ranking.hpp"
#include "analysis/statistics/udr.hpp"
#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;
using Catch::Approx;
using statistics::CodeCorrelation;
using statistics::ModelCodes;

namespace {

constexpr std::size_t kImages = 200;

/// Codes that are three numbers of each image, in an order of the seed, with noise.
ModelCodes codes(std::int64_t seed, double noise) {
  std::mt19937 images(1), own(static_cast<unsigned>(seed + 2));
  std::normal_distribution<double> normal;
  ModelCodes made{3, {}, {1, 1, 1}};
  for (std::size_t i = 0; i < kImages; ++i) {
    double numbers[3];
    for (auto& number : numbers) number = normal(images);
    for (std::int64_t d = 0; d < 3; ++d)
      made.points.push_back(numbers[(d + seed) % 3] + noise * normal(own));
  }
  return made;
}

MadeTrial trial(double beta, std::int64_t seed, const ModelCodes& made) {
  MadeTrial one{.swept = {{"loss.beta", beta}},
                .replicate = seed,
                .metrics = {{"test/elbo", -beta}},
                .arrays = {{"test/udr_kl", made.kl}}};
  const auto dimensions = static_cast<std::int64_t>(made.dimensions);
  one.matrices["test/udr_codes_per_image"] = {
      {static_cast<std::int64_t>(made.points.size()) / dimensions, dimensions}, made.points};
  return one;
}

std::vector<std::string> names_of(const std::vector<results::Column>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

}  // namespace

TEST_CASE("trials with recorded codes have scores by those of their setting") {
  std::vector<MadeTrial> trials;
  for (const double beta : {1.0, 4.0})
    for (std::int64_t seed = 0; seed < 4; ++seed)
      trials.push_back(trial(beta, seed, codes(seed, beta / 4)));
  const MadeResults made(trials);
  CHECK(names_of(udr_metrics(*made)) ==
        std::vector<std::string>{"test/udr_lasso", "test/udr_spearman"});
  for (const auto& [name, kind] : {std::pair{"test/udr_lasso", CodeCorrelation::lasso},
                                   {"test/udr_spearman", CodeCorrelation::spearman}}) {
    const auto scores = udr_scores(*made, name);
    for (const std::size_t first : {std::size_t{0}, std::size_t{4}}) {
      std::vector<ModelCodes> models;
      for (std::int64_t seed = 0; seed < 4; ++seed)
        models.push_back(codes(seed, first == 0 ? 0.25 : 1));
      const auto truth = statistics::unsupervised_ranking(models, kind);
      for (std::size_t i = 0; i < 4; ++i) CHECK(scores[first + i] == Approx(truth[i]));
    }
    CHECK(scores[0] > scores[4] + 0.1);
  }

  ComparisonRequest request;
  request.metrics = {"test/udr_lasso"};
  const auto comparison = compare(*made, request);
  CHECK(comparison.metrics.front().info.better == Better::higher);
  CHECK(comparison.settings.front().values.front() == "1");
  const auto scores = udr_scores(*made, "test/udr_lasso");
  CHECK(comparison.settings.front().estimates.front().summary.centre ==
        Approx((scores[0] + scores[1] + scores[2] + scores[3]) / 4));
}

TEST_CASE("a trial that cannot be compared has no score") {
  auto failed = trial(1, 2, codes(2, 0.1));
  failed.status = results::TrialState::failed;
  auto without = trial(1, 3, codes(3, 0.1));
  without.matrices.clear();
  auto fewer = codes(4, 0.1);
  fewer.points.resize(fewer.points.size() / 2);
  auto wider = trial(1, 5, {5, std::vector<double>(kImages * 5, 0.5), {1, 1, 1, 1, 1}});
  const MadeResults made({trial(1, 0, codes(0, 0.1)), trial(1, 1, codes(1, 0.1)), failed, without,
                          trial(1, 4, fewer), wider, trial(2, 0, codes(0, 0.1))});
  const auto scores = udr_scores(*made, "test/udr_spearman");
  CHECK(scores[0] > 0.4);  // the median of a copy and of codes that do not vary
  CHECK(std::isnan(scores[2]));
  CHECK(std::isnan(scores[3]));
  CHECK(std::isnan(scores[4]));
  CHECK(scores[5] == 0);
  CHECK(std::isnan(scores[6]));
}

TEST_CASE("a file without codes has no such metrics") {
  const MadeResults made({{.swept = {{"loss.beta", 1.0}},
                           .metrics = {{"test/elbo", -1}},
                           .arrays = {{"test/udr_kl", {1, 1}}}}});
  CHECK(udr_metrics(*made).empty());
  CHECK_THROWS_AS(scalar_metric(*made, "test/udr_lasso", Better::neither), ConfigError);
}
