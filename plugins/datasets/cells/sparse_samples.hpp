#pragma once

#include <cstdint>
#include <vector>

#include "varia/samples.hpp"

namespace varia::datasets {

/// The numbers of a matrix that are not zero, row after row (CSR).
struct SparseRows {
  std::int64_t width = 0;             ///< D, the numbers of a row
  std::vector<std::int64_t> begins;   ///< [N + 1]: where each row begins in the lists below
  std::vector<std::int32_t> columns;  ///< of the numbers; ascending within a row
  std::vector<float> values;

  std::int64_t size() const { return static_cast<std::int64_t>(begins.size()) - 1; }
  /// Sorts every row, and adds up numbers of one column.
  void sort();
};

/// Rows that are sparse in memory and become dense batch by batch.
class SparseSamples final : public Samples {
 public:
  explicit SparseSamples(SparseRows rows, Annotations annotations = {});
  std::int64_t size() const override { return rows_.size(); }
  std::vector<std::int64_t> event() const override { return {rows_.width}; }
  Tensor gather(const Tensor& index, torch::Device device) const override;

 private:
  SparseRows rows_;
};

}  // namespace varia::datasets
