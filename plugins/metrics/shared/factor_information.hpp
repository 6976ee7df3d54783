#pragma once

#include <cstdint>
#include <vector>

#include "factor_codes.hpp"

namespace varia::metrics {

/// What each dimension of codes tells of each factor.
struct FactorInformation {
  FactorMatrix nats;              ///< mutual information [D, F]
  std::vector<double> entropies;  ///< of the factors [F], in nats
};

/// A dimension's values are counted in `bins` equal intervals between its smallest and its largest.
/// @see Locatello et al. 2019
FactorInformation binned_information(const FactorCodes& codes, std::int64_t bins);

/// For each factor: the mutual information between it and the dimension that tells most of it, less
/// that of the second, over the factor's entropy; NaN for a factor that does not vary, and of a
/// single dimension, which has no second. With binned information, a factor with more values than
/// bins cannot reach 1.
/// @see Chen et al. 2018, equation 6
/// @returns [F]
std::vector<double> mutual_information_gaps(const FactorInformation& information);

/// For each dimension: what it tells of one factor, less what it tells of another, of the two
/// factors that it tells most of; each in parts of the factor's entropy. 0 for a dimension that
/// tells nothing. Factors that do not vary are left out.
/// @see Li et al. 2020: the supplement of the gaps above, which do not see a dimension that tells
///      of several factors
/// @returns [D], NaN if fewer than two factors vary
std::vector<double> mutual_information_gaps_of_dimensions(const FactorInformation& information);

/// How far each dimension tells of one factor alone: 1 less the squared mutual information with all
/// factors but the one that it tells most of, over that one's and the number of the others; 0 for a
/// dimension that tells nothing. The mean over the dimensions, NaN of fewer than two factors.
/// @see Ridgeway & Mozer 2018, section 3
/// @param nats [D, F], of factors that vary
double modularity(const FactorMatrix& nats);

}  // namespace varia::metrics
