#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/settings.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

/// Which keys tell the settings of a comparison apart, and what becomes of the others.
struct GroupingRequest {
  std::vector<std::string> by;    ///< none: all that is swept, without the two below
  std::vector<std::string> over;  ///< pooled
  std::vector<std::string> best;  ///< one value is chosen for each setting
};

/// The trials of one setting.
struct Group {
  std::vector<std::string> values;  ///< of Grouping::keys
  std::vector<std::size_t> trials;  ///< rows, ascending
  std::vector<Setting> places;      ///< by the values of the pooled keys; empty without such keys
};

struct Grouping {
  std::vector<std::string> keys;
  std::vector<Group> groups;
  std::vector<std::string> notes;  ///< what a reader should know
};

/// Groups the trials of a file into settings. Keys that are swept are never pooled silently.
/// @throws ConfigError: a key is unknown or named twice; a key in which trials of one setting
/// differ
///         is neither in `by`, nor in `over` or `best`
Grouping group_trials(const results::Results& results, const GroupingRequest& request);

/// The part of a group with some of its trials, ascending.
Group part_of(const Group& group, const std::vector<std::size_t>& trials);

/// "loss.beta=4, model.latent=10"; "all trials" without keys; keys that a setting does not have are
/// left out.
std::string setting_name(const std::vector<std::string>& keys,
                         const std::vector<std::string>& values);

}  // namespace varia::analysis
