#pragma once

#include <cstdint>

#include "factor_codes.hpp"

namespace varia::metrics {

/// What classifiers of the factors make of the dimensions.
struct FactorImportances {
  FactorMatrix importances;  ///< [D, F]: those for one factor add up to 1, or are 0 without a split
  double train_accuracy = 0;  ///< means over the factors
  double accuracy = 0;        ///< on the judged codes; NaN if there is none of a known value
};

/// Learns each factor by gradient-boosted trees with the defaults of scikit-learn's
/// GradientBoostingClassifier: `rounds` of one tree of depth 3 for each value (one in all for two
/// values), each tree the regression of what is left of the class by squared error, each leaf a
/// Newton step, shrunk by 0.1. A dimension's importance is its part of what the splits gain.
///
/// XGBoost grows the trees, from the exact values in order, on the calling thread. Of splits that
/// gain as much, it takes the first dimension's: rounds have the dimensions in different orders, so
/// that each dimension is as often the first.
/// @param judged  codes of other images with the same factors. Of each factor, those count whose
///                value is among the training codes; a factor without any is left out
/// @param uniform draws the orders
/// @see Friedman 2001
FactorImportances factor_importances(const FactorCodes& train, const FactorCodes& judged,
                                     const FillUniform& uniform, std::int64_t rounds = 100);

}  // namespace varia::metrics
