#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/comparison.hpp"

namespace varia::cli {

/// CSV with a header: one line for each setting and metric. Parameters whose names are those of
/// other columns are called "parameter <key>".
std::string comparison_csv(const analysis::Comparison& comparison);

/// JSON with everything, the values of all seeds included.
nlohmann::json comparison_json(const results::Results& results,
                               const analysis::Comparison& comparison);

}  // namespace varia::cli
