#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// What the declaration of an option tells of its values.
namespace varia::cli {

bool takes_value(const CLI::Option& option);

/// The name of its values, "RESULTS.h5", without what they are checked by.
std::string value_type(const CLI::Option& option);

/// The words that a check allows, {"failed", "stale"}; none if there is no such check.
std::vector<std::string> allowed_words(const CLI::Option& option);

}  // namespace varia::cli
