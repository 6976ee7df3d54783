#pragma once

#include "experiment/params/search_params.hpp"
#include "results/records.hpp"

namespace varia::sweep {

/// Checks that a trial records what a search compares. What a metric of the experiment records may
/// be missing where its turn does not come.
/// @param record epoch 0: only its names are those of an epoch, without the experiment's metrics
/// @throws ConfigError naming the metrics that it records
void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const results::EpochRecord& record);

/// Which values a search takes as better: the experiment's `order`, else what the metric declares.
/// @throws ConfigError if neither says it
Better searched_order(const experiment::Search& search, Better declared);

}  // namespace varia::sweep
