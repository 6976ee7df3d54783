#include "tables/column_numbers.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <iterator>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

std::vector<std::string> features_of(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns)
    std::ranges::copy(column.features(), std::back_inserter(names));
  return names;
}

Tensor numbers_of(const std::vector<TableColumn>& columns, const std::string& path) {
  const auto rows = columns.front().rows();
  std::int64_t width = 0;
  for (const auto& column : columns) width += column.width();
  const auto count = static_cast<std::int64_t>(rows);
  if (count > memory_for_data() / static_cast<std::int64_t>(sizeof(float)) / width) {
    throw DataError(path, std::to_string(count) + " rows of " + std::to_string(width) +
                              " numbers take more than half of this machine's memory. Use fewer "
                              "columns.");
  }
  const auto numbers = at::empty({count, width}, at::kFloat);
  auto* out = numbers.data_ptr<float>();
  for (std::size_t row = 0; row < rows; ++row)
    for (const auto& column : columns) {
      column.write(row, out);
      out += column.width();
    }
  return numbers;
}

Tensor labels_of(const TableColumn& column) {
  const auto labels = at::empty({static_cast<std::int64_t>(column.rows())}, at::kLong);
  auto* const out = labels.data_ptr<std::int64_t>();
  for (std::size_t row = 0; row < column.rows(); ++row) out[row] = column.category(row);
  return labels;
}

void set_covariates(Annotations& annotations, const std::vector<TableColumn>& columns,
                    const std::string& path) {
  if (columns.empty()) return;
  annotations.covariates = numbers_of(columns, path);
  annotations.covariate_names = features_of(columns);
  std::int64_t place = 0;
  for (const auto& column : columns) {
    if (column.type() != CellType::category) annotations.measured_covariates.push_back(place);
    place += column.width();
  }
}

}  // namespace varia::datasets
