#pragma once

#include <string>
#include <vector>

#include "tables/table_column.hpp"
#include "varia/tensor.hpp"

/// Columns of a table as a data set has them. All have the same number N of rows.
namespace varia::datasets {

/// The names of their numbers, column after column.
std::vector<std::string> features_of(const std::vector<TableColumn>& columns);

/// @param path of the file, for messages
/// @returns [N, D] float32, the numbers of the columns side by side; NaN: a missing one
/// @throws DataError if it takes more than half of this machine's memory
Tensor numbers_of(const std::vector<TableColumn>& columns, const std::string& path);

/// @param column of categories, none missing
/// @returns [N] int64
Tensor labels_of(const TableColumn& column);

}  // namespace varia::datasets
