#pragma once

#include <cstdint>

#include "varia/tensor.hpp"

namespace varia {

/// 0 .. n-1 in two parts, each ascending.
struct Partition {
  Tensor chosen;  ///< int64
  Tensor rest;    ///< int64
};

/// Chooses at random, as `key` says.
/// @param count  how many of the n are chosen
/// @param labels [n] int64: every class gives its share, within one of n_class * count / n.
///               Undefined: any may be chosen.
Partition choose(std::int64_t n, std::int64_t count, std::uint64_t key, const Tensor& labels);

/// Divides at random, as `key` says, into folds whose sizes differ by one at most, and chooses one.
/// @param fold   in [0, folds)
/// @param labels [n] int64: the folds' counts of every class differ by one at most. Undefined: not
///               looked at.
Partition choose_fold(std::int64_t n, std::int64_t folds, std::int64_t fold, std::uint64_t key,
                      const Tensor& labels);

}  // namespace varia
