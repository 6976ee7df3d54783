#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tables/csv_file.hpp"
#include "tables/table_column.hpp"
#include "tables/table_dataset.hpp"

namespace varia::datasets {

/// The columns of a table, with the categories in order.
struct Table {
  std::vector<std::string> names;  ///< of all columns, in the order of the file; some may be empty
  std::vector<TableColumn> data;   ///< numbers first, then counts, then categories
  std::vector<TableColumn> covariates;
  std::optional<TableColumn> label;  ///< its categories are the classes
  std::size_t rows = 0;
  std::size_t train_rows = 0;  ///< the others are of the test file
};

/// Reads the rows of one of its files.
/// @param header is given the row that names the columns, or nothing if none does
/// @throws DataError as CsvFile
void for_each_row(const TableSource& source, const std::filesystem::path& file,
                  const std::function<void(const CsvRow& row)>& header,
                  const std::function<void(const CsvRow& row)>& visit);

/// @throws ConfigError if a column that the parameters name is not there, or is named twice
/// @throws DataError with the line if the file is damaged, a row has more or fewer cells than the
///         first, a cell is not of its column's type, there are no rows, or it is too large
Table read_table(const TableParams& params);

}  // namespace varia::datasets
