#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "analysis/replicates.hpp"
#include "pages/report/blocks.hpp"
#include "results/merged/results.hpp"

namespace varia::report {

/// The settings of all files, one behind the other, and what their replicates say together. Only
/// trials that are done count; intervals are those of analysis/statistics/estimates.hpp.
class SettingsData {
 public:
  explicit SettingsData(const std::vector<results::Results>& files);

  /// {"axes": ["loss.beta"], "settings": [{"trials": [0, 1], "missing": "1 failed"}], "notes":
  /// [...],
  ///  "default_metric": "validation/elbo", "bootstrap_from": 10}
  nlohmann::json document() const;

  /// Of the final values: {"centre", "low", "high", "count"}, blocks [setting], and "settings": how
  /// many have a value.
  nlohmann::json summary(const std::string& metric, Blocks& blocks) const;

  /// Of each epoch: {"centre", "low", "high"}, blocks [setting, epoch], over what each trial
  /// recorded then, or last before; NaN at epochs at which none of a setting recorded anything, and
  /// for settings with fewer than two trials that are done. Null if all have fewer.
  /// @param series [trial, epoch]
  nlohmann::json band(const std::vector<double>& series, std::int64_t epochs, Blocks& blocks) const;

  /// What may be ranked together: {"names": ["bound=log p(x)"], "files": [number of the file of
  /// each class], "of": [class of each setting]}. A class whose trials agree in all has no name.
  /// Settings of several files are never of one class.
  nlohmann::json classes(const std::string& metric) const;

 private:
  struct Setting {
    std::size_t file = 0;
    std::vector<std::size_t> rows;    ///< in the file, by replicate
    std::vector<std::size_t> trials;  ///< the same in the report
    std::vector<std::size_t> done;    ///< those of `trials` that are done
  };

  /// [setting] the final values.
  std::vector<analysis::Replicates> replicates(const std::string& metric) const;

  const std::vector<results::Results>& files_;
  std::vector<std::string> axes_;
  std::vector<std::string> notes_;
  std::vector<Setting> settings_;
};

}  // namespace varia::report
