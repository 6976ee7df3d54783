#include "factor_vae_score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "contingency_table.hpp"
#include "varia/error.hpp"

namespace varia::metrics {

namespace {

double variance(const FactorCodes& codes, const Places& places, std::size_t dimension) {
  double mean = 0;
  for (const auto i : places) mean += codes.point(i, dimension);
  mean /= static_cast<double>(places.size());
  double squares = 0;
  for (const auto i : places) squares += std::pow(codes.point(i, dimension) - mean, 2);
  return squares / static_cast<double>(places.size() - 1);
}

/// Draws votes: a factor, and the dimension that varies least while the factor is fixed.
class Voter {
 public:
  Voter(const FactorCodes& codes, const FactorVaeProtocol& protocol, const FillUniform& uniform)
      : codes_(codes), uniform_(uniform), drawn_(static_cast<std::size_t>(protocol.batch) + 3) {
    Places all(codes.count);
    for (std::size_t i = 0; i < codes.count; ++i) all[i] = i;
    for (std::size_t d = 0; codes.count > 1 && d < codes.dimensions; ++d) {
      const double spread = variance(codes, all, d);
      if (std::sqrt(spread) < protocol.prune || spread == 0) continue;
      dimensions_.push_back(d);
      variances_.push_back(spread);
    }
    for (const auto f : varying_factors(codes)) {
      auto groups = places_by_value(codes, f, 2);
      if (!groups.empty()) factors_.push_back(std::move(groups));
    }
    if (factors_.empty())
      throw Error(
          "FactorVAE score: no factor varies among codes that share its value; encode more "
          "images");
  }

  bool has_dimensions() const { return !dimensions_.empty(); }
  std::size_t factor_count() const { return factors_.size(); }

  /// How often each dimension, of those left, voted for each factor that varies.
  ContingencyTable votes(std::int64_t count) {
    ContingencyTable table(static_cast<std::int64_t>(dimensions_.size()),
                           static_cast<std::int64_t>(factors_.size()));
    for (std::int64_t vote = 0; vote < count; ++vote) {
      uniform_(drawn_);
      const auto factor = place(drawn_[0], factors_.size());
      const auto& groups = factors_[factor];
      const auto& group = groups[place(drawn_[1], groups.size())];
      batch_.clear();
      for (std::size_t i = 2; i + 1 < drawn_.size(); ++i)
        batch_.push_back(group[place(drawn_[i], group.size())]);
      table.add(least_varying(drawn_.back()), static_cast<std::int64_t>(factor));
    }
    return table;
  }

 private:
  /// Where several vary as little, each is as likely: a batch may be one code many times.
  std::int64_t least_varying(float uniform) {
    std::vector<std::int64_t> least;
    double smallest = 0;
    for (std::size_t j = 0; j < dimensions_.size(); ++j) {
      const double part = variance(codes_, batch_, dimensions_[j]) / variances_[j];
      if (least.empty() || part < smallest) {
        least.clear();
        smallest = part;
      }
      if (part == smallest) least.push_back(static_cast<std::int64_t>(j));
    }
    return least[place(uniform, least.size())];
  }

  const FactorCodes& codes_;
  const FillUniform& uniform_;
  std::vector<float> drawn_;
  Places batch_;
  std::vector<std::size_t> dimensions_;
  std::vector<double> variances_;             // of dimensions_, among all codes
  std::vector<std::vector<Places>> factors_;  // of each factor that varies, by value
};

}  // namespace

double factor_vae_score(const FactorCodes& codes, const FactorVaeProtocol& protocol,
                        const FillUniform& uniform) {
  Voter voter(codes, protocol, uniform);
  if (voter.factor_count() < 2) return std::numeric_limits<double>::quiet_NaN();
  if (!voter.has_dimensions()) return 0;
  const auto learnt = voter.votes(protocol.train_votes);
  const auto judged = voter.votes(protocol.evaluation_votes);
  std::int64_t right = 0;
  for (std::int64_t d = 0; d < learnt.categories(); ++d) {
    std::int64_t factor = 0;
    for (std::int64_t f = 1; f < learnt.classes(); ++f)
      if (learnt.count(d, f) > learnt.count(d, factor)) factor = f;
    right += judged.count(d, factor);
  }
  return static_cast<double>(right) / static_cast<double>(protocol.evaluation_votes);
}

}  // namespace varia::metrics
