#pragma once

#include <cstdint>
#include <vector>

#include "experiment/params/search_params.hpp"
#include "experiment/plan.hpp"
#include "results/folder/trial_status.hpp"
#include "sweep/search/asha.hpp"

namespace varia::search {

/// What successive halving knows of the trials of a plan: settings are its groups.
/// @param lengths records of each whole trial
Asha make_asha(const experiment::Plan& plan, const experiment::Search& search,
               const std::vector<std::int64_t>& lengths);

/// Why the search leaves a trial as it is: stopped, dropped or not promoted; no reason if it does
/// not.
/// @param settled whether nothing is left to train, so that it stays so
results::Reason verdict(const Asha& asha, std::size_t trial, bool settled);

}  // namespace varia::search
