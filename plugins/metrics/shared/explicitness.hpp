#pragma once

#include "factor_codes.hpp"

namespace varia::metrics {

/// How well a multinomial logistic regression on the standardised codes tells the values of each
/// factor from one another: the mean over the values of the area under the ROC curve of this value
/// against the rest, and of that the mean over the factors. 1 at best, one half by chance.
/// @param judged codes of other images with the same factors. Of each factor, those count whose
///               value is among the training codes; values that none of these has, or all have, are
///               left out, and so is a factor without any
/// @see Ridgeway & Mozer 2018, section 3
double explicitness(const FactorCodes& train, const FactorCodes& judged);

}  // namespace varia::metrics
