#include "cells/cell_matrix.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "arrays/hdf5_dataset.hpp"
#include "cells/lists.hpp"
#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

constexpr std::int64_t kMostCells = 100'000'000;
constexpr std::int64_t kMostFeatures = std::numeric_limits<std::int32_t>::max() / 4;
/// How many numbers are read at once.
constexpr std::int64_t kBlock = 1 << 20;

Tensor tensor_of(std::vector<float>& values) {
  return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kFloat);
}

void require_class(const hdf5::Object& list, bool is_good, const std::string& expected) {
  if (!is_good) throw DataError(place_of(list), "does not hold " + expected + ".");
}

hdf5::Object open_indices(const hdf5::Object& group, const std::string& name) {
  auto list = open_list(group, name);
  require_class(list, hdf5::class_of(list) == H5T_INTEGER, "whole numbers");
  return list;
}

}  // namespace

CellMatrix::CellMatrix(const hdf5::Object& file, const std::string& path)
    : place_(file.file->path + ": " + path) {
  if (hdf5::is_group(file, path)) {
    open_compressed(file, path);
    return;
  }
  dense_ = open_hdf5_array(file, path);
  if (dense_->sizes().size() != 2)
    throw DataError(place_,
                    "expected a matrix of cells and features, found " + dense_->shape_text() + ".");
  cells_ = dense_->sizes()[0];
  features_ = dense_->sizes()[1];
}

void CellMatrix::open_compressed(const hdf5::Object& file, const std::string& path) {
  const auto group = hdf5::open_group(file, path);
  // The second pair of names is that of AnnData before 0.7.
  const bool is_old =
      !hdf5::has_attribute(group, "encoding-type") && hdf5::has_attribute(group, "h5sparse_format");
  const auto encoding =
      is_old ? hdf5::read_attribute<std::string>(group, "h5sparse_format") + "_matrix"
             : hdf5::read_attribute<std::string>(group, "encoding-type");
  compressed_.by_rows = encoding == "csr_matrix";
  if (!compressed_.by_rows && encoding != "csc_matrix") {
    throw DataError(place_,
                    "is of another encoding than expected: array, csr_matrix or csc_matrix. Write "
                    "it again as one of these.");
  }
  const auto shape = hdf5::read_attribute_list(group, is_old ? "h5sparse_shape" : "shape", 2);
  cells_ = shape[0];
  features_ = shape[1];
  if (cells_ < 1 || cells_ > kMostCells || features_ < 1 || features_ > kMostFeatures) {
    throw DataError(place_, "has " + std::to_string(cells_) + " cells of " +
                                std::to_string(features_) + " features; from 1 to " +
                                std::to_string(kMostCells) + " and from 1 to " +
                                std::to_string(kMostFeatures) + " can be read.");
  }
  compressed_.values = open_list(group, "data");
  const auto type = hdf5::class_of(compressed_.values);
  require_class(compressed_.values, type == H5T_INTEGER || type == H5T_FLOAT, "numbers");
  compressed_.indices = open_indices(group, "indices");
  read_begins(group);
}

void CellMatrix::read_begins(const hdf5::Object& group) {
  const auto list = open_indices(group, "indptr");
  const auto lines = compressed_.by_rows ? cells_ : features_;
  const auto stored = length_of(compressed_.values);
  if (length_of(list) != lines + 1 || length_of(compressed_.indices) != stored) {
    throw DataError(place_, "is damaged: data, indices and indptr have " + std::to_string(stored) +
                                ", " + std::to_string(length_of(compressed_.indices)) + " and " +
                                std::to_string(length_of(list)) + " entries; expected " +
                                std::to_string(stored) + ", as many, and " +
                                std::to_string(lines + 1) + ".");
  }
  auto& begins = compressed_.begins;
  begins = hdf5::read<std::int64_t>(list);
  if (begins.front() != 0 || begins.back() != stored || !std::ranges::is_sorted(begins)) {
    throw DataError(place_, "is damaged: indptr does not ascend from 0 to the " +
                                std::to_string(stored) + " entries of data.");
  }
}

bool CellMatrix::begins_with_counts() const {
  if (dense_) {
    const auto rows = std::clamp<std::int64_t>(kBlock / features_, 1, cells_);
    return are_counts(dense_->read(at::arange(rows, at::kLong), at::kFloat));
  }
  auto values = read_values(0, std::min(kBlock, length_of(compressed_.values)));
  return are_counts(tensor_of(values));
}

std::vector<float> CellMatrix::read_values(std::int64_t begin, std::int64_t end) const {
  return hdf5::read<float>(compressed_.values, {begin}, {end - begin});
}

std::vector<std::int64_t> CellMatrix::read_indices(std::int64_t begin, std::int64_t end,
                                                   std::int64_t most) const {
  auto indices = hdf5::read<std::int64_t>(compressed_.indices, {begin}, {end - begin});
  const auto bad =
      std::ranges::find_if(indices, [&](std::int64_t index) { return index < 0 || index >= most; });
  if (bad != indices.end()) {
    throw DataError(place_, "is damaged: there is an index " + std::to_string(*bad) +
                                " among its indices; expected 0 to " + std::to_string(most - 1) +
                                ".");
  }
  return indices;
}

void CellMatrix::require_room(std::int64_t stored) const {
  constexpr std::int64_t kBytes = sizeof(std::int32_t) + sizeof(float);
  if (stored <= memory_for_data() / kBytes) return;
  throw DataError(place_, "reading " + std::to_string(stored) + " of its numbers takes more than " +
                              "half of this machine's memory. Read fewer cells by 'limit'.");
}

SparseRows CellMatrix::read_sparse(const Tensor& rows) const {
  auto read = compressed_.by_rows ? read_by_rows(rows) : read_by_columns(rows);
  read.sort();
  return read;
}

SparseRows CellMatrix::read_by_rows(const Tensor& rows) const {
  const auto* const row = rows.data_ptr<std::int64_t>();
  const auto begin_of = [&](std::int64_t cell) {
    return compressed_.begins[static_cast<std::size_t>(cell)];
  };
  SparseRows read{.width = features_, .begins = {0}, .columns = {}, .values = {}};
  for (std::int64_t i = 0; i < rows.numel(); ++i)
    read.begins.push_back(read.begins.back() + begin_of(row[i] + 1) - begin_of(row[i]));
  require_room(read.begins.back());
  read.columns.reserve(static_cast<std::size_t>(read.begins.back()));
  read.values.reserve(static_cast<std::size_t>(read.begins.back()));
  for (std::int64_t done = 0; done < rows.numel();) {
    // As many rows as a block has room for, and what lies between them.
    const auto begin = begin_of(row[done]);
    auto next = done + 1;
    while (next < rows.numel() && begin_of(row[next] + 1) - begin <= kBlock) ++next;
    const auto end = begin_of(row[next - 1] + 1);
    const auto values = read_values(begin, end);
    const auto indices = read_indices(begin, end, features_);
    for (; done < next; ++done) {
      for (auto k = begin_of(row[done]); k < begin_of(row[done] + 1); ++k) {
        const auto place = static_cast<std::size_t>(k - begin);
        read.columns.push_back(static_cast<std::int32_t>(indices[place]));
        read.values.push_back(values[place]);
      }
    }
  }
  return read;
}

SparseRows CellMatrix::read_by_columns(const Tensor& rows) const {
  // What becomes of each cell: its place among `rows`, or -1.
  std::vector<std::int64_t> place_of(static_cast<std::size_t>(cells_), -1);
  const auto* const row = rows.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < rows.numel(); ++i) place_of[static_cast<std::size_t>(row[i])] = i;
  const auto stored = length_of(compressed_.values);
  const auto for_each_block = [&](const auto& visit) {
    for (std::int64_t begin = 0; begin < stored; begin += kBlock) {
      const auto end = std::min(begin + kBlock, stored);
      visit(begin, end, read_indices(begin, end, cells_));
    }
  };

  SparseRows read{.width = features_, .begins = {}, .columns = {}, .values = {}};
  read.begins.assign(static_cast<std::size_t>(rows.numel()) + 1, 0);
  for_each_block([&](std::int64_t, std::int64_t, const std::vector<std::int64_t>& cells) {
    for (const auto cell : cells)
      if (const auto place = place_of[static_cast<std::size_t>(cell)]; place >= 0)
        ++read.begins[static_cast<std::size_t>(place) + 1];
  });
  for (std::size_t i = 1; i < read.begins.size(); ++i) read.begins[i] += read.begins[i - 1];
  require_room(read.begins.back());
  read.columns.resize(static_cast<std::size_t>(read.begins.back()));
  read.values.resize(static_cast<std::size_t>(read.begins.back()));

  auto next = read.begins;
  std::size_t column = 0;
  for_each_block([&](std::int64_t begin, std::int64_t end, const std::vector<std::int64_t>& cells) {
    const auto values = read_values(begin, end);
    for (auto k = begin; k < end; ++k) {
      while (compressed_.begins[column + 1] <= k) ++column;
      const auto place =
          place_of[static_cast<std::size_t>(cells[static_cast<std::size_t>(k - begin)])];
      if (place < 0) continue;
      const auto out = static_cast<std::size_t>(next[static_cast<std::size_t>(place)]++);
      if (out >= read.columns.size()) throw DataError(place_, "has changed while it was read.");
      read.columns[out] = static_cast<std::int32_t>(column);
      read.values[out] = values[static_cast<std::size_t>(k - begin)];
    }
  });
  return read;
}

}  // namespace varia::datasets
