#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

// What a model says of the numbers of its data: how many bits one takes, and how well a hidden one
// is told from the others.

namespace {

using namespace varia;

struct NoParams final : ParamSet {};

class BitsPerDimension final : public Metric {
 public:
  using Params = NoParams;
  BitsPerDimension(const Params&, const Build& build) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError("metric bits_per_dimension: the model bounds no log-likelihood");
  }

  std::string units(std::string_view) const override { return "bits"; }
  Better better(std::string_view) const override { return Better::lower; }
  void begin(const Evaluation&) override {
    nats_ = 0;
    numbers_ = 0;
  }
  void update(const Inference& inference, const Batch& batch) override {
    nats_ -= inference.elbo_per_sample().to(at::kDouble).sum().item<double>();
    numbers_ += batch.observed_numbers();
  }
  Values result(const Evaluation&) override {
    const auto bits = nats_ / static_cast<double>(numbers_) / std::numbers::ln2;
    return {{"bits_per_dimension", at::scalar_tensor(bits, at::kDouble)}};
  }

 private:
  double nats_ = 0;
  std::int64_t numbers_ = 0;
};

class Perplexity final : public Metric {
 public:
  using Params = NoParams;
  Perplexity(const Params&, const Build& build) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError("metric perplexity: the model bounds no log-likelihood");
    if (std::ranges::any_of(build.data.blocks,
                            [](const auto& block) { return block.domain != Domain::count; }))
      throw ConfigError("metric perplexity: the data are not counts of words");
  }

  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::lower; }
  void begin(const Evaluation&) override {
    nats_ = 0;
    words_ = 0;
  }
  void update(const Inference& inference, const Batch& batch) override {
    const auto counts = batch.target.flatten(1).to(at::kDouble);
    const auto total = counts.sum(1);
    // In how many orders these words can stand: a text is one of them.
    const auto orders = at::lgamma(total + 1) - at::lgamma(counts + 1).sum(1);
    nats_ += (orders - inference.elbo_per_sample().to(at::kDouble)).sum().item<double>();
    words_ += total.sum().item<double>();
  }
  Values result(const Evaluation&) override {
    return {{"perplexity", at::scalar_tensor(std::exp(nats_ / words_), at::kDouble)}};
  }

 private:
  double nats_ = 0;
  double words_ = 0;
};

struct ImputationParams final : ParamSet {
  Real hidden{this,
              "hidden",
              0.2,
              {0.001, 0.99},
              "The part of the observed numbers that is hidden; a "
              "category is, or is not, with all its numbers."};
  Integer rounds{
      this,
      "rounds",
      1,
      {1, 1000},
      "How often the numbers are reconstructed; from the second time on the encoder sees "
      "the last reconstruction in place of what is hidden (Rezende et al. 2014)."};
  Integer count{this,
                "count",
                10'000,
                {1, std::numeric_limits<std::int64_t>::max()},
                "How many samples: a random subset of the split, the same for every trial and "
                "experiment; all if the split has no more."};
};

class ImputationError final : public Metric {
 public:
  using Params = ImputationParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  ImputationError(const Params& params, const Build& build)
      : params_(params), blocks_(build.data.blocks) {}

  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view value) const override {
    return value == "imputation_error" ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    constexpr std::int64_t kAtOnce = 500;
    const auto mean = evaluation.train.mean().to(evaluation.draw.device());
    const auto places = random_places(evaluation.split.size(), params_.count(),
                                      "samples of metric imputation_error");
    double error = 0, error_of_mean = 0;
    std::int64_t numbers = 0;
    for (const auto& part : places.split(kAtOnce)) {
      const auto batch = evaluation.split.batch(part, evaluation.draw);
      auto hidden =
          whole_categories(evaluation.draw.uniform(batch.target.sizes()).lt(params_.hidden()));
      if (batch.mask.defined()) hidden = hidden.logical_and(batch.mask);
      const auto square = [&](const Tensor& guess) {
        const auto errors = (guess - batch.target).masked_select(hidden).to(at::kDouble);
        return errors.square().sum().item<double>();
      };
      error += square(imputed(evaluation, batch, hidden));
      error_of_mean += square(mean.expand_as(batch.target));
      numbers += hidden.sum().item<std::int64_t>();
    }
    const auto root = [&](double sum) {
      return at::scalar_tensor(std::sqrt(sum / static_cast<double>(numbers)), at::kDouble);
    };
    return {{"imputation_error", root(error)}, {"imputation_error_of_mean", root(error_of_mean)}};
  }

 private:
  /// A category is hidden with all its numbers, or not at all: the others of them tell one.
  /// @param hidden [B, E...]
  Tensor whole_categories(Tensor hidden) const {
    const auto numbers = hidden.flatten(1);  // the same memory
    std::int64_t begin = 0;
    for (const auto& [domain, size] : blocks_) {
      auto block = numbers.slice(1, begin, begin + size);
      if (domain == Domain::categorical) block.copy_(block.slice(1, 0, 1).clone().expand_as(block));
      begin += size;
    }
    return hidden;
  }

  /// The model's mean of each number of a batch of which some are hidden.
  Tensor imputed(const Evaluation& evaluation, Batch batch, const Tensor& hidden) const {
    const auto seen = hidden.logical_not();
    batch.mask = batch.mask.defined() ? batch.mask.logical_and(seen) : seen;
    batch.input = batch.input.masked_fill(hidden, 0);
    batch.target = batch.target.masked_fill(hidden, 0);
    Tensor guess;
    for (std::int64_t round = 0; round < params_.rounds(); ++round) {
      if (round > 0) batch.input = at::where(batch.mask, batch.input, guess);
      const auto likelihood = evaluation.model.infer(batch, evaluation.draw).likelihood;
      guess = likelihood ? likelihood->mean_given(batch.target.unsqueeze(0), batch.mask) : Tensor();
      if (!guess.defined())
        throw TrialError("metric imputation_error needs a model whose likelihood has a mean");
      guess = guess.mean(0).to(batch.input.scalar_type());
    }
    return guess;
  }

  const Params& params_;
  std::vector<DataBlock> blocks_;
};

}  // namespace

VARIA_PLUGIN("observed_values", "1.0.0") {
  registry.add<BitsPerDimension>(
      "bits_per_dimension",
      "The bound on -log p(x) in bits for each observed number (Theis et al. 2016).");
  registry.add<Perplexity>(
      "perplexity",
      "The bound on -log p(words) as a number of equally probable words (Jelinek et al. 1977).");
  registry.add<ImputationError>(
      "imputation_error",
      "Root mean squared error of hidden numbers, and that of the training mean (Rezende et al. "
      "2014).");
}
