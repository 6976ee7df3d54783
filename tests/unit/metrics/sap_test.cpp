#include "sap.hpp"

#include <cmath>

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

TEST_CASE("the hyperplane of a support vector machine is that of its closed form") {
  // Values +-1 with bias b and weight w: the minimum of (w^2 + b^2) / 2 + C sum(max(0, 1 - y (w x +
  // b))^2) has b = 0 and w = 2 C n / (1 + 2 C n) by symmetry, so that a point off the middle is
  // told by its sign. A shifted column moves the border to the middle of the shifted values.
  auto codes = planted({2, 3}, 200);
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 2] += 3;
  auto judged = codes;
  for (std::size_t i = 0; i < judged.count; ++i)
    judged.points[i * 2] = 3 + 0.2 * (judged.points[i * 2] - 3);
  CHECK(metrics::svm_accuracies(codes, judged)(0, 0) == 1);
}
