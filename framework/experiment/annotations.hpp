#pragma once

#include <map>
#include <string>
#include <vector>

#include "varia/value.hpp"

/// What people write about trials: `tags: [a, b]` and `notes: {key: text}`. No part of what a trial
/// is: they may change at any time, and nothing is trained again.
namespace varia::experiment {

/// At most 32 words of letters, digits, `_`, `.` and `-`, each once.
/// @param tags null: none
/// @throws ConfigError
std::vector<std::string> read_tags(const Value& tags);

/// At most 32 texts of up to 1,000 bytes; a key is named as a metric is.
/// @param notes null: none
/// @throws ConfigError
std::map<std::string, std::string> read_notes(const Value& notes);

}  // namespace varia::experiment
