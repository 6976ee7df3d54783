#include "experiment/data_errors.hpp"

#include <algorithm>

namespace varia::experiment {

bool is_place_in(const Value& value, const std::string& place) {
  return value.where().text() == place ||
         std::ranges::any_of(value.entries(),
                             [&](const auto& entry) { return is_place_in(entry.value, place); });
}

}  // namespace varia::experiment
