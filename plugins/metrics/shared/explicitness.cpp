#include "explicitness.hpp"

#include <ATen/Functions.h>

#include <vector>

#include "logistic_regression.hpp"
#include "roc_auc.hpp"

namespace varia::metrics {

namespace {

Tensor points_of(const FactorCodes& codes) {
  return at::tensor(codes.points, at::kDouble)
      .view({static_cast<std::int64_t>(codes.count), static_cast<std::int64_t>(codes.dimensions)});
}

/// [n] int64
Tensor values_of(const FactorCodes& codes, std::size_t factor) {
  auto values = at::empty({static_cast<std::int64_t>(codes.count)}, at::kLong);
  for (std::size_t i = 0; i < codes.count; ++i)
    values.data_ptr<std::int64_t>()[i] = codes.factor(i, factor);
  return values;
}

/// @param probabilities [n, values]
/// @param places        which of the judged codes count
double mean_area(const Tensor& probabilities, const FactorCodes& judged, const Places& places,
                 std::size_t factor) {
  std::vector<double> areas;
  for (std::int64_t value = 0; value < probabilities.size(1); ++value) {
    const auto column = probabilities.select(1, value).contiguous();
    std::vector<double> scores;
    std::vector<bool> is_value;
    for (const auto i : places) {
      scores.push_back(column.data_ptr<double>()[i]);
      is_value.push_back(judged.factor(i, factor) == value);
    }
    areas.push_back(roc_auc(scores, is_value));
  }
  return mean_of_known(areas);
}

}  // namespace

double explicitness(const FactorCodes& train, const FactorCodes& judged) {
  const auto points = points_of(train);
  const auto mean = points.mean(0);
  // A dimension that does not vary tells nothing, whatever it is divided by.
  auto deviation = points.std(0, false);
  deviation = deviation.masked_fill(deviation.eq(0), 1);
  const auto standardised = (points - mean) / deviation;
  const auto judged_points = (points_of(judged) - mean) / deviation;
  std::vector<double> areas;
  for (std::size_t f = 0; f < train.factor_count; ++f) {
    const LogisticRegression classifier(standardised, values_of(train, f), train.values(f),
                                        LogisticRegression::kScikitLearn);
    areas.push_back(mean_area(classifier.probabilities(judged_points), judged,
                              places_of_known_values(train, judged, f), f));
  }
  return mean_of_known(areas);
}

}  // namespace varia::metrics
