#pragma once

#include "varia/draw.hpp"

namespace varia {

/// A density over points, fitted to some (kind `density`).
class VARIA_API Density {
 public:
  using KindBase = Density;
  static constexpr const char* kKind = "density";
  virtual ~Density();

  /// @param points [N, D] float64
  virtual void fit(const Tensor& points, Draw& draw) = 0;
  /// @param points [n, D]
  /// @returns      [n] nats
  virtual Tensor log_prob(const Tensor& points) const = 0;
  /// @returns [n, D]
  virtual Tensor sample(std::int64_t n, Draw& draw) const = 0;
};

}  // namespace varia
