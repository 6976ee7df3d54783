#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "tables/table_column.hpp"

namespace varia::datasets {

/// The entries of a column of a data frame: numbers, booleans or text.
struct Entries {
  std::vector<std::string> texts;  ///< empty if these are numbers or booleans
  std::vector<double> numbers;     ///< empty if these are texts
  bool are_booleans = false;       ///< zeros and ones of `numbers` stand for False and True
  std::vector<bool> masked;        ///< true for a missing one; empty: none is. So is a NaN

  std::size_t size() const { return texts.empty() ? numbers.size() : texts.size(); }
  bool has(std::size_t row) const;
  /// An entry as Python prints it.
  std::string text(std::size_t row) const;
};

/// Reads a data set, or a group of `values` and `mask`, as pandas' nullable columns are written.
/// @throws DataError if it is of another type or encoding
Entries read_entries(const hdf5::Object& parent, const std::string& name);
/// Reads a field of a data set of records.
Entries read_field(const hdf5::Object& records, const std::string& field);

/// The type of a group by AnnData's attribute; empty if it has none.
std::string encoding_of(const hdf5::Object& group);

/// @param place of the column, for messages
/// @throws DataError if these are not numbers that a float32 can hold
TableColumn number_column(const std::string& place, const std::string& name,
                          const Entries& entries);
/// What occurs becomes the categories: whole numbers by size, text sorted.
/// @throws DataError if a number is not whole
TableColumn category_column(const std::string& place, const std::string& name,
                            const Entries& entries);
/// @param codes places in `categories`; -1: a missing one
/// @throws DataError if a code is out of range
TableColumn category_column(const std::string& place, const std::string& name, const Entries& codes,
                            const Entries& categories);

}  // namespace varia::datasets
