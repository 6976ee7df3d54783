#pragma once

#include <cstdint>

#include "varia/dataset_params.hpp"
#include "varia/tensor.hpp"

namespace varia::datasets {

/// The places of samples in two parts, each [n] int64 in ascending order.
struct TestShare {
  Tensor train;
  Tensor test;
};

/// Sets a part of `count` samples aside as the test split, chosen by `split_seed`.
/// @param test the part, above 0
/// @throws ConfigError if no sample is left for one of the two
TestShare set_test_aside(std::int64_t count, const Real& test, const DatasetParams& params);

/// The first `limit` entries of an index; all if there is no limit.
Tensor limited(const Tensor& rows, const DatasetParams& params);

}  // namespace varia::datasets
