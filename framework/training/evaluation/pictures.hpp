#pragma once

#include "results/records.hpp"
#include "varia/view.hpp"

namespace varia::training {

/// Lays the tiles of a picture out in a grid, as bytes.
struct Composed {
  results::ViewLayout layout;
  results::Picture picture;
};

/// @throws TrialError where the tiles are not [rows, columns, C, H, W].
Composed compose(const Picture& picture, std::int64_t epoch);

results::Points to_points(const Scatter& scatter, std::int64_t epoch);

}  // namespace varia::training
