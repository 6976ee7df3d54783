#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::report {

/// What a report has.
struct ReportSummary {
  std::size_t trials = 0;
  std::size_t pictures = 0;           ///< and scatter plots
  std::size_t pictures_left_out = 0;  ///< since they did not fit
  std::uint64_t bytes = 0;            ///< of the file
};

/// Writes one HTML file that shows all trials of the results. It contains the page, the chart
/// library, the numbers and the pictures, and needs no other file and no network. It appears whole
/// or not at all, and replaces an older one.
/// @param files at least one
/// @param picture_bytes bytes of base64 that pictures and scatter plots may take; 0: none are shown
/// @throws ConfigError if `path` is one of the files
/// @throws StoreError  if a file is damaged, or the report cannot be written
/// @throws DataError   if the chart library is absent and cannot be fetched
ReportSummary write_report(const std::vector<results::Results>& files, const std::string& path,
                           std::uint64_t picture_bytes = 45'000'000);

}  // namespace varia::report
