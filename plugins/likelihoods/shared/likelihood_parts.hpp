#pragma once

#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/likelihood.hpp"
#include "varia/parameters.hpp"

/// What several likelihoods share.
namespace varia::likelihoods {

/// A mean is kept this far from 0 and 1, where the logit is infinite.
inline constexpr double kEdge = 1e-3;

/// Registers ln(start) as `name` with its owner: a parameter if `learned` is shared or per_feature,
/// else a buffer.
/// @param learned has these options
/// @returns [1, ...], or [E...] if it is per_feature
inline Tensor register_log(Likelihood& owner, const std::string& name, double start,
                           const Choice& learned, const Build& build) {
  std::vector<std::int64_t> sizes(build.data.event.size(), 1);
  if (learned.is("per_feature")) sizes = build.data.event;
  const auto logarithm = at::full(sizes, std::log(start), at::TensorOptions(at::kFloat));
  return learned.is("shared") || learned.is("per_feature")
             ? owner.register_parameter(name, logarithm)
             : owner.register_buffer(name, logarithm);
}

/// The shape of a draw: that of the parameters [K|1, B, ...], with 1 replaced by draw.samples().
inline std::vector<std::int64_t> sizes_of_draw(const Tensor& parameters, const Draw& draw) {
  auto sizes = parameters.sizes().vec();
  if (sizes[0] == 1) sizes[0] = draw.samples();
  return sizes;
}

}  // namespace varia::likelihoods
