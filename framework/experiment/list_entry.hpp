#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "varia/registry.hpp"

namespace varia::experiment {

/// One entry of `metrics:` or `views:`.
struct ListEntry {
  std::string name;  ///< its `as`, else its `use`; what the results call it
  std::string use;   ///< the component
  /// Epochs from one evaluation to the next, the last epoch always among them; kLast: after the
  /// last epoch alone.
  std::int64_t every = 1;
  Value params;  ///< resolved, a map without `use`

  static constexpr std::int64_t kLast = 0;

  /// What the results call the value that the metric `use` itself calls `key`: "nll_bound" of an
  /// entry "last" is "last_bound", and a key that is not named by the metric is added to the name.
  std::string value_name(const std::string& key) const;

  /// True if the entry is evaluated at record `epoch` (from 1) of `last`.
  bool is_due(std::int64_t epoch, std::int64_t last) const {
    return epoch == last || (every != kLast && epoch % every == 0);
  }
};

/// The entry that a recorded value belongs to: its name, alone or before a "_", begins the value's.
/// Of several it is the longest; "mig_sup" belongs to an entry "mig_sup" and not to "mig".
/// @returns nullptr if none is
const ListEntry* entry_of(std::string_view value, const std::vector<ListEntry>& entries);

/// Reads `metrics` or `views`: a list of names and of maps with `use`, `as`, `every` (else it is
/// the component's own, ComponentInfo::every) and the component's own parameters.
/// @param kind "metric" or "view"
/// @throws ConfigError for whatever is wrong in it, and if two entries have one name
std::vector<ListEntry> read_entries(const Value& list, const std::string& kind,
                                    const Registry& registry);

/// What such a list takes, as a JSON Schema (varia/parameter_schema.hpp).
Value entries_schema(const std::string& kind, const Registry& registry);

/// The entry as an experiment file has it, everything spelled out.
Value entry_value(const ListEntry& entry);

}  // namespace varia::experiment
