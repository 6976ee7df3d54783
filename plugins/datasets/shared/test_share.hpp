#pragma once

#include <cstdint>

#include "varia/dataset_params.hpp"
#include "varia/tensor.hpp"

namespace varia::datasets {

/// The places of samples in two parts, each [n] int64.
struct TestShare {
  Tensor train;
  Tensor test;
};

/// How many of `count` samples are the test split.
/// @param test the part; 0: none
/// @throws ConfigError if no sample is left for one of the two
std::int64_t test_count(std::int64_t count, const Real& test);

/// The first samples of an order are the test split, the others the training split, both in that
/// order.
/// @param order [N] int64
/// @throws ConfigError as test_count
TestShare set_test_aside(const Tensor& order, const Real& test);

/// Chooses the test split by `split_seed`. Both parts are in ascending order.
/// @throws ConfigError as test_count
TestShare set_test_aside(std::int64_t count, const Real& test, const DatasetParams& params);

/// The first `limit` entries of an index; all if there is no limit.
Tensor limited(const Tensor& rows, const DatasetParams& params);

}  // namespace varia::datasets
