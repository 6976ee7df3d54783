#include "roc_auc.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace varia::metrics {

double roc_auc(std::span<const double> scores, const std::vector<bool>& positive) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (std::ranges::any_of(scores, [](double score) { return std::isnan(score); })) return kNone;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });

  double positives = 0;
  double negatives = 0;  // of lower scores
  double pairs = 0;      // a positive sample above a negative one
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double tied_positives = 0;
    double tied_negatives = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end)
      (positive[order[end]] ? tied_positives : tied_negatives) += 1;
    pairs += tied_positives * (negatives + tied_negatives / 2);
    positives += tied_positives;
    negatives += tied_negatives;
  }
  return positives > 0 && negatives > 0 ? pairs / (positives * negatives) : kNone;
}

}  // namespace varia::metrics
