#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment/params/search_params.hpp"
#include "experiment/plan.hpp"
#include "sweep/gpus/run_gpus.hpp"
#include "training/data_cache.hpp"

namespace varia::sweep {

/// Tries the chosen trials of the plan before anything is trained: opens the data here, and
/// in a process of its own makes every distinct combination of data, model, loss and optimizer,
/// runs one batch through each and evaluates its loss, and makes every metric and view.
/// @param chosen the trials, by their index
/// @param should_stop asked while it waits; true ends it
/// @param timeout the longest that one setting may take (`run.trial_timeout`)
/// @param search compares a metric that all trials must record
/// @param gpus    that trials are tried on; none asked for: those that are there
/// @param published others that they must record
/// @returns one line for each setting whose process died or took too long: its plugin is broken
/// @throws ConfigError naming the settings that fail; DataError
std::vector<std::string> preflight(const experiment::Plan& plan, const Registry& registry,
                                   training::DataCache& data,
                                   const std::vector<std::size_t>& chosen,
                                   const std::function<bool()>& should_stop,
                                   std::optional<std::chrono::duration<double>> timeout = {},
                                   const experiment::SharedSearch& search = nullptr,
                                   const RunGpus& gpus = {},
                                   const std::vector<experiment::MonitoredMetric>& published = {});

}  // namespace varia::sweep
