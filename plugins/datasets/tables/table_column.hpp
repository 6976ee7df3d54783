#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace varia::datasets {

/// The number that a cell is, as C++ and Python write them: "-1", "+2.50", "1e-3"; nullopt if it is
/// not one, such as "inf". One that float64 does not hold is infinite: "1e400".
std::optional<double> number_of(std::string_view cell);

/// What the cells of a column are.
enum class CellType {
  by_content,  ///< numbers or categories, whichever the first one is that is not missing
  number,
  count,     ///< whole, not negative, below 2^24, up to which float32 counts
  category,  ///< text, or numbers as text
};

/// A column of a table, cell by cell.
class TableColumn {
 public:
  /// @param categories the most that there may be
  TableColumn(std::string name, CellType type, std::size_t categories);

  /// A column that was read elsewhere.
  /// @param numbers NaN: a missing one
  static TableColumn of_numbers(std::string name, std::vector<float> numbers);
  /// @param codes places in `categories`; -1: a missing one
  static TableColumn of_categories(std::string name, std::vector<std::string> categories,
                                   std::vector<std::int32_t> codes);

  const std::string& name() const { return name_; }
  /// Not by_content once a cell was added that is not missing.
  CellType type() const { return type_; }

  /// @param file, line where the cell stands, for messages
  /// @throws DataError if it is not of the column's type, or there are too many categories
  void add(const std::string& cell, const std::string& file, std::int64_t line);
  void add_missing();
  bool has_missing() const { return missing_ > 0; }
  std::size_t rows() const { return rows_; }
  std::optional<std::size_t> first_missing() const;

  /// Numbers the categories in order: those that are all numbers by size, else as text.
  void sort_categories();

  /// How many numbers a sample has of it: 1, or one for each category.
  std::int64_t width() const;
  /// Their names: "age"; "colour=blue", "colour=red".
  std::vector<std::string> features() const;
  const std::vector<std::string>& categories() const { return categories_; }
  /// The place of a row's category; -1 if it is missing.
  std::int32_t category(std::size_t row) const { return codes_[row]; }
  /// Writes the numbers of a row: the number, or a one among zeros; NaN if it is missing.
  /// @param out of width()
  void write(std::size_t row, float* out) const;

 private:
  void add_number(const std::string& cell, const std::string& file, std::int64_t line);
  void add_category(const std::string& cell, const std::string& file, std::int64_t line);

  std::string name_;
  CellType type_;
  bool declared_;
  std::size_t most_categories_;
  std::int64_t first_line_ = 0;  // of what decided the type
  std::size_t missing_ = 0;
  std::size_t rows_ = 0;
  std::vector<float> numbers_;
  std::vector<std::int32_t> codes_;
  std::vector<std::string> categories_;
  std::unordered_map<std::string, std::int32_t> code_of_;
};

}  // namespace varia::datasets
