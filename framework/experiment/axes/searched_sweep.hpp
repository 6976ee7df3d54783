#pragma once

#include "experiment/axes/sweep.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/plan.hpp"

namespace varia::experiment {

/// The `random` map of a sweep whose points a search proposes.
/// @throws ConfigError if the sweep has none, or too many points: they are kept in one file
const Value& searched_random(const Value& sweep, const Search& search);

/// All points: the first `startup` of those that are drawn without a search, then the proposed
/// ones, `count` at most; maps from every key of `random` to its value. A proposed point that is
/// there already is left out.
/// @throws ConfigError if a proposed point is not in the space
std::vector<Value> searched_points(const Value& random, std::int64_t seed, std::int64_t startup,
                                   const ProposedPoints& proposed);

/// Reads a sweep whose `random` points a search proposes: it is the first axis.
/// @throws ConfigError as `read_sweep` and the functions above
Sweep read_searched_sweep(const Value& sweep, std::int64_t seed, const Search& search,
                          const ProposedPoints& proposed);

}  // namespace varia::experiment
