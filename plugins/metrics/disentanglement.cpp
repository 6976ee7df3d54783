#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "factor_scores.hpp"
#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

// Scores of codes against the known factors of generated data, by the protocols of Locatello et al.
// 2019: posterior means, 10,000 images. They encode images of their own, so `every: last` or
// `every: 5` saves time.

namespace {

using namespace varia;

struct FactorsParams : ParamSet {
  TextList blocks{this,
                  "blocks",
                  {},
                  "Names of the latent variables that make up the code; empty: all that are "
                  "inferred and not categorical."};
  Integer images{this,
                 "images",
                 10'000,
                 {2, std::numeric_limits<std::int64_t>::max()},
                 "How many images are encoded, the first of the split; there should be many for "
                 "each value of each factor."};

  CodeOptions options() const { return {blocks(), false}; }
  /// @throws ConfigError if the data has no factors, or the model no such latent variables.
  void require(const Build& build) const {
    if (!build.train->factors().defined())
      fail(images,
           "expected data whose factors are known (sprites, for instance); this data set "
           "has none");
    try {
      chosen_latents(*build.model, options());
    } catch (const Error& error) {
      fail(blocks, error.what());
    }
  }
};

metrics::FactorCodes encode(const FactorsParams& params, const Evaluation& evaluation) {
  const auto codes = encode_split(evaluation.model, evaluation.split, params.images(),
                                  params.options(), evaluation.draw);
  if (!codes.factors.defined())
    throw Error("expected a split whose factors are known; this one has none");
  const auto points = codes.points.contiguous();
  const auto factors = codes.factors.to(at::kFloat).contiguous();
  const auto* point = points.data_ptr<double>();
  const auto* factor = factors.data_ptr<float>();
  return metrics::factor_codes({point, point + points.numel()}, {factor, factor + factors.numel()},
                               static_cast<std::size_t>(points.size(0)));
}

struct FactorVaeParams final : FactorsParams {
  Integer train_votes{this,
                      "train_votes",
                      10'000,
                      {1, 10'000'000},
                      "Votes from which each dimension learns its factor."};
  Integer votes{this, "votes", 5'000, {1, 10'000'000}, "Votes on which the dimensions are judged."};
  Integer batch{this,
                "batch",
                64,
                {2, 100'000},
                "Codes that share a factor's value, drawn with replacement for each vote."};
  Real prune{this,
             "prune",
             0.05,
             {0, 1e6},
             "Dimensions whose standard deviation among all codes is smaller are left out."};
};

class FactorVaeScore final : public Metric {
 public:
  using Params = FactorVaeParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  FactorVaeScore(const Params& params, const Build& build) : params_(params) {
    params.require(build);
  }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    Tensor numbers;  // drawn many at a time: one vote takes few
    std::int64_t next = 0;
    const auto fill = [&](std::span<float> out) {
      const auto wanted = static_cast<std::int64_t>(out.size());
      if (!numbers.defined() || next + wanted > numbers.numel()) {
        numbers = evaluation.draw.uniform({std::max<std::int64_t>(wanted, 1 << 16)}).to(at::kCPU);
        next = 0;
      }
      std::copy_n(numbers.data_ptr<float>() + next, out.size(), out.begin());
      next += wanted;
    };
    const metrics::FactorVaeProtocol protocol{params_.train_votes(), params_.votes(),
                                              params_.batch(), params_.prune()};
    const double score = metrics::factor_vae_score(encode(params_, evaluation), protocol, fill);
    return {{"factor_vae_score", at::scalar_tensor(score, at::kDouble)}};
  }

 private:
  const Params& params_;
};

struct MigParams final : FactorsParams {
  Integer bins{this,
               "bins",
               20,
               {2, 10'000},
               "Equal intervals in which each dimension's values are counted; a factor with more "
               "values than these cannot reach 1."};
};

class Mig final : public Metric {
 public:
  using Params = MigParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Mig(const Params& params, const Build& build) : params_(params) { params.require(build); }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    const auto gaps = metrics::mutual_information_gaps(encode(params_, evaluation), params_.bins());
    return {{"mig", at::scalar_tensor(metrics::mean_gap(gaps), at::kDouble)},
            {"mig_per_factor", at::tensor(gaps, at::kDouble)}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("disentanglement", "1.0.0") {
  registry.add<FactorVaeScore>("factor_vae_score",
                               "Whether each dimension of the code stands still with one factor "
                               "alone: the accuracy of a majority vote (Kim & Mnih 2018).");
  registry.add<Mig>("mig",
                    "Mutual information gap: how much more the best dimension tells of a factor "
                    "than the second, over the factor's entropy (Chen et al. 2018).");
}
