#pragma once

#include <string>
#include <vector>

#include "varia/value.hpp"

namespace varia::experiment {

/// A dotted key with the value that it gets: one value of an axis, or `KEY=VALUE`.
struct Assignment {
  std::string key;                ///< "loss.beta", or the name of a named axis
  std::vector<std::string> path;  ///< its parts; of a named axis none: nothing is put into the tree
  Value value;                    ///< of a named axis, the name of the variant
  Location key_where;
};

/// @throws ConfigError at `where` for a part that is empty.
std::vector<std::string> split_key(const std::string& key, const Location& where);

/// Puts the value at its key, in place of what stands there. Maps that are missing on the way come
/// into being; text on the way is the short form of `{use: text}`; an entry of a list of components
/// (`metrics`, `views`) goes by its name. A `use` other than the one that stands drops the rest of
/// its map.
/// @throws ConfigError if the key leads into a list, or to an entry that no list has.
void assign(Value& tree, const Assignment& assignment);

/// Sorts so that a map is set before what is in it and `use` before its parameters; otherwise
/// stable. The outcome of assigning does not depend on the order of different keys then.
void sort_for_assigning(std::vector<Assignment>& assignments);

/// Lays `over` onto `base`: maps key by key, anything else in place of what stood there; a map with
/// a `use` other than its base's replaces it.
void merge(Value& base, const Value& over);

/// The name of an entry of `metrics` or `views`: its `as`, else its `use`; empty if it has
/// neither.
std::string entry_name(const Value& entry);

}  // namespace varia::experiment
