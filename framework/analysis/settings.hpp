#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// The parameter column of a key, or the column of a note: "notes.KEY". @throws ConfigError if
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
/// in these. Never the seed, nor keys that say how a trial is run (train.device,
/// train.data_on_device, train.threads, train.record_every, train.keep) or where a file of its lies
/// (model.from.file). In the order of the file.
SettingKeys setting_keys(const results::Results& results);

/// Trials that agree in some keys.
struct Setting {
  std::vector<std::string> values;  ///< of each key
  std::vector<std::size_t> trials;  ///< rows, ascending
  std::vector<Setting> places;      ///< by the values of the pooled keys; empty without such keys
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

/// The settings of a comparison.
struct Grouping {
  std::vector<std::string> keys;  ///< tell the settings apart
  std::vector<Setting> groups;
  std::vector<std::string> notes;  ///< what a reader should know
};

/// Groups the trials of a file into settings. Keys that are swept are never pooled silently.
/// @param by   keys that tell settings apart; none: all that is swept, without the two below
/// @param over keys that are pooled
/// @param best keys of which one value is chosen for each setting
/// @throws ConfigError: a key is unknown or named twice; a key in which trials of one setting
///         differ is neither in `by`, nor in `over` or `best`
Grouping group_trials(const results::Results& results, const std::vector<std::string>& by,
                      const std::vector<std::string>& over, const std::vector<std::string>& best);

/// The part of a group with some of its trials, ascending.
Setting part_of(const Setting& group, const std::vector<std::size_t>& trials);

/// "loss.beta=4, model.latent=10"; "all trials" without keys; keys that a setting does not have are
/// left out.
std::string setting_name(const std::vector<std::string>& keys,
                         const std::vector<std::string>& values);

}  // namespace varia::analysis
