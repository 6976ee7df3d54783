#pragma once

#include <string>

#include "varia/value.hpp"

namespace varia::experiment {

/// YAML in block style, lists of scalars on one line; it reads back as the same content. Text that
/// would read back as a number, a truth or nothing is quoted.
std::string write_yaml(const Value& value);

/// The same on one line: `{use: linear, from: 0}`; a scalar as it stands.
std::string flow_text(const Value& value);

}  // namespace varia::experiment
