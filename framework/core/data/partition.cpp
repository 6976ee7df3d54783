#include "core/data/partition.hpp"

#include <ATen/Functions.h>

#include <tuple>

#include "varia/draw.hpp"

namespace varia {

namespace {

/// A random order of 0 .. n-1; class after class where there are labels.
Tensor random_order(std::int64_t n, std::uint64_t key, const Tensor& labels) {
  const auto order = Draw(key).permutation(n);
  if (!labels.defined()) return order;
  const auto by_class = std::get<1>(
      at::sort(labels.index_select(0, order), /*stable=*/true, 0, /*descending=*/false));
  return order.index_select(0, by_class);
}

/// @param places [m] int64, those of `order` that are chosen
Partition in_two(const Tensor& order, const Tensor& places) {
  auto is_chosen = at::zeros({order.size(0)}, torch::kBool);
  is_chosen.index_fill_(0, order.index_select(0, places), true);
  return {is_chosen.nonzero().flatten(), is_chosen.logical_not().nonzero().flatten()};
}

}  // namespace

Partition choose(std::int64_t n, std::int64_t count, std::uint64_t key, const Tensor& labels) {
  const auto order = random_order(n, key, labels);
  if (!labels.defined()) return in_two(order, at::arange(count, torch::kLong));
  // Evenly spread over the order, and so over every stretch of it: that of a class.
  const auto spread = at::arange(count, torch::kLong).mul_(n).floor_divide_(count);
  return in_two(order, spread);
}

Partition choose_fold(std::int64_t n, std::int64_t folds, std::int64_t fold, std::uint64_t key,
                      const Tensor& labels) {
  // Dealt like cards, on from class to class.
  return in_two(random_order(n, key, labels), at::arange(fold, n, folds, torch::kLong));
}

}  // namespace varia
