#pragma once

#include "store/records.hpp"
#include "varia/view.hpp"

namespace varia::runner {

/// Lays the tiles of a picture out in a grid, as bytes.
struct Composed {
  store::ViewLayout layout;
  store::Picture picture;
};

/// @throws TrialError where the tiles are not [rows, columns, C, H, W].
Composed compose(const Picture& picture, std::int64_t epoch);

store::Points to_points(const Scatter& scatter, std::int64_t epoch);

}  // namespace varia::runner
