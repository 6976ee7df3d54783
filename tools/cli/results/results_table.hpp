#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::cli {

/// How a results file is listed.
struct Listing {
  std::string metric;  ///< what it is sorted by; best first
  bool highest = false;
  std::vector<std::size_t> order;    ///< trials, best first; those without a value last
  std::vector<std::string> columns;  ///< metrics that are shown
};

/// @param metric empty: the validation loss, else the test loss, else the training loss
/// @param order  "highest", "lowest"; empty: what is better for the metric, by its name
/// @throws ConfigError where the file has no such metric, with the nearest one
Listing make_listing(const results::Results& results, const std::string& metric,
                     const std::string& order);

/// @param limit how many trials at most
std::string results_text(const results::Results& results, const Listing& listing,
                         std::size_t limit);
std::string results_json(const results::Results& results, const Listing& listing,
                         std::size_t limit);

}  // namespace varia::cli
