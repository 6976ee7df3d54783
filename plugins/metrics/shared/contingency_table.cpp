#include "contingency_table.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace varia::metrics
