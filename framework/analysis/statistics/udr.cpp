#include "analysis/statistics/udr.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/estimates.hpp"

namespace varia::statistics {

namespace {

constexpr double kAlpha = 0.1;        // of the Lasso, disentanglement_lib's
constexpr double kTolerance = 1e-10;  // of its weights, for codes of variance 1
constexpr int kMostPasses = 10'000;

using Column = std::vector<double>;

/// With the mean 0 and the variance 1; zeros if it does not vary.
Column standardised(Column column) {
  const double centre = mean(column);
  double squares = 0;
  for (auto& value : column) {
    value -= centre;
    squares += value * value;
  }
  const double deviation = std::sqrt(squares / static_cast<double>(column.size()));
  const double largest =
      std::abs(*std::ranges::max_element(column, {}, [](double value) { return std::abs(value); }));
  const bool varies = deviation > 1e-12 * (std::abs(centre) + largest);
  for (auto& value : column) value = varies ? value / deviation : 0;
  return column;
}

/// From 1 on; equal values share the mean of their ranks.
Column ranks(const Column& column) {
  std::vector<std::size_t> order(column.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return column[i]; });
  Column found(column.size());
  for (std::size_t begin = 0; begin < order.size();) {
    auto end = begin;
    while (end < order.size() && column[order[end]] == column[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end + 1) / 2;
    for (; begin < end; ++begin) found[order[begin]] = rank;
  }
  return found;
}

/// The mean of the products.
double covariance(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / static_cast<double>(a.size());
}

/// [a, b]
CorrelationMatrix covariances(const std::vector<Column>& a, const std::vector<Column>& b) {
  CorrelationMatrix matrix{a.size(), b.size(), {}};
  for (const auto& row : a)
    for (const auto& column : b) matrix.values.push_back(covariance(row, column));
  return matrix;
}

/// The weights of the least squares ||y - X w||^2 / 2 n + alpha |w|, by coordinate descent.
/// @param inputs  [D, D] covariances of X
/// @param targets [D] covariances of X and y
std::vector<double> lasso_weights(const CorrelationMatrix& inputs, const Column& targets) {
  const auto dimensions = inputs.rows;
  std::vector<double> weights(dimensions);
  for (int pass = 0; pass < kMostPasses; ++pass) {
    double moved = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      const double* row = inputs.values.data() + d * dimensions;
      if (row[d] == 0) continue;
      const double old = weights[d];
      const double rest =
          targets[d] + row[d] * old - std::inner_product(weights.begin(), weights.end(), row, 0.0);
      weights[d] = std::copysign(std::max(std::abs(rest) - kAlpha, 0.0), rest) / row[d];
      moved = std::max(moved, std::abs(weights[d] - old));
    }
    if (moved < kTolerance) break;
  }
  return weights;
}

/// The square of the largest over the sum; 0 of zeros.
class Strength {
 public:
  void add(double value) {
    largest_ = std::max(largest_, value);
    sum_ += value;
  }
  double value() const { return sum_ > 0 ? largest_ * largest_ / sum_ : 0; }

 private:
  double largest_ = 0;
  double sum_ = 0;
};

/// A model's codes as they are compared.
class PreparedCodes {
 public:
  PreparedCodes(const ModelCodes& codes, CodeCorrelation kind) : kind_(kind) {
    const auto images = codes.points.size() / codes.dimensions;
    for (std::size_t d = 0; d < codes.dimensions; ++d) {
      if (!(codes.kl[d] > kInformativeKl)) continue;
      Column column(images);
      for (std::size_t i = 0; i < images; ++i) column[i] = codes.points[i * codes.dimensions + d];
      if (kind == CodeCorrelation::spearman) column = ranks(column);
      columns_.push_back(standardised(std::move(column)));
    }
    if (kind == CodeCorrelation::lasso) own_ = covariances(columns_, columns_);
  }

  CorrelationMatrix correlations(const PreparedCodes& other) const {
    auto matrix = covariances(columns_, other.columns_);
    if (kind_ == CodeCorrelation::lasso) matrix = weights(matrix);
    for (auto& value : matrix.values) value = std::abs(value);
    return matrix;
  }

 private:
  /// @param targets covariances with the dimensions that are predicted, one in a column
  CorrelationMatrix weights(CorrelationMatrix targets) const {
    for (std::size_t j = 0; j < targets.columns; ++j) {
      Column column;
      for (std::size_t i = 0; i < targets.rows; ++i)
        column.push_back(targets.values[i * targets.columns + j]);
      const auto found = lasso_weights(own_, column);
      for (std::size_t i = 0; i < targets.rows; ++i)
        targets.values[i * targets.columns + j] = found[i];
    }
    return targets;
  }

  CodeCorrelation kind_;
  std::vector<Column> columns_;
  CorrelationMatrix own_;  // of the Lasso: covariances of the columns with each other
};

}  // namespace

CorrelationMatrix code_correlations(const ModelCodes& a, const ModelCodes& b,
                                    CodeCorrelation kind) {
  return PreparedCodes(a, kind).correlations(PreparedCodes(b, kind));
}

double relative_strength(const CorrelationMatrix& matrix) {
  if (matrix.values.empty()) return 0;
  std::vector<Strength> rows(matrix.rows), columns(matrix.columns);
  for (std::size_t i = 0; i < matrix.rows; ++i)
    for (std::size_t j = 0; j < matrix.columns; ++j) {
      const double value = matrix.values[i * matrix.columns + j];
      rows[i].add(value);
      columns[j].add(value);
    }
  const auto mean_of = [](const std::vector<Strength>& strengths) {
    std::vector<double> values;
    for (const auto& strength : strengths) values.push_back(strength.value());
    return mean(values);
  };
  return (mean_of(rows) + mean_of(columns)) / 2;
}

std::vector<double> unsupervised_ranking(std::span<const ModelCodes> models, CodeCorrelation kind) {
  std::vector<PreparedCodes> prepared;
  for (const auto& model : models) prepared.emplace_back(model, kind);
  std::vector<double> scores;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    std::vector<double> strengths;
    for (std::size_t j = 0; j < prepared.size(); ++j)
      if (j != i) strengths.push_back(relative_strength(prepared[j].correlations(prepared[i])));
    std::ranges::sort(strengths);
    scores.push_back(strengths.empty() ? std::nan("") : quantile(strengths, 0.5));
  }
  return scores;
}

}  // namespace varia::statistics
