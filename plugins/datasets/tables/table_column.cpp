#include "tables/table_column.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::datasets {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t kLargestCount = (1 << 24) - 1;
constexpr std::size_t kLongestCategory = 1000;

std::string place_of(const std::string& file, std::int64_t line) {
  return file + ":" + std::to_string(line);
}

/// What std::from_chars does not tell of a number that float64 does not hold: 0 or infinity.
double beyond_float64(std::string_view cell) {
  const auto exponent = cell.find_first_of("eE");
  const bool is_tiny = exponent != std::string_view::npos
                           ? cell[exponent + 1] == '-'
                           : cell.find_first_of("123456789") > cell.find('.');
  const double size = is_tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return cell.starts_with('-') ? -size : size;
}

}  // namespace

std::optional<double> number_of(std::string_view cell) {
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) return beyond_float64(cell);
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

TableColumn::TableColumn(std::string name, CellType type, std::size_t categories)
    : name_(std::move(name)),
      type_(type),
      declared_(type != CellType::by_content),
      most_categories_(categories) {}

TableColumn TableColumn::of_numbers(std::string name, std::vector<float> numbers) {
  TableColumn column(std::move(name), CellType::number, 0);
  column.rows_ = numbers.size();
  column.missing_ = static_cast<std::size_t>(
      std::ranges::count_if(numbers, [](float number) { return std::isnan(number); }));
  column.numbers_ = std::move(numbers);
  return column;
}

TableColumn TableColumn::of_categories(std::string name, std::vector<std::string> categories,
                                       std::vector<std::int32_t> codes) {
  TableColumn column(std::move(name), CellType::category, categories.size());
  column.rows_ = codes.size();
  column.missing_ = static_cast<std::size_t>(std::ranges::count(codes, -1));
  column.codes_ = std::move(codes);
  column.categories_ = std::move(categories);
  return column;
}

void TableColumn::add_missing() {
  ++missing_;
  ++rows_;
  if (type_ == CellType::category) codes_.push_back(-1);
  if (type_ == CellType::number || type_ == CellType::count) numbers_.push_back(kMissing);
}

void TableColumn::add(const std::string& cell, const std::string& file, std::int64_t line) {
  if (type_ == CellType::by_content) {
    type_ = number_of(cell) ? CellType::number : CellType::category;
    first_line_ = line;
    numbers_.assign(type_ == CellType::number ? rows_ : 0, kMissing);
    codes_.assign(type_ == CellType::category ? rows_ : 0, -1);
  }
  ++rows_;
  if (type_ == CellType::category)
    add_category(cell, file, line);
  else
    add_number(cell, file, line);
}

void TableColumn::add_number(const std::string& cell, const std::string& file, std::int64_t line) {
  const auto number = number_of(cell);
  const auto fail = [&](const std::string& expected) {
    throw DataError(place_of(file, line),
                    "column '" + name_ + "': expected " + expected + ", found " +
                        Value::scalar(cell).describe() +
                        ". If it stands for a missing value, add it to 'missing'; if these "
                        "are categories, add the column to 'categories'.");
  };
  if (type_ == CellType::count) {
    if (!number || *number < 0 || *number > static_cast<double>(kLargestCount) ||
        *number != std::floor(*number))
      fail("a whole number from 0 to " + std::to_string(kLargestCount));
  } else if (!number) {
    fail(declared_ ? "a number" : "a number as on line " + std::to_string(first_line_));
  } else if (std::abs(*number) > std::numeric_limits<float>::max()) {
    fail("a number that a float32 can hold");
  }
  numbers_.push_back(static_cast<float>(*number));
}

void TableColumn::add_category(const std::string& cell, const std::string& file,
                               std::int64_t line) {
  if (!declared_ && number_of(cell)) {
    throw DataError(place_of(file, line),
                    "column '" + name_ + "': expected text as on line " +
                        std::to_string(first_line_) + ", found the number " + cell +
                        ". If the text stands for a missing value, add it to 'missing'; if "
                        "these are categories, add the column to 'categories'.");
  }
  if (cell.size() > kLongestCategory) {
    throw DataError(place_of(file, line),
                    "column '" + name_ + "': a text has " + std::to_string(cell.size()) +
                        " bytes; a category has " + std::to_string(kLongestCategory) +
                        " at most. If it describes the rows, add it to "
                        "'ignore'.");
  }
  const auto next = static_cast<std::int32_t>(categories_.size());
  const auto [found, is_new] = code_of_.try_emplace(cell, next);
  if (is_new) {
    if (categories_.size() == most_categories_) {
      throw DataError(place_of(file, line),
                      "column '" + name_ + "' has more than " + std::to_string(most_categories_) +
                          " different texts, the most that are read. If it names the rows, "
                          "add it to 'ignore'.");
    }
    categories_.push_back(cell);
  }
  codes_.push_back(found->second);
}

std::optional<std::size_t> TableColumn::first_missing() const {
  for (std::size_t row = 0; missing_ > 0 && row < rows_; ++row)
    if (type_ == CellType::category ? codes_[row] < 0 : std::isnan(numbers_[row])) return row;
  return {};
}

void TableColumn::sort_categories() {
  const bool numbers = std::ranges::all_of(
      categories_, [](const std::string& text) { return number_of(text).has_value(); });
  std::vector<std::int32_t> order(categories_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto text = [&](std::int32_t code) -> const std::string& {
    return categories_[static_cast<std::size_t>(code)];
  };
  std::ranges::sort(order, [&](std::int32_t a, std::int32_t b) {
    if (numbers) {
      const auto first = number_of(text(a));
      const auto second = number_of(text(b));
      if (first != second) return first < second;
    }
    return text(a) < text(b);
  });
  std::vector<std::string> sorted;
  std::vector<std::int32_t> place(order.size());
  for (const auto code : order) {
    place[static_cast<std::size_t>(code)] = static_cast<std::int32_t>(sorted.size());
    sorted.push_back(text(code));
  }
  for (auto& code : codes_)
    if (code >= 0) code = place[static_cast<std::size_t>(code)];
  for (auto& [category, code] : code_of_) code = place[static_cast<std::size_t>(code)];
  categories_ = std::move(sorted);
}

std::int64_t TableColumn::width() const {
  return type_ == CellType::category ? static_cast<std::int64_t>(categories_.size()) : 1;
}

std::vector<std::string> TableColumn::features() const {
  if (type_ != CellType::category) return {name_};
  std::vector<std::string> names;
  for (const auto& category : categories_) names.push_back(name_ + "=" + category);
  return names;
}

void TableColumn::write(std::size_t row, float* out) const {
  if (type_ != CellType::category) {
    *out = numbers_[row];
    return;
  }
  const auto code = codes_[row];
  std::fill_n(out, width(), code < 0 ? kMissing : 0.0F);
  if (code >= 0) out[code] = 1;
}

}  // namespace varia::datasets
