#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "tables/table_column.hpp"

namespace varia::datasets {

/// A data frame in an AnnData file, `obs` or `var`: a group with a data set or a group for each
/// column, as AnnData writes them since version 0.7.
class DataFrame {
 public:
  /// @param name of its group: "obs", "raw/var"
  /// @param rows how many entries a column has
  /// @throws DataError if there is no such group, or it was written by AnnData before 0.7
  DataFrame(const hdf5::Object& file, const std::string& name, std::int64_t rows);

  /// The names of the rows. @throws DataError
  std::vector<std::string> index() const;
  /// The names of the columns.
  std::vector<std::string> columns() const;
  /// Text, booleans and what is categorical in the file are categories: those of the file in its
  /// order, else those that occur, sorted. Other columns are numbers.
  /// @param name          one of columns()
  /// @param as_categories whether numbers are categories, too; sorted by size
  /// @param most          categories that there may be
  /// @throws DataError if the column is of another type, damaged, or of another length
  TableColumn column(const std::string& name, bool as_categories, std::size_t most) const;

 private:
  /// The name of the column of the rows' names.
  std::string index_name() const;

  hdf5::Object group_;
  std::int64_t rows_;
};

}  // namespace varia::datasets
