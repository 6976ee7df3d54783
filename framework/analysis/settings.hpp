#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// What a trial has under a key: a number as the shortest text that reads back, or YAML text; ""
/// where it has no such key.
std::string value_text(const results::ParameterColumn& column, std::size_t trial);

/// The parameter column of a key, or the column of a note: "notes.KEY". @throws ConfigError where
/// there is none, with the nearest keys
const results::ParameterColumn& parameter_column(const results::Results& results,
                                                 const std::string& key);

/// The keys that tell the settings of a results file apart.
struct SettingKeys {
  std::vector<std::string> keys;
  /// Those of `keys` that no axis of the sweep names, although trials that agree in all that is
  /// swept differ in them: trials of an earlier version of the experiment are in the file.
  std::vector<std::string> unswept;
};

/// All swept keys with more than one value, without those that lie within another one (of
/// `loss.beta` and `loss.beta.use` the first), and all other keys in which trials differ that agree
/// in these. Never the seed, nor keys that say how a trial is run (train.device, train.threads,
/// train.record_every, train.keep). In the order of the file.
SettingKeys setting_keys(const results::Results& results);

/// Trials that agree in some keys.
struct Setting {
  std::vector<std::string> values;  ///< of each key
  std::vector<std::size_t> trials;  ///< rows, ascending
};

/// Groups trials by the values of some keys; the groups in the order of their first trials.
/// @param trials rows
/// @throws ConfigError for a key that the file does not have
std::vector<Setting> make_settings(const results::Results& results,
                                   const std::vector<std::size_t>& trials,
                                   const std::vector<std::string>& keys);

/// The same of all trials.
std::vector<Setting> make_settings(const results::Results& results,
                                   const std::vector<std::string>& keys);

/// The numbers of replicates that appear in the file: what every setting is expected to have.
std::set<std::int64_t> expected_replicates(const results::Results& results);

}  // namespace varia::analysis
