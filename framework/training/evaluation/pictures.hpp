#pragma once

#include <utility>

#include "results/records.hpp"
#include "varia/view.hpp"

namespace varia::training {

/// Lays the tiles of a picture out in a grid, as bytes.
/// @throws TrialError if the tiles are not [rows, columns, C, H, W]
std::pair<results::ViewLayout, results::Picture> compose(const Picture& picture,
                                                         std::int64_t epoch);

results::Points to_points(const Scatter& scatter, std::int64_t epoch);

}  // namespace varia::training
