#pragma once

#include <cstdint>

#include "factor_codes.hpp"

namespace varia::metrics {

/// The interventional robustness score: how little each dimension moves while one factor is fixed,
/// of the factor for which that is most, over how far it moves at all; 1 at best. The dimensions
/// are weighed by the latter; those that do not vary are left out, 0 if none is left. NaN if no
/// factor varies.
///
/// With a factor fixed, the distance of a dimension's values from their mean is told by one
/// quantile of it, interpolated linearly; 1 is the maximum of the paper.
/// @param bins a factor of more values counts as so many, equal intervals of them
/// @see Suter et al. 2019; the quantile is that of Locatello et al. 2019
double interventional_robustness(const FactorCodes& codes, double quantile, std::int64_t bins);

}  // namespace varia::metrics
