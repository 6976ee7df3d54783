#pragma once

#include <cstdint>
#include <vector>

#include <boost/random/sobol.hpp>

namespace varia::experiment {

/// A Sobol sequence with nested uniform scrambling (Owen 1995; Joe & Kuo 2008 for the directions).
///
/// A pure function of its seeds: point i is the same however many are drawn. The first 2^m points
/// have one coordinate in each interval of length 2^-m, in every dimension.
class OwenSobol {
 public:
  /// One seed for each dimension; 1 to 3667 of them.
  explicit OwenSobol(std::vector<std::uint64_t> seeds);

  /// The next point, [0, 1) in every dimension.
  std::vector<double> next();

 private:
  std::vector<std::uint64_t> seeds_;
  boost::random::sobol engine_;
  bool at_origin_ = true;
};

}  // namespace varia::experiment
