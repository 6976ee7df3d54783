#include "analysis/statistics/udr.hpp"

#include <cmath>
#include <cstdint>
#include <random>

#include "support/catch.hpp"

using namespace varia::statistics;
using Catch::Approx;

namespace {

constexpr CodeCorrelation kBoth[] = {CodeCorrelation::spearman, CodeCorrelation::lasso};

using Column = std::vector<double>;

/// Numbers from 0 to 1 that other languages can write.
Column streamed(std::size_t count, std::int64_t seed) {
  Column numbers;
  for (auto s = seed; numbers.size() < count;) {
    s = (1103515245 * s + 12345) % (std::int64_t{1} << 31);
    numbers.push_back(static_cast<double>((s >> 16) % 1000) / 1000);
  }
  return numbers;
}

ModelCodes model(const std::vector<Column>& columns, Column kl = {}) {
  ModelCodes codes{columns.size(), {}, std::move(kl)};
  for (std::size_t i = 0; i < columns.front().size(); ++i)
    for (const auto& column : columns) codes.points.push_back(column[i]);
  if (codes.kl.empty()) codes.kl.assign(columns.size(), 1);
  return codes;
}

std::vector<Column> columns_of(const Column& numbers, std::size_t dimensions) {
  std::vector<Column> columns(dimensions);
  for (std::size_t i = 0; i < numbers.size(); ++i) columns[i % dimensions].push_back(numbers[i]);
  return columns;
}

std::vector<Column> random_columns(std::size_t dimensions, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<Column> columns(dimensions, Column(1000));
  for (auto& column : columns)
    for (auto& number : column) number = normal(generator);
  return columns;
}

template <class Function>
Column combined(const Column& a, const Column& b, const Function& function) {
  Column result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(function(a[i], b[i]));
  return result;
}

}  // namespace

TEST_CASE("the relative strength is 1 of the identity, a third of ones, 0 of nothing") {
  CHECK(relative_strength({3, 3, {1, 0, 0, 0, 1, 0, 0, 0, 1}}) == 1);
  CHECK(relative_strength({3, 3, {1, 1, 1, 1, 1, 1, 1, 1, 1}}) == Approx(1.0 / 3));
  CHECK(relative_strength({3, 3, {1, 1, 0, 1, 1, 0, 0, 0, 1}}) == Approx(2.0 / 3));
  CHECK(relative_strength({3, 3, std::vector<double>(9)}) == 0);
  CHECK(relative_strength({0, 3, {}}) == 0);
  // Of the row 0.64 / 1, of the columns 0.8 and 0.2.
  CHECK(relative_strength({1, 2, {0.8, 0.2}}) == Approx((0.64 + 0.5) / 2));
}

TEST_CASE("permuted and sign-flipped copies of codes have a high score, and others a low one") {
  auto columns = random_columns(5, 1);
  const auto first = model(columns);
  std::swap(columns[0], columns[3]);
  std::swap(columns[1], columns[2]);
  for (auto& number : columns[0]) number *= -3;
  for (auto& number : columns[2]) number = 5 - number;
  const auto copy = model(columns);
  for (const auto kind : kBoth) {
    const std::vector<ModelCodes> copies = {first, copy, first};
    for (const auto score : unsupervised_ranking(copies, kind)) CHECK(score >= 0.8);
    const std::vector<ModelCodes> unlike = {first, model(random_columns(5, 2))};
    for (const auto score : unsupervised_ranking(unlike, kind)) CHECK(score < 0.1);
  }
}

TEST_CASE("dimensions that tell nothing do not count") {
  const auto same = random_columns(1, 1).front();
  const auto with_noise = [&](unsigned seed, const Column& kl) {
    auto columns = random_columns(4, seed);
    columns[seed % 4] = same;
    return model(columns, kl);
  };
  for (const auto kind : kBoth) {
    const std::vector<ModelCodes> all = {with_noise(1, {1, 1, 1, 1}), with_noise(2, {1, 1, 1, 1})};
    CHECK(unsupervised_ranking(all, kind).front() < 0.4);
    const std::vector<ModelCodes> masked = {with_noise(1, {0, 1, 0.009, 0}),
                                            with_noise(2, {0, 0.01, 0.011, 0})};
    CHECK(unsupervised_ranking(masked, kind).front() >= 0.8);
    const std::vector<ModelCodes> collapsed = {with_noise(1, {0, 0, 0, 0}),
                                               with_noise(2, {1, 1, 1, 1})};
    CHECK(unsupervised_ranking(collapsed, kind) == std::vector<double>{0, 0});
  }
}

TEST_CASE("a dimension without variance has no correlation, and one model alone no score") {
  auto columns = random_columns(2, 1);
  columns[1].assign(columns[1].size(), 0.7);
  for (const auto kind : kBoth) {
    const auto found = code_correlations(model(columns), model(columns), kind);
    CHECK(found.values[0] > 0.8);
    CHECK(found.values[1] == 0);
    CHECK(found.values[2] == 0);
    CHECK(found.values[3] == 0);
    const std::vector<ModelCodes> alone = {model(columns)};
    CHECK(std::isnan(unsupervised_ranking(alone, kind).front()));
  }
}

TEST_CASE("Spearman's correlation shares the ranks of equal numbers") {
  // SciPy: spearmanr([1, 2, 2, 3, 9], [5, 6, 7, 8, 7]).statistic
  const auto found = code_correlations(model({{1, 2, 2, 3, 9}}), model({{5, 6, 7, 8, 7}}),
                                       CodeCorrelation::spearman);
  CHECK(found.values.front() == Approx(0.7631578947368421));
}

TEST_CASE("the Lasso's weight of one dimension is its correlation less alpha") {
  const auto x = random_columns(1, 1).front(), noise = random_columns(1, 2).front();
  const auto y = combined(x, noise, [](double a, double b) { return -2 * a + 1.5 * b; });
  const auto correlation = [&] {
    double xy = 0, xx = 0, yy = 0, mx = 0, my = 0;
    for (std::size_t i = 0; i < x.size(); ++i) mx += x[i] / 1000, my += y[i] / 1000;
    for (std::size_t i = 0; i < x.size(); ++i) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
      yy += (y[i] - my) * (y[i] - my);
    }
    return xy / std::sqrt(xx * yy);
  }();
  const auto found = code_correlations(model({x}), model({y}), CodeCorrelation::lasso);
  CHECK(found.values.front() == Approx(-correlation - 0.1));
}

// Python, with disentanglement_lib's udr.py (commit 86a644d, its gin stubbed) and scikit-learn 1.9:
//
//     x, noise = streamed(300, 4, 1), streamed(300, 4, 2)   # [300, 4], by the numbers of
//     `streamed` a, b, c, d = x.T models = [x,
//               stack([-2 * c, a**3, b, noise[:, 0]], 1),
//               stack([a + 0.618034 * b, a - 1.618034 * b, c + 0.271828 * noise[:, 1],
//                      noise[:, 2]], 1),
//               x + 0.314159 * noise]
//     kl = [[1, 2, 0.5, 0.3], [1, 1, 1, 0.001], [1, 1, 1, 0.5], [0.1, 0.2, 0.009, 0.02]]
//     compute_udr_sklearn(..., correlation_matrix="lasso")["model_scores"]   # and "spearman"
TEST_CASE("the scores are those of disentanglement_lib") {
  const auto x = columns_of(streamed(1200, 1), 4), noise = columns_of(streamed(1200, 2), 4);
  const auto added = [](const Column& a, double weight, const Column& b) {
    return combined(a, b, [weight](double one, double other) { return one + weight * other; });
  };
  std::vector<Column> noisy;
  for (std::size_t d = 0; d < 4; ++d) noisy.push_back(added(x[d], 0.314159, noise[d]));
  const std::vector<ModelCodes> models = {
      model(x, {1, 2, 0.5, 0.3}),
      model({combined(x[2], x[2], [](double a, double) { return -2 * a; }),
             combined(x[0], x[0], [](double a, double) { return a * a * a; }), x[1], noise[0]},
            {1, 1, 1, 0.001}),
      model({added(x[0], 0.618034, x[1]), added(x[0], -1.618034, x[1]),
             added(x[2], 0.271828, noise[1]), noise[2]},
            {1, 1, 1, 0.5}),
      model(noisy, {0.1, 0.2, 0.009, 0.02})};
  // There the Lasso stops before its end, by a tolerance of 1e-4.
  const double lasso[] = {0.7468374540724075, 0.543284959928848, 0.45553466512757695,
                          0.5432849599288484};
  const double spearman[] = {0.7504972730311137, 0.5970545413901603, 0.4663257131108346,
                             0.5970545413901603};
  const auto by_lasso = unsupervised_ranking(models, CodeCorrelation::lasso);
  const auto by_ranks = unsupervised_ranking(models, CodeCorrelation::spearman);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(by_lasso[i] == Approx(lasso[i]).margin(1e-6));
    CHECK(by_ranks[i] == Approx(spearman[i]).epsilon(1e-12));
  }
}
