#include "roc_auc.hpp"

#include <cmath>
#include <limits>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;
using metrics::roc_auc;

namespace {

struct Case {
  std::vector<double> scores;
  std::vector<bool> positive;
};

/// n scores, k of them different.
Case with_scores(std::int64_t n, std::int64_t k) {
  Case made;
  for (const auto number : stream(n, k, 5)) made.scores.push_back(static_cast<double>(number) / 8);
  for (const auto number : stream(n, 3, 3)) made.positive.push_back(number == 0);
  return made;
}

}  // namespace

TEST_CASE("the area under the ROC curve is scikit-learn's, with and without ties") {
  // scikit-learn 1.9.1, with stream() as in support.hpp:
  //   roc_auc_score(stream(n, 3, 3) == 0, stream(n, k, 5) / 8)
  const auto area = [](const Case& one) { return roc_auc(one.scores, one.positive); };
  CHECK(area(with_scores(200, 1000)) == Approx(0.5275096525096525).epsilon(1e-14));
  CHECK(area(with_scores(200, 7)) == Approx(0.4291613041613042).epsilon(1e-14));
  CHECK(area(with_scores(50, 2)) == Approx(0.5583333333333333).epsilon(1e-14));
}

TEST_CASE("the area under the ROC curve is the part of pairs in order, ties counting one half") {
  const auto [scores, positive] = with_scores(90, 11);
  double in_order = 0, pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (!positive[i] || positive[j]) continue;
      pairs += 1;
      in_order += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  CHECK(roc_auc(scores, positive) == Approx(in_order / pairs).epsilon(1e-14));
}

TEST_CASE("scores that are apart, alike or reversed have areas of 1, one half and 0") {
  const std::vector<bool> positive = {false, false, true, true};
  CHECK(roc_auc(std::vector<double>{1, 2, 3, 4}, positive) == 1);
  CHECK(roc_auc(std::vector<double>{4, 4, 4, 4}, positive) == 0.5);
  CHECK(roc_auc(std::vector<double>{4, 3, 2, 1}, positive) == 0);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(roc_auc(std::vector<double>{1, 2, infinity, infinity}, positive) == 1);
}

TEST_CASE("there is no area without both sorts of samples, or with a score that is not a number") {
  CHECK(std::isnan(roc_auc(std::vector<double>{1, 2}, {true, true})));
  CHECK(std::isnan(roc_auc(std::vector<double>{1, 2}, {false, false})));
  CHECK(std::isnan(roc_auc({}, {})));
  CHECK(std::isnan(roc_auc(std::vector<double>{1, std::nan("")}, {true, false})));
}
