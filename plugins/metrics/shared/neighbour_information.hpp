#pragma once

#include <cstdint>

#include "factor_information.hpp"

namespace varia::metrics {

/// What each dimension tells of each factor, without bins: from how many codes of any value lie as
/// near as the k-th neighbour of the same value. As scikit-learn's mutual_info_classif: a dimension
/// is scaled by its standard deviation, and equal numbers are spread by 1e-10 of its mean distance
/// from zero; a value that a single code has is left out; what would be negative is 0.
/// @param neighbours k, or all but one of the codes of a value if there are fewer
/// @param uniform    spreads equal numbers
/// @see Ross 2014
FactorInformation neighbour_information(const FactorCodes& codes, std::int64_t neighbours,
                                        const FillUniform& uniform);

}  // namespace varia::metrics
