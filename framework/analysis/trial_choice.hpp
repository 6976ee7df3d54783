#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// The rows of the trials that are asked for, ascending, each once.
/// @param wanted ids, rows (from 0, as in /trial) or beginnings of ids that one trial alone has,
///               looked for in this order; empty: all trials
/// @throws ConfigError for a trial that is not there, or a beginning that several trials have
std::vector<std::size_t> choose_trials(const results::Results& results,
                                       const std::vector<std::string>& wanted);

}  // namespace varia::analysis
