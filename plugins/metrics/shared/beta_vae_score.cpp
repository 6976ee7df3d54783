#include "beta_vae_score.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "logistic_regression.hpp"
#include "varia/error.hpp"

namespace varia::metrics {

namespace {

/// Mean differences of pairs of codes, and the factor that the pairs share.
struct Differences {
  Tensor points;   // [n, D] float64
  Tensor factors;  // [n] int64
};

/// The codes from which the pairs of one factor are drawn.
class PairedCodes {
 public:
  explicit PairedCodes(const std::vector<Places>& groups) {
    for (const auto& group : groups) {
      const std::pair<std::size_t, std::size_t> own{places_.size(), group.size()};
      places_.insert(places_.end(), group.begin(), group.end());
      groups_.insert(groups_.end(), group.size(), own);
    }
  }
  /// Each code is as probable as the first; so is each that shares its value as the second.
  std::pair<std::size_t, std::size_t> draw(float first, float second) const {
    const auto one = place(first, places_.size());
    const auto [begin, size] = groups_[one];
    return {places_[one], places_[begin + place(second, size)]};
  }

 private:
  Places places_;  // value by value
  /// Where in `places_` the codes begin that share the value of each, and how many they are.
  std::vector<std::pair<std::size_t, std::size_t>> groups_;
};

std::vector<PairedCodes> paired_codes(const FactorCodes& codes) {
  std::vector<PairedCodes> factors;
  for (const auto f : varying_factors(codes)) {
    const auto groups = places_by_value(codes, f, 2);
    if (!groups.empty()) factors.emplace_back(groups);
  }
  if (factors.empty())
    throw Error(
        "beta-VAE score: no factor varies among codes that share its value; encode more "
        "images");
  return factors;
}

Differences differences(const FactorCodes& codes, const std::vector<PairedCodes>& factors,
                        std::int64_t count, std::int64_t batch, const FillUniform& uniform) {
  const auto width = static_cast<std::int64_t>(codes.dimensions);
  Differences result{at::zeros({count, width}, at::kDouble), at::empty({count}, at::kLong)};
  auto* point = result.points.data_ptr<double>();
  auto* factor = result.factors.data_ptr<std::int64_t>();
  std::vector<float> numbers(1 + 2 * static_cast<std::size_t>(batch));
  for (std::int64_t i = 0; i < count; ++i, point += width) {
    uniform(numbers);
    const auto shared = place(numbers[0], factors.size());
    factor[i] = static_cast<std::int64_t>(shared);
    for (std::size_t pair = 1; pair < numbers.size(); pair += 2) {
      const auto [one, other] = factors[shared].draw(numbers[pair], numbers[pair + 1]);
      for (std::size_t d = 0; d < codes.dimensions; ++d)
        point[d] += std::abs(codes.point(one, d) - codes.point(other, d));
    }
  }
  result.points /= static_cast<double>(batch);
  return result;
}

}  // namespace

double beta_vae_score(const FactorCodes& codes, const BetaVaeProtocol& protocol,
                      const FillUniform& uniform) {
  const auto factors = paired_codes(codes);
  if (factors.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto train = differences(codes, factors, protocol.train_points, protocol.batch, uniform);
  const auto judged = differences(codes, factors, protocol.points, protocol.batch, uniform);
  const LogisticRegression classifier(train.points, train.factors,
                                      static_cast<std::int64_t>(factors.size()),
                                      LogisticRegression::kScikitLearn);
  const auto found = classifier.probabilities(judged.points).argmax(1);
  return found.eq(judged.factors).to(at::kDouble).mean().item<double>();
}

}  // namespace varia::metrics
