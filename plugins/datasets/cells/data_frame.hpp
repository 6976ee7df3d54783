#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "tables/table_column.hpp"

namespace varia::datasets {

/// A data frame in an AnnData file, `obs` or `var`. Since AnnData 0.7 it is a group with a data set
/// or a group for each column; before, a data set of records with a field for each column.
class DataFrame {
 public:
  /// @param file outlives it
  /// @param name "obs", "raw/var"
  /// @param rows how many entries a column has
  /// @throws DataError if there is no such data frame
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
  TableColumn read_column(const std::string& name, bool as_categories) const;

  const hdf5::Object& file_;
  hdf5::Object frame_;
  bool is_group_;
  std::int64_t rows_;
};

}  // namespace varia::datasets
