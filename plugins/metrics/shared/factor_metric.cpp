#include "factor_metric.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "neighbour_information.hpp"
#include "varia/error.hpp"

namespace varia::metrics {

namespace {

constexpr IntegerRange kImages{2, kAnyImages.max};

/// @throws Error if a split has no factors
FactorCodes factor_codes_of(const std::vector<Codes>& parts) {
  std::vector<double> points;
  std::vector<float> factors;
  std::size_t count = 0;
  for (const auto& part : parts) {
    if (!part.factors.defined())
      throw Error("expected a split whose factors are known; this one has none");
    const auto of_points = part.points.contiguous();
    const auto of_factors = part.factors.to(at::kFloat).contiguous();
    const auto* const point = of_points.data_ptr<double>();
    const auto* const factor = of_factors.data_ptr<float>();
    points.insert(points.end(), point, point + of_points.numel());
    factors.insert(factors.end(), factor, factor + of_factors.numel());
    count += static_cast<std::size_t>(of_points.size(0));
  }
  return factor_codes(std::move(points), factors, count);
}

}  // namespace

FactorsParams::FactorsParams(std::int64_t images_by_default)
    : EncodedImagesParams(
          images_by_default, kImages,
          "How many images are encoded, which should be many for each value of each "
          "factor") {}

void FactorsParams::require(const Build& build) const {
  if (!build.train->factors().defined())
    fail(images,
         "expected data whose factors are known (sprites, for instance); this data set has none");
  latents_of(*build.model);
}

FactorMetric::FactorMetric(const FactorsParams& params, const Build& build) : params_(params) {
  params.require(build);
}

FactorCodes FactorMetric::encode(const Evaluation& evaluation) const {
  return factor_codes_of({encode_split(evaluation.model, evaluation.split, params_.images(),
                                       params_.options(), evaluation.draw)});
}

LearnedFactorsParams::LearnedFactorsParams()
    : FactorsParams(5'000),
      train_images(this, "train_images", 10'000, kImages,
                   "How many training images are encoded and learned from: a random subset, as of "
                   "`images`.") {}

LearnedFactorMetric::LearnedFactorMetric(const LearnedFactorsParams& params, const Build& build)
    : FactorMetric(params, build), params_(params) {}

LearnedFactorCodes LearnedFactorMetric::encode_both(const Evaluation& evaluation) const {
  const auto encoded = [&](const Split& split, std::int64_t count) {
    return encode_split(evaluation.model, split, count, params_.options(), evaluation.draw);
  };
  const std::vector<Codes> parts = {encoded(evaluation.train, params_.train_images()),
                                    encoded(evaluation.split, params_.images())};
  const auto both = factor_codes_of(parts);
  const auto learned = static_cast<std::size_t>(parts.front().points.size(0));
  const auto train = slice(both, 0, learned);
  const auto varying = varying_factors(train);
  if (varying.empty())
    throw Error("no factor varies among the training samples that are encoded; encode more");
  return {with_factors(train, varying), with_factors(slice(both, learned, both.count), varying)};
}

InformationParams::InformationParams()
    : estimator(this, "estimator", "bins", {"bins", "neighbours"},
                "How mutual information is estimated: by counting values in intervals, or without "
                "these, by distances to neighbours (Ross 2014)."),
      bins(this, "bins", 20, {2, 10'000},
           "Equal intervals in which each dimension's values are counted; a factor with more "
           "values than these cannot reach 1."),
      neighbours(this, "neighbours", 3, {1, 10'000},
                 "Of the estimator by neighbours: which one's distance counts.") {}

void InformationParams::check() const {
  FactorsParams::check();
  for (const Parameter* parameter : {&bins, &neighbours})
    if (parameter->given() && !in_force(*parameter))
      fail(*parameter, "it has no effect on the estimator by " + estimator() + "; leave it out");
}

bool InformationParams::in_force(const Parameter& parameter) const {
  const auto& other = estimator.is("bins") ? neighbours : bins;
  return &parameter != &other && FactorsParams::in_force(parameter);
}

InformationMetric::InformationMetric(const Params& params, const Build& build)
    : FactorMetric(params, build), params_(params) {}

FactorInformation InformationMetric::information(const FactorCodes& codes, Draw& draw) const {
  return params_.estimator.is("bins")
             ? binned_information(codes, params_.bins())
             : neighbour_information(codes, params_.neighbours(), uniform_numbers(draw));
}

FillUniform uniform_numbers(Draw& draw) {
  return [&draw, numbers = Tensor(), next = std::int64_t{0}](std::span<float> out) mutable {
    const auto wanted = static_cast<std::int64_t>(out.size());
    if (!numbers.defined() || next + wanted > numbers.numel()) {
      numbers = draw.uniform({std::max<std::int64_t>(wanted, 1 << 16)}).to(at::kCPU);
      next = 0;
    }
    std::copy_n(numbers.data_ptr<float>() + next, out.size(), out.begin());
    next += wanted;
  };
}

}  // namespace varia::metrics
