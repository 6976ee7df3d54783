#pragma once

#include <cstdint>
#include <optional>

#include "core/plain_memory.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// What a distribution is of, [K, B, E], and its value, [K|1, B, E], as rows of E numbers. A value
/// with fewer rows serves again from its first one.
struct EventRows {
  std::int64_t rows = 0, value_rows = 0, columns = 0;

  /// Nothing where they are not that, not float32 numbers of the processor's memory, or the value's
  /// do not lie one after the other. Whoever reads the parameters packs them.
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

}  // namespace varia
