#pragma once

#include <cstdint>
#include <vector>

#include "factor_codes.hpp"

namespace varia::metrics {

/// For each factor: the mutual information between it and the dimension that tells most of it, less
/// that of the second, over the factor's entropy; NaN for a factor that does not vary. A
/// dimension's values are counted in `bins` equal intervals between its smallest and its largest,
/// so a factor with more values than bins cannot reach 1.
/// @see Chen et al. 2018, equation 6; the bins are those of Locatello et al. 2019
/// @returns [F]
std::vector<double> mutual_information_gaps(const FactorCodes& codes, std::int64_t bins);

/// Their mean over the factors that vary (MIG); NaN if none does.
double mean_gap(const std::vector<double>& gaps);

}  // namespace varia::metrics
