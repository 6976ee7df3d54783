#pragma once

#include "factor_codes.hpp"

namespace varia::metrics {

/// Whether each dimension is important for one factor alone: 1 less the entropy of its importances
/// over ln F. The mean over the dimensions, each weighed by its importance for all factors; 0 if no
/// dimension is important. NaN for a single factor: no dimension could tell of another one.
/// @param importances [D, F], not negative
/// @see Eastwood & Williams 2018, section 3
double disentanglement(const FactorMatrix& importances);

/// Whether one dimension alone is important for each factor: the same of the columns, over ln D.
/// NaN for a single dimension.
double completeness(const FactorMatrix& importances);

}  // namespace varia::metrics
