#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "varia/dataset_params.hpp"
#include "varia/samples.hpp"

namespace varia {

/// A shift and a divisor for each number of an event, those of Domain::real by the statistics of
/// some samples; the others stay as they are.
class StandardScale {
 public:
  /// @param how     not none
  /// @param samples whose events have the blocks that their annotations say
  /// @param rows    [n] int64: those of which the statistics are taken, of observed values alone
  /// @throws DataError if a number has fewer than two different values in these rows
  StandardScale(Standardise how, const Samples& samples, const Tensor& rows);

  /// The same samples on this scale. With minmax, blocks of real numbers become blocks of
  /// Domain::unit.
  /// @param samples of the same events
  std::shared_ptr<const Samples> apply(std::shared_ptr<const Samples> samples) const;

 private:
  std::vector<DataBlock> blocks_;
  // Each [E...] float64.
  Tensor shift_;
  Tensor divisor_;
  Tensor least_;
  Tensor most_;
};

/// Mean and standard deviation of some samples for each of Annotations::measured_covariates.
class CovariateScale {
 public:
  /// @param rows [n] int64: those of which the statistics are taken
  /// @throws DataError if a covariate has one value in all of these rows
  CovariateScale(const Annotations& annotations, const Tensor& rows);

  /// The same samples with these covariates less their means, divided by their deviations.
  std::shared_ptr<const Samples> apply(std::shared_ptr<const Samples> samples) const;

 private:
  struct Scale {
    std::int64_t place = 0;
    double mean = 0;
    double deviation = 1;
  };
  std::vector<Scale> scales_;
};

}  // namespace varia
