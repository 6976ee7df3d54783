#pragma once

#include "varia/draw.hpp"

namespace varia {

/// A density over points, fitted to some (kind `density`). It lives on the CPU and counts in
/// float64; points on another device, or of another floating type, are converted.
class VARIA_API Density {
 public:
  using KindBase = Density;
  static constexpr const char* kKind = "density";
  virtual ~Density();

  /// Replaces what was fitted before.
  /// @param points [N, D], N and D at least 1
  /// @throws TrialError if a number is not finite, or the points are too few or too much alike
  ///         for this density.
  virtual void fit(const Tensor& points, Draw& draw) = 0;
  /// @param points [n, D], finite
  /// @returns      [n] float64 nats; minus infinity if the density is 0
  /// @throws TrialError if nothing was fitted, or the number of dimensions is another.
  virtual Tensor log_prob(const Tensor& points) const = 0;
  /// @returns [n, D] float64, independent draws
  /// @throws TrialError if nothing was fitted.
  virtual Tensor sample(std::int64_t n, Draw& draw) const = 0;
};

}  // namespace varia
