#pragma once

#include "experiment/search_params.hpp"
#include "store/records.hpp"

namespace varia::sweep {

/// Checks that a trial records what a search compares; a metric of the experiment that is not
/// measured at every epoch may be missing.
/// @throws ConfigError naming the metrics that it records
void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const store::EpochRecord& record);

}  // namespace varia::sweep
