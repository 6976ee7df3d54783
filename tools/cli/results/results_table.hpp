#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::cli {

/// How a results file is listed.
struct Listing {
  std::string metric;  ///< what it is sorted by; best first
  Better better = Better::neither;
  std::vector<std::size_t> order;    ///< trials, best first; those without a value last
  std::vector<std::string> columns;  ///< metrics that are shown
};

/// @param metric empty: what `compare` ranks by, too
/// @param order  neither: as the metric declares
/// @throws ConfigError if the file has no such metric, or nothing says which values are better
Listing make_listing(const results::Results& results, const std::string& metric, Better order);

/// @param limit how many trials at most
std::string results_text(const results::Results& results, const Listing& listing,
                         std::size_t limit);
/// Every trial with all parameters and metrics.
std::string results_json(const results::Results& results, const Listing& listing);

}  // namespace varia::cli
