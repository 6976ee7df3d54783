#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/comparability.hpp"
#include "analysis/grouping.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

/// Chooses, within a setting, the values of some keys that are best on the validation split, by the
/// estimate over the seeds.
class BestValues {
 public:
  /// @param metric a metric of the validation split
  BestValues(const results::Results& results, std::vector<std::string> keys, std::string metric,
             Better better, const Comparability& comparable);

  /// @param chosen gets the values of the keys
  /// @param notes  gets a note where values with holes were compared, or none has a value
  /// @returns the part of the group with these values
  /// @throws ConfigError where the values are not comparable
  Group choose(const std::vector<std::string>& setting_keys, const Group& group,
               std::vector<std::string>& chosen, std::vector<std::string>& notes) const;

 private:
  const results::Results& results_;
  std::vector<std::string> keys_;
  std::string metric_;
  Better better_;
  const Comparability& comparable_;
  std::vector<double> values_;
  std::set<std::int64_t> expected_;
};

}  // namespace varia::analysis
