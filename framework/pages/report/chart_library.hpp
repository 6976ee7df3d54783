#pragma once

#include <string>

namespace varia::report {

/// Apache ECharts, which draws the charts of a report.
struct ChartLibrary {
  std::string script;
  std::string licence;
  std::string notice;
};

/// Reads ECharts from share/varia/echarts of the installation that the program belongs to, else
/// from the folder of data sets, where `fetch-data echarts` puts it; that is run where it is
/// missing.
/// @throws DataError: it could not be had, or its SHA-256 is not the one of tools/data_sets.txt
ChartLibrary chart_library();

}  // namespace varia::report
