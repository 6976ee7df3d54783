#pragma once

#include <cstdint>
#include <string>

#include "experiment/params/search_params.hpp"
#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/records.hpp"

namespace varia::sweep {

/// Which values a search takes as better: the experiment's `order`, else what the metric declares.
/// @throws ConfigError if neither says it
Better searched_order(const experiment::Search& search, Better declared);

/// What a search says if it has read values and none is finite.
std::string no_finite_value(const experiment::Search& search);

/// What a trial's files have of the metric that a search compares, turned so that less is better.
/// @param ignored token of a published file that does not count, as the trial is trained anew
/// @throws ConfigError as searched_order
results::TrialCurve searched_curve(results::ResultsFolder& folder, const experiment::Search& search,
                                   const std::string& id, std::uint64_t ignored = 0);

}  // namespace varia::sweep
