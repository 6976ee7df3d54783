#include "factor_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "contingency_table.hpp"
#include "varia/error.hpp"

namespace varia::metrics {

namespace {

/// Codes that share the value of one factor, at least two of them.
using Group = std::vector<std::size_t>;

/// The places of the codes by a factor's value; empty if the factor does not vary.
std::vector<Group> groups_of(const FactorCodes& codes, std::size_t factor) {
  const auto values = codes.values(factor);
  if (values < 2) return {};
  std::vector<Group> groups(static_cast<std::size_t>(values));
  for (std::size_t i = 0; i < codes.count; ++i)
    groups[static_cast<std::size_t>(codes.factor(i, factor))].push_back(i);
  std::erase_if(groups, [](const Group& group) { return group.size() < 2; });
  return groups;
}

double variance(const FactorCodes& codes, const Group& places, std::size_t dimension) {
  double mean = 0;
  for (const auto i : places) mean += codes.point(i, dimension);
  mean /= static_cast<double>(places.size());
  double squares = 0;
  for (const auto i : places) squares += std::pow(codes.point(i, dimension) - mean, 2);
  return squares / static_cast<double>(places.size() - 1);
}

std::size_t place(float uniform, std::size_t size) {
  return std::min(
      static_cast<std::size_t>(static_cast<double>(uniform) * static_cast<double>(size)), size - 1);
}

/// Draws votes: a factor, and the dimension that varies least while the factor is fixed.
class Voter {
 public:
  Voter(const FactorCodes& codes, const FactorVaeProtocol& protocol, const FillUniform& uniform)
      : codes_(codes), uniform_(uniform), drawn_(static_cast<std::size_t>(protocol.batch) + 3) {
    Group all(codes.count);
    for (std::size_t i = 0; i < codes.count; ++i) all[i] = i;
    for (std::size_t d = 0; codes.count > 1 && d < codes.dimensions; ++d) {
      const double spread = variance(codes, all, d);
      if (std::sqrt(spread) < protocol.prune || spread == 0) continue;
      dimensions_.push_back(d);
      variances_.push_back(spread);
    }
    for (std::size_t f = 0; f < codes.factor_count; ++f) {
      auto groups = groups_of(codes, f);
      if (!groups.empty()) factors_.push_back(std::move(groups));
    }
    if (factors_.empty())
      throw Error(
          "FactorVAE score: no factor varies among codes that share its value; encode more "
          "images");
  }

  bool has_dimensions() const { return !dimensions_.empty(); }

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
  Group batch_;
  std::vector<std::size_t> dimensions_;
  std::vector<double> variances_;            // of dimensions_, among all codes
  std::vector<std::vector<Group>> factors_;  // of each factor that varies, by value
};

/// The interval in which each code's value of one dimension lies. [n]
std::vector<std::int64_t> binned(const FactorCodes& codes, std::size_t dimension,
                                 std::int64_t bins) {
  double low = codes.point(0, dimension), high = low;
  for (std::size_t i = 1; i < codes.count; ++i) {
    low = std::min(low, codes.point(i, dimension));
    high = std::max(high, codes.point(i, dimension));
  }
  std::vector<std::int64_t> places(codes.count);
  if (high == low) return places;
  for (std::size_t i = 0; i < codes.count; ++i) {
    const double part = (codes.point(i, dimension) - low) / (high - low);
    places[i] = std::min(static_cast<std::int64_t>(part * static_cast<double>(bins)), bins - 1);
  }
  return places;
}

}  // namespace

std::int64_t FactorCodes::values(std::size_t f) const {
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, factor(i, f));
  return largest + 1;
}

FactorCodes factor_codes(std::vector<double> points, const std::vector<float>& factors,
                         std::size_t count) {
  if (count == 0 || points.empty() || factors.empty() || points.size() % count != 0 ||
      factors.size() % count != 0)
    throw Error("a score of factors: expected codes and factors of the same images");
  const auto not_finite = [](double number) { return !std::isfinite(number); };
  if (std::any_of(points.begin(), points.end(), not_finite) ||
      std::any_of(factors.begin(), factors.end(), not_finite))
    throw Error("a score of factors: a code or a factor is not finite");
  FactorCodes codes{count, points.size() / count, factors.size() / count, std::move(points), {}};
  codes.factors.resize(factors.size());
  for (std::size_t f = 0; f < codes.factor_count; ++f) {
    std::map<float, std::int64_t> places;
    for (std::size_t i = 0; i < count; ++i) places[factors[i * codes.factor_count + f]] = 0;
    std::int64_t next = 0;
    for (auto& [value, place] : places) place = next++;
    for (std::size_t i = 0; i < count; ++i)
      codes.factors[i * codes.factor_count + f] = places.at(factors[i * codes.factor_count + f]);
  }
  return codes;
}

double factor_vae_score(const FactorCodes& codes, const FactorVaeProtocol& protocol,
                        const FillUniform& uniform) {
  Voter voter(codes, protocol, uniform);
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

std::vector<double> mutual_information_gaps(const FactorCodes& codes, std::int64_t bins) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> first(codes.factor_count), second(codes.factor_count);
  std::vector<double> entropies(codes.factor_count);
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    const auto places = binned(codes, d, bins);
    for (std::size_t f = 0; f < codes.factor_count; ++f) {
      ContingencyTable table(bins, codes.values(f));
      for (std::size_t i = 0; i < codes.count; ++i) table.add(places[i], codes.factor(i, f));
      entropies[f] = table.class_entropy();
      const double information = table.mutual_information();
      second[f] = std::max(second[f], std::min(first[f], information));
      first[f] = std::max(first[f], information);
    }
  }
  std::vector<double> gaps(codes.factor_count);
  for (std::size_t f = 0; f < gaps.size(); ++f)
    gaps[f] = entropies[f] > 0 ? (first[f] - second[f]) / entropies[f] : kNaN;
  return gaps;
}

double mean_gap(const std::vector<double>& gaps) {
  double sum = 0;
  int counted = 0;
  for (const double gap : gaps) {
    if (std::isnan(gap)) continue;
    sum += gap;
    ++counted;
  }
  return counted > 0 ? sum / counted : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace varia::metrics
