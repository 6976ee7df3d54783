#pragma once

#include <string>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::experiment {

/// Whether a value, or one within it, was written at a place.
bool is_place_in(const Value& value, const std::string& place);

/// Calls `open`, which may read the files of a `data:` section.
/// @throws DataError of `open`, with the place of the section before it unless it has that of a
/// value
template <class Open>
auto with_place(const Value& section, const Open& open) {
  try {
    return open();
  } catch (const DataError& error) {
    if (!error.path().empty() && is_place_in(section, error.path())) throw;
    throw DataError(section.where().text(), std::string("data: ") + error.what());
  }
}

}  // namespace varia::experiment
