#pragma once

#include <span>
#include <vector>

namespace varia::metrics {

/// The area under the curve of true against false positive rate: the probability that a positive
/// sample scores higher than a negative one, ties counting one half, as scikit-learn's
/// roc_auc_score.
/// @param scores   [n]
/// @param positive [n]
/// @returns        NaN if a score is NaN, or if all samples are positive or none is
/// @see Hanley & McNeil 1982
double roc_auc(std::span<const double> scores, const std::vector<bool>& positive);

}  // namespace varia::metrics
