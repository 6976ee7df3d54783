#pragma once

#include <string>

#include "varia/value.hpp"

namespace varia::experiment {

/// Lays a file's tree onto the file that its `extends` names, and so on up; `extends` and an
/// inherited `name` are gone from the result, and relative `plugins` are relative to their file. A
/// file with `relative_to` is read as if it stood in that folder.
/// @param path of the file that `tree` was read from
/// @throws ConfigError if a base cannot be read, or extends itself.
Value resolve_extends(Value tree, const std::string& path);

}  // namespace varia::experiment
