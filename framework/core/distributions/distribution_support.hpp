#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/plain_memory.hpp"
#include "varia/tensor.hpp"

/// What the families of distributions share.
namespace varia {

inline constexpr double kLogTwoPi = 1.8378770664093454836;  // ln(2 pi)

/// The shape of a draw: that of the parameters [K|1, B, E], with 1 replaced by `samples`.
inline std::vector<std::int64_t> rsample_shape(const Tensor& parameters, std::int64_t samples) {
  auto sizes = parameters.sizes().vec();
  if (sizes[0] == 1) sizes[0] = samples;
  return sizes;
}

/// A tensor [K, B] that broadcasts over the event of `parameters` [K, B, E].
inline Tensor over_event(Tensor values, const Tensor& parameters) {
  while (values.dim() < parameters.dim()) values = values.unsqueeze(-1);
  return values;
}

/// Parameters [K, B, E] and value [K|1, B, E] of a distribution as rows of E numbers. A value of
/// fewer rows is repeated.
struct EventRows {
  std::int64_t rows = 0, value_rows = 0, columns = 0;

  /// nullopt for other shapes, for tensors that are not float32 on the CPU, and for a value that is
  /// not contiguous. The caller makes the parameters contiguous.
  static std::optional<EventRows> of(const Tensor& parameters, const Tensor& value) {
    if (!is_plain_float(parameters) || !is_packed_float(value) || parameters.numel() == 0 ||
        parameters.dim() < 3 || value.dim() != parameters.dim() ||
        value.sizes().slice(1) != parameters.sizes().slice(1) ||
        (value.size(0) != 1 && value.size(0) != parameters.size(0)))
      return {};
    const auto rows = parameters.size(0) * parameters.size(1);
    return EventRows{rows, value.size(0) * value.size(1), parameters.numel() / rows};
  }
};

/// sum over E of e^-log_scale * error(value - mean), as one node of the graph.
/// @param mean      [K, B, E]
/// @param log_scale of one element, or [E] behind axes of one element
/// @param value     [K|1, B, E]; no gradient flows to it
/// @returns         [K, B]; nullopt for other shapes and for tensors that are not float32 on the
/// CPU
std::optional<Tensor> weighted_error(kernels::Error error, const Tensor& mean,
                                     const Tensor& log_scale, const Tensor& value);

}  // namespace varia
