#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "pages/report/blocks.hpp"
#include "results/merged/results.hpp"

namespace varia::report {

/// All that a report knows but its pictures. Trials are numbered through all files, in the order
/// given. References to blocks are as Blocks returns them; `coded` is {"values": [...], "index":
/// [...]}, the index of each trial, or no index if all have the one value.
///
///     {"experiments": [{"file", "name", "yaml", "created", "host", "versions", "plugins"}],
///      "trials": {"count": 8, "epochs": 3, "file": coded, and each field of TrialInfo: coded;
///                 those of 64 bits without a sign are text},
///      "parameters": [{"key": "loss.beta", "swept": true, "numeric": true, "values", "index"}],
///      "metrics": [{"name": "test/elbo", "units", "bound", "axes", "shape", "better": "higher",
///                   "series": block [trial, epoch, own axes...], "last_only": false; of scalars
///                   also "final": block [trial], and "summary", "band" and "classes", as
///                   SettingsData says}],
///      "schedules": [{"key": "loss.beta", "series": block [trial, epoch]}],
///      "seconds": block [trial, epoch],
///      "steps": [{"name": "loss", "offsets": [...], "step": block, "value": block}],
///      and what SettingsData::document has}
///
/// An array that is too large for a page has `last_only`: its series is [trial, own axes...] of
/// each trial's last epoch.
/// @throws StoreError if a file is damaged
nlohmann::json report_data(const std::vector<results::Results>& files, Blocks& blocks);

/// The number of each file's first trial in the report.
std::vector<std::size_t> first_trials(const std::vector<results::Results>& files);

}  // namespace varia::report
