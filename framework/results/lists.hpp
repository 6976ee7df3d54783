#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Lists as one text, with a character between their items.
namespace varia::results {

/// The items of such a text; none if it is empty.
std::vector<std::string> split_at(const std::string& text, char separator);

/// "2,10"; "" is the shape of a scalar.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// An item as it is, in quotes where it needs them to be told from the separator (RFC 4180).
std::string delimited_cell(const std::string& text, char separator);

}  // namespace varia::results
