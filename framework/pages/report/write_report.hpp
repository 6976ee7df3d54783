#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pages/report/picture_data.hpp"
#include "results/merged/results.hpp"

namespace varia::report {

struct ReportOptions {
  /// Bytes of base64 that pictures and scatter plots may take; 0: none are shown.
  std::uint64_t picture_bytes = 45'000'000;
};

struct ReportSummary {
  std::size_t trials = 0;
  PictureCount pictures;
  std::uint64_t bytes = 0;  ///< of the file
};

/// Writes one HTML file that shows all trials of the results: it has the page, the chart library,
/// the numbers and the pictures in it, and needs nothing else, no network either. It appears whole
/// or not at all and replaces what was there.
/// @param files at least one
/// @throws ConfigError where `path` is one of the files
/// @throws StoreError  where a file is damaged, or the report cannot be written
/// @throws DataError   where the chart library is not there (`chart_library`)
ReportSummary write_report(const std::vector<results::Results>& files, const std::string& path,
                           const ReportOptions& options);

}  // namespace varia::report
