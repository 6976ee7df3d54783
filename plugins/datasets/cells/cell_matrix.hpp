#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrays/array_values.hpp"
#include "arrays/number_array.hpp"
#include "cells/sparse_samples.hpp"
#include "hdf5/hdf5.hpp"

namespace varia::datasets {

/// A matrix of cells and features in an AnnData file: X, or a layer. It is dense, or sparse by rows
/// (CSR) or by columns (CSC).
class CellMatrix {
 public:
  /// @param file outlives it
  /// @param path of the matrix in the file: "X", "layers/counts"
  /// @throws DataError if it is of another encoding, or of lists that do not fit one another, or
  /// its
  ///         values are in other files or were never written
  CellMatrix(const hdf5::Object& file, const std::string& path);

  std::int64_t cells() const { return cells_; }
  std::int64_t features() const { return features_; }
  /// "file: path", for messages.
  const std::string& place() const { return place_; }
  bool is_sparse() const { return !dense_; }
  /// The matrix if it is dense.
  const NumberArray& dense() const { return *dense_; }

  /// True if the first 2^20 of its numbers (of a sparse matrix: of those that are stored) are
  /// counts.
  bool begins_with_counts() const;
  /// Reads a sparse matrix.
  /// @param rows [R] int64, ascending
  /// @throws DataError if an index is out of range, or the result takes more than half of this
  ///         machine's memory
  SparseRows read_sparse(const Tensor& rows) const;

 private:
  /// The lists of a compressed matrix: of `begins`, one for each row (or column) and one more.
  struct Compressed {
    hdf5::Object values;
    hdf5::Object indices;
    std::vector<std::int64_t> begins;
    bool by_rows = true;
  };

  void open_compressed(const hdf5::Object& file, const std::string& path);
  void read_begins(const hdf5::Object& group);
  void require_room(std::int64_t stored) const;
  SparseRows read_by_rows(const Tensor& rows) const;
  SparseRows read_by_columns(const Tensor& rows) const;
  /// @param most above every index
  std::vector<std::int64_t> read_indices(std::int64_t begin, std::int64_t end,
                                         std::int64_t most) const;
  std::vector<float> read_values(std::int64_t begin, std::int64_t end) const;

  std::string place_;
  std::int64_t cells_ = 0;
  std::int64_t features_ = 0;
  std::unique_ptr<NumberArray> dense_;
  Compressed compressed_;
};

}  // namespace varia::datasets
