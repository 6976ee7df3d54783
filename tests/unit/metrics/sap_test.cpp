#include "sap.hpp"

#include <cmath>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

double of_lines(const metrics::FactorCodes& codes) {
  return metrics::separated_attribute_predictability(metrics::squared_correlations(codes));
}

double of_classes(const metrics::FactorCodes& codes) {
  return metrics::separated_attribute_predictability(metrics::svm_accuracies(codes, codes));
}

}  // namespace

TEST_CASE("SAP is the mean difference of the two best scores of a factor") {
  CHECK(metrics::separated_attribute_predictability(
            factor_matrix({{0.9, 0.2}, {0.5, 0.3}, {0.1, 1}})) == Approx((0.4 + 0.7) / 2));
}

TEST_CASE("the SAP of a single dimension, which nothing can be better than, is not a number") {
  auto codes = planted({3, 4}, 20);
  codes.dimensions = 1;
  codes.points.resize(codes.count);
  randomise(codes, 3);
  CHECK(std::isnan(of_lines(codes)));
  CHECK(std::isnan(of_classes(codes)));
}

TEST_CASE("the SAP of classes leaves out images whose value no training image has") {
  const auto train = planted({2, 3}, 20);
  const auto score = [&](const metrics::FactorCodes& judged) {
    return metrics::separated_attribute_predictability(metrics::svm_accuracies(train, judged));
  };
  const double known = score(train);
  // As many images again, whose first factor has a third value.
  CHECK(score(with_unseen(train, 0)) == Approx(known));
  // Of a factor without a known value there is no accuracy; the other one is the score.
  auto unseen = train;
  for (std::size_t i = 0; i < unseen.count; ++i) unseen.factors[i * 2] = 2;
  const auto accuracies = metrics::svm_accuracies(train, unseen);
  CHECK(std::isnan(accuracies(0, 0)));
  CHECK(score(unseen) == Approx(accuracies(1, 1) - accuracies(0, 1)));
}

TEST_CASE("the SAP of lines is near one for identity data, and zero for zeros and duplicates") {
  const auto codes = identity(3000);
  CHECK(of_lines(codes) >= 0.9);
  CHECK(of_lines(zeros(codes)) == 0);
  CHECK(of_lines(duplicated(codes)) <= 0.2);
}

TEST_CASE("the squared correlation of a sum of two factors with each is one half") {
  auto codes = planted({5, 5}, 1);
  codes.dimensions = 1;
  codes.points.clear();
  for (std::size_t i = 0; i < codes.count; ++i)
    codes.points.push_back(static_cast<double>(codes.factor(i, 0) + codes.factor(i, 1)));
  const auto correlations = metrics::squared_correlations(codes);
  CHECK(correlations(0, 0) == Approx(0.5));
  CHECK(correlations(0, 1) == Approx(0.5));
}

TEST_CASE(
    "a support vector machine tells two values at either side, and nothing of other factors") {
  const auto accuracies = metrics::svm_accuracies(planted({2, 2}, 50), planted({2, 2}, 5));
  CHECK(accuracies(0, 0) == 1);
  CHECK(accuracies(1, 1) == 1);
  CHECK(accuracies(0, 1) == 0.5);
  CHECK(accuracies(1, 0) == 0.5);
}

TEST_CASE(
    "the SAP of classes is zero for zeros and duplicates, and large for a factor of two values") {
  const auto codes = planted({2, 2, 2}, 20);
  CHECK(of_classes(codes) == Approx(0.5));
  CHECK(of_classes(zeros(codes)) == 0);
  CHECK(of_classes(duplicated(codes)) == 0);
}

namespace {

/// A column of `low` twos, which have the first value of a factor, and `high` fours, which have the
/// second one.
metrics::FactorCodes two_and_four(std::size_t low, std::size_t high) {
  std::vector<double> points(low, 2);
  points.resize(low + high, 4);
  std::vector<float> factors(low, 0);
  factors.resize(low + high, 1);
  return metrics::factor_codes(points, factors, low + high);
}

/// Whether the border of what is learned from `train` lies between two numbers.
bool has_border_between(const metrics::FactorCodes& train, double below, double above) {
  const auto sides = metrics::factor_codes({below, above}, {0, 1}, 2);
  return metrics::svm_accuracies(train, sides)(0, 0) == 1;
}

}  // namespace

// The minimum of (w^2 + b^2) / 2 + sum C_i max(0, 1 - y_i (w x_i + b))^2. As long as each y (w x +
// b) is below 1, its derivatives are linear:
//
//     (1 + 2 sum C_i x_i^2) w + 2 sum C_i x_i b       = 2 sum C_i x_i y_i
//     2 sum C_i x_i w         + (1 + 2 sum C_i) b     = 2 sum C_i y_i
//
// For 600 twos and 600 fours, and C_i = 0.01, these are 241 w + 72 b = 24 and 72 w + 25 b = 0, with
// the border -b / w = 72 / 25 = 2.88. The same comes from Newton's method, and, by scikit-learn
// 1.9.1, from LinearSVC(C=0.01, dual=False, tol=1e-10): 2.88; with C=0.1 2.98755, with C=1 2.99875,
// and 3 with a constant that costs nothing (intercept_scaling=1e3).

TEST_CASE("the border of a support vector machine is that of C = 0.01, whose constant costs, too") {
  const auto even = two_and_four(600, 600);
  CHECK(has_border_between(even, 2.879, 2.881));
  CHECK_FALSE(has_border_between(even, 2.94, 3.06));
}

TEST_CASE("a support vector machine gives a rare value as much weight as a frequent one") {
  // Balanced weights are 2/3 and 2, with the same sums and the same border as above. Without them,
  // 169 w + 60 b = -12 and 60 w + 25 b = -12 have the border 3.114; with 300 twos and 900 fours it
  // is 2.610.
  CHECK(has_border_between(two_and_four(900, 300), 2.879, 2.881));
  CHECK(has_border_between(two_and_four(300, 900), 2.879, 2.881));
}
