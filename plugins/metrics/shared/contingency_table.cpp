#include "contingency_table.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "varia/error.hpp"

namespace varia::metrics {

namespace {

constexpr std::int64_t kMaxCells = 10'000'000;

double entropy(const std::vector<std::int64_t>& counts, std::int64_t total) {
  double sum = 0;
  for (const auto count : counts) {
    if (count == 0) continue;
    const double p = static_cast<double>(count) / static_cast<double>(total);
    sum -= p * std::log(p);
  }
  return std::max(sum, 0.0);
}

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 4;

/// The column of each row, at the least total cost. There are at least as many columns as rows.
///
/// A row price plus a column price never exceeds the cost of their pair, and equals it for pairs
/// that are assigned; each new row searches for the cheapest path to a free column.
std::vector<std::size_t> cheapest(
    std::size_t rows, std::size_t columns,
    const std::function<std::int64_t(std::size_t, std::size_t)>& cost) {
  std::vector<std::int64_t> row_price(rows), column_price(columns);
  std::vector<std::size_t> row_of(columns, kNone);
  for (std::size_t start = 0; start < rows; ++start) {
    std::vector<std::int64_t> distance(columns, kFar);
    std::vector<std::size_t> before(columns, kNone);  // the column from which the path comes
    std::vector<bool> reached(columns);
    std::vector<std::size_t> tree;  // the columns reached, in order
    std::size_t row = start, last = kNone;
    while (true) {
      std::size_t nearest = kNone;
      for (std::size_t column = 0; column < columns; ++column) {
        if (reached[column]) continue;
        const auto reduced = cost(row, column) - row_price[row] - column_price[column];
        if (reduced < distance[column]) {
          distance[column] = reduced;
          before[column] = last;
        }
        if (nearest == kNone || distance[column] < distance[nearest]) nearest = column;
      }
      // Prices move so that the nearest column costs nothing more.
      const auto step = distance[nearest];
      row_price[start] += step;
      for (const auto column : tree) {
        row_price[row_of[column]] += step;
        column_price[column] -= step;
      }
      for (std::size_t column = 0; column < columns; ++column)
        if (!reached[column]) distance[column] -= step;
      if (row_of[nearest] == kNone) {
        last = nearest;
        break;
      }
      reached[nearest] = true;
      tree.push_back(nearest);
      last = nearest;
      row = row_of[nearest];
    }
    for (auto column = last; column != kNone; column = before[column])
      row_of[column] = before[column] == kNone ? start : row_of[before[column]];
  }
  std::vector<std::size_t> column_of(rows, kNone);
  for (std::size_t column = 0; column < columns; ++column)
    if (row_of[column] != kNone) column_of[row_of[column]] = column;
  return column_of;
}

}  // namespace

ContingencyTable::ContingencyTable(std::int64_t categories, std::int64_t classes)
    : categories_(categories), classes_(classes) {
  if (categories < 1 || classes < 1 || categories > kMaxCells / classes)
    throw Error("a table of " + std::to_string(categories) + " categories and " +
                std::to_string(classes) + " classes: expected 1 to " + std::to_string(kMaxCells) +
                " cells");
  counts_.resize(static_cast<std::size_t>(categories * classes));
}

void ContingencyTable::add(std::int64_t category, std::int64_t label, std::int64_t times) {
  if (category < 0 || category >= categories_ || label < 0 || label >= classes_)
    throw Error("category " + std::to_string(category) + " with class " + std::to_string(label) +
                ": there are " + std::to_string(categories_) + " categories and " +
                std::to_string(classes_) + " classes");
  if (times < 0) throw Error("a count of " + std::to_string(times) + " is none");
  counts_[static_cast<std::size_t>(category * classes_ + label)] += times;
  total_ += times;
}

std::int64_t ContingencyTable::count(std::int64_t category, std::int64_t label) const {
  return counts_[static_cast<std::size_t>(category * classes_ + label)];
}

std::vector<std::int64_t> ContingencyTable::category_counts() const {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(categories_));
  for (std::int64_t i = 0; i < categories_; ++i)
    for (std::int64_t j = 0; j < classes_; ++j) sums[static_cast<std::size_t>(i)] += count(i, j);
  return sums;
}

std::vector<std::int64_t> ContingencyTable::class_counts() const {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(classes_));
  for (std::int64_t i = 0; i < categories_; ++i)
    for (std::int64_t j = 0; j < classes_; ++j) sums[static_cast<std::size_t>(j)] += count(i, j);
  return sums;
}

double ContingencyTable::category_entropy() const { return entropy(category_counts(), total_); }

double ContingencyTable::class_entropy() const { return entropy(class_counts(), total_); }

double ContingencyTable::mutual_information() const {
  const auto rows = category_counts();
  const auto columns = class_counts();
  const auto n = static_cast<double>(total_);
  double sum = 0;
  for (std::int64_t i = 0; i < categories_; ++i)
    for (std::int64_t j = 0; j < classes_; ++j) {
      const auto both = static_cast<double>(count(i, j));
      if (both == 0) continue;
      const auto expected = static_cast<double>(rows[static_cast<std::size_t>(i)]) *
                            static_cast<double>(columns[static_cast<std::size_t>(j)]) / n;
      sum += both / n * std::log(both / expected);
    }
  return std::max(sum, 0.0);
}

double ContingencyTable::normalised_mutual_information() const {
  const double entropies = category_entropy() + class_entropy();
  if (entropies == 0) return 1;
  const double information = mutual_information();
  if (information <= std::numeric_limits<double>::epsilon()) return 0;
  return information / (entropies / 2);
}

double ContingencyTable::adjusted_rand_index() const {
  const auto squares = [](const std::vector<std::int64_t>& counts) {
    double sum = 0;
    for (const auto count : counts) sum += static_cast<double>(count) * static_cast<double>(count);
    return sum;
  };
  const auto n = static_cast<double>(total_);
  const double both = squares(counts_);
  // Ordered pairs: in one category and one class, in one of the two alone, in neither.
  const double together = both - n;
  const double category_alone = squares(category_counts()) - both;
  const double class_alone = squares(class_counts()) - both;
  const double apart = n * n - category_alone - class_alone - both;
  if (category_alone == 0 && class_alone == 0) return 1;
  return 2 * (together * apart - category_alone * class_alone) /
         ((together + class_alone) * (class_alone + apart) +
          (together + category_alone) * (category_alone + apart));
}

std::vector<std::int64_t> best_assignment(const ContingencyTable& table) {
  const auto categories = static_cast<std::size_t>(table.categories());
  const auto classes = static_cast<std::size_t>(table.classes());
  const auto agree = [&table](std::size_t category, std::size_t label) {
    return -table.count(static_cast<std::int64_t>(category), static_cast<std::int64_t>(label));
  };
  std::vector<std::int64_t> assigned(categories, -1);
  if (categories <= classes) {
    const auto found = cheapest(categories, classes, agree);
    std::transform(found.begin(), found.end(), assigned.begin(),
                   [](std::size_t label) { return static_cast<std::int64_t>(label); });
  } else {
    const auto found = cheapest(classes, categories,
                                [&agree](std::size_t a, std::size_t b) { return agree(b, a); });
    for (std::size_t label = 0; label < classes; ++label)
      assigned[found[label]] = static_cast<std::int64_t>(label);
  }
  return assigned;
}

double cluster_accuracy(const ContingencyTable& table) {
  const auto assigned = best_assignment(table);
  std::int64_t agreed = 0;
  for (std::size_t category = 0; category < assigned.size(); ++category)
    if (assigned[category] >= 0)
      agreed += table.count(static_cast<std::int64_t>(category), assigned[category]);
  return static_cast<double>(agreed) / static_cast<double>(table.total());
}

}  // namespace varia::metrics
