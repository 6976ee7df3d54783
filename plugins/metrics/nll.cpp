#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/evidence.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"
#include "varia/value.hpp"

namespace {

using namespace varia;

struct NllParams final : ParamSet {
  Integer samples{this, "samples", 100, {1, 1'000'000}, "Posterior samples per image, K."};
  Integer images{this,
                 "images",
                 1000,
                 {1, std::numeric_limits<std::int64_t>::max()},
                 "How many images: a random subset of the split, the same for every trial and "
                 "experiment; all if the split has no more."};
  IntegerList bounds{this,
                     "bounds",
                     {},
                     {1, 1'000'000},
                     "Numbers of draws k, at most K, of which the bound is recorded too, as "
                     "nll_k5 for 5: of groups of k of the K draws, averaged."};
  RealList renyi{this,
                 "renyi",
                 {},
                 {-100, 100},
                 "Orders alpha of which the variational Renyi bound is recorded too, as "
                 "nll_renyi_0.5, and as nll_renyi_0.5_k5 for each of bounds (Li & Turner 2016): 0 "
                 "is the importance-weighted bound, 1 the evidence lower bound. One below 0 is an "
                 "upper bound of ln p(x) in the limit of K, and no rank of models."};

 protected:
  void check() const override {
    for (const auto k : bounds())
      if (k > samples())
        fail(bounds, "a bound of " + std::to_string(k) +
                         " draws needs as many samples; there are " + std::to_string(samples()));
  }
};

/// The Renyi bound of the order alpha, averaged over groups of `each` draws; a rest is left out.
/// @param log_weights [K, B]
/// @param each        at most K
/// @returns [B]
Tensor bound(const Tensor& log_weights, std::int64_t each, double alpha = 0) {
  const auto groups = log_weights.size(0) / each;
  const auto grouped = log_weights.slice(0, 0, groups * each).unflatten(0, {groups, each});
  if (alpha == 1) return grouped.mean(1).mean(0);
  const auto sums = at::logsumexp((1 - alpha) * grouped, 1) - std::log(static_cast<double>(each));
  return sums.mean(0) / (1 - alpha);
}

class Nll final : public Metric {
 public:
  using Params = NllParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Nll(const Params& params, const Build& build) : params_(params) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError(
          "metric nll: the model bounds no log-likelihood, so that there is none to estimate");
  }

  std::string units(std::string_view value) const override {
    if (value == "nll_bits_per_dimension") return "bits";
    return value == "nll_effective_samples" ? "1" : "nats";
  }
  Better better(std::string_view value) const override {
    // Of an order below 0 it is a lower bound of -ln p(x) in the limit of K.
    if (value.starts_with("nll_renyi_-")) return Better::neither;
    const bool is_bound = value == "nll" || value == "nll_bits_per_dimension" ||
                          value.starts_with("nll_k") || value.starts_with("nll_renyi_");
    return is_bound ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto places =
        random_places(evaluation.split.size(), params_.images(), "images of metric nll");
    const auto at_once = std::max<std::int64_t>(kDecodedAtOnce / params_.samples(), 1);
    std::map<std::string, std::vector<Tensor>> parts;
    std::int64_t numbers = 0;
    for (const auto& part : places.split(at_once)) {
      const auto batch = evaluation.split.batch(part, evaluation.draw);
      numbers += batch.observed_numbers();
      const auto weights = log_weights(evaluation.model, batch, params_.samples(), evaluation.draw);
      for (const auto& [name, value] : per_image(weights)) parts[name].push_back(value.cpu());
    }
    std::map<std::string, Tensor> values;
    for (const auto& [name, each] : parts) values[name] = at::cat(each);
    return summary(values, numbers);
  }

 private:
  /// By the names of the values, [B] each; "error" is the standard error of "nll".
  std::map<std::string, Tensor> per_image(const Tensor& log_weights) const {
    const auto all = log_weights.size(0);
    const auto evidence = evidence_of(log_weights);
    std::map<std::string, Tensor> values = {{"nll", -evidence.log_evidence},
                                            {"error", evidence.standard_error},
                                            {"nll_effective_samples", evidence.effective_samples}};
    if (all > 1) values["nll_gap"] = evidence.log_evidence - bound(log_weights, all / 2);
    for (const auto k : params_.bounds())
      values["nll_k" + std::to_string(k)] = -bound(log_weights, k);
    for (const auto alpha : params_.renyi()) {
      const auto name = "nll_renyi_" + number_text(alpha);
      values[name] = -bound(log_weights, all, alpha);
      for (const auto k : params_.bounds())
        values[name + "_k" + std::to_string(k)] = -bound(log_weights, k, alpha);
    }
    return values;
  }

  /// @param values  of `per_image`, [n] each
  /// @param numbers how many numbers of these images were observed
  static Values summary(std::map<std::string, Tensor> values, std::int64_t numbers) {
    const auto nll = values.at("nll");
    const auto count = static_cast<double>(nll.size(0));
    Values result;
    for (const auto& [name, value] : values) result[name] = value.mean();
    result.erase("error");
    result["nll_standard_error"] =
        count > 1 ? nll.std() / std::sqrt(count) : at::full({}, NAN, at::kDouble);
    result["nll_monte_carlo_error"] = values.at("error").square().sum().sqrt() / count;
    result["nll_bits_per_dimension"] =
        nll.sum() / (static_cast<double>(numbers) * std::numbers::ln2);
    result["nll_per_image"] = nll;
    return result;
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("nll", "1.0.0") {
  registry.add<Nll>("nll",
                    "Negative log-likelihood by importance sampling, an upper bound that tightens "
                    "with K (Burda et al. 2016).");
}
