#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tables/table_column.hpp"
#include "tables/table_dataset.hpp"

namespace varia::datasets {

/// The columns of a table, with the categories in order.
struct Table {
  std::vector<TableColumn> data;  ///< numbers first, then counts, then categories
  std::vector<TableColumn> covariates;
  std::optional<TableColumn> label;  ///< its categories are the classes
  std::size_t rows = 0;
  std::size_t train_rows = 0;  ///< the others are of the test file
};

/// @throws ConfigError if a column that the parameters name is not there, or is named twice
/// @throws DataError with the line if the file is damaged, a row has more or fewer cells than the
///         first, a cell is not of its column's type, there are no rows, or it is too large
Table read_table(const TableParams& params);

}  // namespace varia::datasets
