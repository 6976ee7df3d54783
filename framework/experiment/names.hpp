#pragma once

#include <string>

#include "varia/value.hpp"

namespace varia::experiment {

/// The name of an experiment, which becomes file names: 1 to 100 letters, digits, `_`, `.` and `-`,
/// the first a letter, a digit or `_`.
/// @throws ConfigError that says so, with `subject` as who is named.
void check_experiment_name(const Value& name, const std::string& subject);

/// The name of an entry, an axis or a variant, which becomes a part of dotted keys and of paths
/// in results: the same without dots.
void check_part_name(const Value& name, const std::string& subject);

}  // namespace varia::experiment
