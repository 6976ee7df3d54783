#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "varia/export.hpp"

namespace varia {

/// A column of a table that is data, and what it is in an event: one number, or one for each
/// category.
struct DataColumn {
  std::size_t place = 0;                ///< of its cell in a row of the file
  std::vector<std::string> categories;  ///< names, in the order of the numbers; empty: a number

  std::int64_t width() const {
    return categories.empty() ? 1 : static_cast<std::int64_t>(categories.size());
  }
};

/// The text file that samples are rows of, so that they can be written as they came.
class VARIA_API FileTable {
 public:
  /// @param names   of all columns of the file, those without a name empty
  /// @param columns in the order of the event, whose numbers they add up to
  FileTable(std::vector<std::string> names, std::vector<DataColumn> columns)
      : names_(std::move(names)), columns_(std::move(columns)) {}
  virtual ~FileTable();

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<DataColumn>& columns() const { return columns_; }

  /// Reads the file again.
  /// @param visit is given the cells of each row, one for each of names(); rows count from 0
  /// @throws DataError if it cannot be read any more
  using Visit = std::function<void(std::int64_t row, const std::vector<std::string>& cells)>;
  virtual void for_each_row(const Visit& visit) const = 0;

 private:
  std::vector<std::string> names_;
  std::vector<DataColumn> columns_;
};

}  // namespace varia
