#pragma once

#include <string>
#include <vector>

#include "tables/table_column.hpp"
#include "varia/samples.hpp"
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

/// Makes columns the covariates of samples. Those of numbers are standardised once the splits are
/// made; categories are one-hot.
/// @param path of the file, for messages
void set_covariates(Annotations& annotations, const std::vector<TableColumn>& columns,
                    const std::string& path);

}  // namespace varia::datasets
