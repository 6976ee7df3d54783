#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace varia::datasets {

/// A row of a text file, cell by cell.
struct CsvRow {
  std::int64_t line = 0;  ///< on which it begins, from 1
  std::vector<std::string> cells;
};

/// Separates cells by runs of spaces and tabs, which may also stand at the ends of a row.
inline constexpr char kBlanks = ' ';

/// Rows of a text file in CSV (RFC 4180) or with another separator, plain or packed by gzip. Spaces
/// around a cell are not part of it unless it is in quotes. Blank lines are passed over, and so is
/// the mark at the beginning of a UTF-8 file.
class CsvFile {
 public:
  /// @param separator or kBlanks
  /// @throws DataError if the file does not exist or is not a regular one.
  CsvFile(const std::filesystem::path& path, char separator);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  /// Reads the next row, which has at least one cell.
  /// @returns false after the last one
  /// @throws DataError with the line if a quote is out of place or not closed, there is a zero
  ///         byte, a cell or a row is too large, or the file is not an intact gzip file.
  bool next(CsvRow& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace varia::datasets
