#include "cells/sparse_samples.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <string>
#include <utility>

#include "varia/device.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

void SparseRows::sort() {
  std::vector<std::pair<std::int32_t, float>> row;
  std::size_t kept = 0;
  std::size_t begin = 0;
  for (std::int64_t i = 0; i < size(); ++i) {
    const auto end = static_cast<std::size_t>(begins[static_cast<std::size_t>(i) + 1]);
    row.clear();
    for (auto k = begin; k < end; ++k) row.emplace_back(columns[k], values[k]);
    const auto by_column = [](const auto& one) { return one.first; };
    if (!std::ranges::is_sorted(row, {}, by_column)) std::ranges::stable_sort(row, {}, by_column);
    const auto first = kept;
    for (const auto& [column, value] : row) {
      if (kept > first && columns[kept - 1] == column) {
        values[kept - 1] += value;
        continue;
      }
      columns[kept] = column;
      values[kept] = value;
      ++kept;
    }
    begins[static_cast<std::size_t>(i) + 1] = static_cast<std::int64_t>(kept);
    begin = end;
  }
  columns.resize(kept);
  values.resize(kept);
}

SparseSamples::SparseSamples(SparseRows rows, Annotations annotations)
    : Samples(std::move(annotations)), rows_(std::move(rows)) {}

Tensor SparseSamples::gather(const Tensor& index, torch::Device device) const {
  const auto places = index.contiguous();
  const auto* const place = places.data_ptr<std::int64_t>();
  const auto count = places.numel();
  const auto dense = at::zeros({count, rows_.width}, at::kFloat);
  auto* out = dense.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i, out += rows_.width) {
    if (place[i] < 0 || place[i] >= size())
      throw Error("there is no sample " + std::to_string(place[i]) + " among " +
                  std::to_string(size()) + ".");
    const auto row = static_cast<std::size_t>(place[i]);
    const auto end = static_cast<std::size_t>(rows_.begins[row + 1]);
    for (auto k = static_cast<std::size_t>(rows_.begins[row]); k < end; ++k)
      out[rows_.columns[k]] = rows_.values[k];
  }
  return to_device(dense, device);
}

}  // namespace varia::datasets
