#include "analysis/statistics/summary.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "analysis/statistics/location.hpp"

namespace varia::statistics {

Summary Summariser::operator()(std::span<const double> values) {
  std::vector<double> present;
  present.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(present),
               [](double value) { return !std::isnan(value); });
  Summary summary;
  summary.count = present.size();
  summary.holes = values.size() - present.size();
  if (present.size() < kBootstrapFrom) {
    summary.centre = mean(present);
    summary.interval = student_interval(present);
    return summary;
  }
  summary.kind = Centre::interquartile_mean;
  summary.centre = interquartile_mean(present);
  summary.interval =
      bootstraps_.try_emplace(present.size(), present.size()).first->second.interval(present);
  return summary;
}

}  // namespace varia::statistics
