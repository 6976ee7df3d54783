#pragma once

#include <cstdint>
#include <vector>

#include "experiment/axes/random_axis.hpp"
#include "experiment/params/search_params.hpp"
#include "sweep/search/tpe.hpp"

namespace varia::search {

/// Proposes points of a `sweep.random` by a Tpe in the coordinates of its keys: logarithms for
/// log_uniform, whole numbers as a continuum that is rounded.
class PointProposer {
 public:
  /// @param seed of the experiment
  PointProposer(const Value& random, const experiment::TpeSettings& settings, std::int64_t seed);

  /// What became of a point.
  struct Result {
    std::size_t point = 0;  ///< its index
    double value = 0;       ///< less is better; not finite: it has failed
  };

  /// The next point: a map from every key to its value. It is none of those that are there.
  /// @param points  all that are there, in order; the new one's index is their number
  /// @param results of some of them, by index
  Value propose(const std::vector<Value>& points, const std::vector<Result>& results) const;

  /// The points that are drawn at the start.
  std::size_t startup() const { return startup_; }
  /// How many there may be in all.
  std::size_t count() const { return drawn_.size(); }

 private:
  std::vector<experiment::RandomDimension> dimensions_;
  std::vector<Value> drawn_;  // `count` points, as without a search
  std::size_t startup_;
  std::int64_t seed_;
  Tpe tpe_;
};

}  // namespace varia::search
