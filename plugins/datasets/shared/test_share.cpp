#include "shared/test_share.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <tuple>

#include "varia/draw.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

std::int64_t test_count(std::int64_t count, const Real& test) {
  const auto aside = std::llround(test() * static_cast<double>(count));
  if (test() > 0 && (aside == 0 || aside == count)) {
    throw ConfigError(test.where(), "test: " + number_text(test()) + " of " +
                                        std::to_string(count) + " samples leaves none for " +
                                        (aside == 0 ? "the test" : "training") + ".");
  }
  return aside;
}

TestShare set_test_aside(const Tensor& order, const Real& test) {
  const auto aside = test_count(order.size(0), test);
  return {order.slice(0, aside), order.slice(0, 0, aside)};
}

TestShare set_test_aside(std::int64_t count, const Real& test, const DatasetParams& params) {
  const auto key = stream_key(static_cast<std::uint64_t>(params.split_seed()), "test split");
  const auto share = set_test_aside(Draw(key).permutation(count), test);
  const auto sorted = [](const Tensor& index) { return std::get<0>(index.sort()); };
  return {sorted(share.train), sorted(share.test)};
}

Tensor limited(const Tensor& rows, const DatasetParams& params) {
  return params.limit.has_value() ? rows.slice(0, 0, params.limit()) : rows;
}

}  // namespace varia::datasets
