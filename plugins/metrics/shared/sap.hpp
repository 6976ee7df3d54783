#pragma once

#include "factor_codes.hpp"

namespace varia::metrics {

/// The accuracy with which each dimension alone tells the values of each factor: of a linear
/// support vector machine with one classifier for each value, squared hinge loss, C = 0.01 and
/// balanced classes, as scikit-learn's LinearSVC(C=0.01, class_weight="balanced").
/// @param judged codes of other images with the same factors. Of each factor, those count whose
///               value is among the training codes; without any its accuracies are NaN.
FactorMatrix svm_accuracies(const FactorCodes& train, const FactorCodes& judged);

/// The squared correlation of each dimension with each factor, R² of a line; 0 for a dimension
/// whose variance is below 1e-12. A factor's values count as equally far apart.
FactorMatrix squared_correlations(const FactorCodes& codes);

/// The separated attribute predictability: the mean over the factors of how much better the best
/// dimension tells it than the second. NaN for a single dimension, since there is no second.
/// @param scores [D, F], not negative; a factor with NaN is left out
/// @see Kumar et al. 2018, section 3
double separated_attribute_predictability(const FactorMatrix& scores);

}  // namespace varia::metrics
