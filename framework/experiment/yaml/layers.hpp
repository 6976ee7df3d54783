#pragma once

#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"

/// What is laid over one another to make an experiment: the files of `extends`, then `KEY=VALUE`.
namespace varia::experiment {

/// Lays a file's tree onto the file that its `extends` names, and so on up; `extends` and an
/// inherited `name` are gone from the result, and relative `plugins` are relative to their file. A
/// file with `relative_to` is read as if it stood in that folder.
/// @param path of the file that `tree` was read from
/// @throws ConfigError if a base cannot be read, or extends itself.
Value resolve_extends(Value tree, const std::string& path);

/// Applies the `KEY=VALUE` of the command line to an experiment's tree, its sweep included.
/// @returns those that set a key in a section, sorted for assigning; they are applied already, and
///   `make_plan` applies them again after the axes of the sweep.
/// @throws ConfigError for text that is not `KEY=VALUE`, and if nothing has that key.
std::vector<Assignment> apply_overrides(Value& tree, const std::vector<std::string>& overrides);

}  // namespace varia::experiment
