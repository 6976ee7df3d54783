#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/terminal/text.hpp"
#include "results/merged/results.hpp"

/// The trials of a results file, best first; those without a value last.
namespace varia::cli {

/// One line each.
/// @param limit  how many trials at most
/// @param metric that they are sorted by; empty: what `compare` ranks by, too
/// @param order  which of its values are better; neither: as it declares
/// @throws ConfigError if the file has no such metric, or nothing says which values are better
std::string results_text(const results::Results& results, std::size_t limit,
                         const std::string& metric = "", Better order = Better::neither,
                         const TextStyle& style = {});
/// The same with all parameters and metrics of every trial.
nlohmann::json results_json(const results::Results& results, const std::string& metric = "",
                            Better order = Better::neither);

}  // namespace varia::cli
