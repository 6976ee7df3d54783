#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "logistic_regression.hpp"
#include "nearest_neighbours.hpp"
#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/component.hpp"
#include "varia/density.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

// What can be told from codes: something is fitted to those of training images and judged on those
// of the evaluated split. Each of these encodes both, so `every: last` or `every: 5` saves time.

namespace {

using namespace varia;

struct LearnedCodesParams : EncodedImagesParams {
  explicit LearnedCodesParams(bool sampled_by_default = false)
      : EncodedImagesParams(10'000, kAnyImages,
                            "How many images of the evaluated split are encoded and judged"),
        sampled(this, "sampled", sampled_by_default,
                "One draw from each posterior as the code, instead of its mean.") {}
  Boolean sampled;
  Integer train_images{this,
                       "train_images",
                       10'000,
                       {2, kAnyImages.max},
                       "How many training images are encoded and fitted to: a random subset, as of "
                       "`images`."};

  CodeOptions options() const { return {blocks(), sampled()}; }
  /// @throws ConfigError
  void require_labels(const Build& build) const {
    if (!build.train->labels().defined())
      fail(blocks, "expected data with labels; the training samples have none");
  }
  /// @throws ConfigError if a score for every class and image would take more than 1 GB.
  void require_scores(const Build& build) const {
    constexpr std::int64_t kMostScores = std::int64_t{1} << 27;
    if (build.data.classes > kMostScores / std::min(images(), kMostScores))
      fail(images, "expected at most " + std::to_string(kMostScores / build.data.classes) +
                       ", since there are " + std::to_string(build.data.classes) + " classes");
  }
};

/// A metric of the codes of training images, which it learns from, and of the evaluated split, on
/// which it is judged.
class OfCodes : public Metric {
 public:
  static constexpr std::int64_t kEvery = kAfterLast;
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) final {
    const auto encoded = [&](const Split& split, std::int64_t count) {
      return encode_split(evaluation.model, split, count, params_.options(), evaluation.draw);
    };
    const auto train = encoded(evaluation.train, params_.train_images());
    return judge(train, encoded(evaluation.split, params_.images()), evaluation);
  }

 protected:
  OfCodes(const LearnedCodesParams& params, const Build& build) : params_(params) {
    params.latents_of(*build.model);
  }
  virtual Values judge(const Codes& train, const Codes& judged, const Evaluation& evaluation) = 0;

 private:
  const LearnedCodesParams& params_;
};

/// The accuracy of a classifier that learns from codes.
class CodeAccuracy : public OfCodes {
 public:
  std::string units(std::string_view) const final { return "1"; }

 protected:
  CodeAccuracy(std::string name, const LearnedCodesParams& params, const Build& build)
      : OfCodes(params, build), name_(std::move(name)) {
    params.require_labels(build);
  }
  /// The classes of the points [n, D], [n] int64.
  virtual Tensor classes(const Codes& train, const Tensor& points, Draw& draw) const = 0;

 private:
  Values judge(const Codes& train, const Codes& judged, const Evaluation& evaluation) final {
    if (!judged.labels.defined()) throw Error("expected a split with labels; this one has none");
    const auto found = classes(train, judged.points, evaluation.draw);
    return {{name_, found.eq(judged.labels).to(at::kDouble).mean()}};
  }
  std::string name_;
};

struct KnnParams final : LearnedCodesParams {
  Integer k{this, "k", 5, {1, 10'000}, "How many neighbours vote."};
};

/// The numbers of a contiguous tensor on the CPU.
template <class T>
std::span<const T> span_of(const Tensor& tensor) {
  return {tensor.data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

class KnnAccuracy final : public CodeAccuracy {
 public:
  using Params = KnnParams;
  KnnAccuracy(const Params& params, const Build& build)
      : CodeAccuracy("knn_accuracy", params, build), k_(params.k()) {}

 private:
  Tensor classes(const Codes& train, const Tensor& points, Draw&) const override {
    const auto known = train.points.contiguous();
    const auto labels = train.labels.contiguous();
    const auto queries = points.contiguous();
    const auto found =
        metrics::nearest_neighbour_classes(span_of<double>(known), span_of<std::int64_t>(labels),
                                           span_of<double>(queries), known.size(1), k_);
    return at::tensor(found, at::kLong);
  }
  std::int64_t k_;
};

class LinearProbe final : public CodeAccuracy {
 public:
  using Params = LearnedCodesParams;
  LinearProbe(const Params& params, const Build& build)
      : CodeAccuracy("linear_probe", params, build), classes_(build.data.classes) {
    params.require_scores(build);
  }

 private:
  Tensor classes(const Codes& train, const Tensor& points, Draw&) const override {
    const metrics::LogisticRegression probe(train.points, train.labels, classes_);
    return probe.probabilities(points).argmax(1);
  }
  std::int64_t classes_;
};

struct DensityClassifierParams final : LearnedCodesParams {
  Component<Density> density{this, "density", "gmm", "What is fitted to the codes of each class."};
};

class DensityClassifier final : public CodeAccuracy {
 public:
  using Params = DensityClassifierParams;
  DensityClassifier(const Params& params, const Build& build)
      : CodeAccuracy("density_classifier", params, build), params_(params), build_(build) {
    params.require_scores(build);
  }

 private:
  Tensor classes(const Codes& train, const Tensor& points, Draw& draw) const override {
    std::vector<Tensor> scores;  // ln p(code | class) + ln p(class), up to a constant
    for (std::int64_t label = 0; label < build_.data.classes; ++label) {
      const auto members = train.labels.eq(label).nonzero().squeeze(1);
      if (members.numel() == 0) {
        scores.push_back(
            at::full({points.size(0)}, -std::numeric_limits<double>::infinity(), at::kDouble));
        continue;
      }
      const auto density = params_.density.make(build_);
      try {
        density->fit(train.points.index_select(0, members), draw);
      } catch (const TrialError& error) {
        throw TrialError("metric density_classifier: " + std::to_string(members.numel()) +
                         " of the training codes have label " + std::to_string(label) + "; " +
                         error.what());
      }
      scores.push_back(density->log_prob(points) + std::log(static_cast<double>(members.numel())));
    }
    // A histogram has a density of 0 in empty cells; a point that is in one for every class is told
    // to belong to none.
    const auto all = at::stack(scores, 1);
    return all.argmax(1).masked_fill(std::get<0>(all.max(1)).isinf(), -1);
  }

  const Params& params_;
  Build build_;
};

bool is_bounded(const Distribution& prior) {
  const auto [min, max] = prior.support();
  return std::isfinite(min) || std::isfinite(max);
}

struct CodeLogDensityParams final : LearnedCodesParams {
  // The draws are what a prior stands for: the means alone are less spread out.
  CodeLogDensityParams() : LearnedCodesParams(true) {}
  Component<Density> density{this, "density", "gmm", "What is fitted to the training codes."};
};

class CodeLogDensity final : public OfCodes {
 public:
  using Params = CodeLogDensityParams;
  CodeLogDensity(const Params& params, const Build& build)
      : OfCodes(params, build), params_(params), build_(build) {}
  std::string units(std::string_view value) const override {
    return value == "code_log_density_outside" ? "1" : "nats";
  }
  Better better(std::string_view value) const override {
    // Codes that are all 0 have the highest density under the prior, and narrow ones a high one
    // under whatever is fitted to them.
    const bool is_distance = value == "code_log_density_gap" || value == "code_log_density_outside";
    return is_distance ? Better::lower : Better::neither;
  }

 private:
  Values judge(const Codes& train, const Codes& judged, const Evaluation& evaluation) override {
    const auto density = params_.density.make(build_);
    density->fit(train.points, evaluation.draw);
    const auto log_density = density->log_prob(judged.points);
    // A histogram has a density of 0 beyond its edges and in empty cells.
    const auto outside = log_density.eq(-std::numeric_limits<double>::infinity());
    const auto within = outside.logical_not();
    const auto prior = prior_log_density(evaluation, judged.points);
    return {{"code_log_density", log_density.masked_select(within).mean()},
            {"code_log_density_outside", outside.to(at::kDouble).mean()},
            {"code_log_density_prior", prior.mean()},
            {"code_log_density_gap", (log_density - prior).masked_select(within).mean()}};
  }

  /// [n], NaN if a latent variable has no prior of its own that is known, or one that is no density
  /// over all numbers, as that which is fitted is: one of categories, or on a sphere.
  Tensor prior_log_density(const Evaluation& evaluation, const Tensor& points) const {
    auto sum = at::zeros({points.size(0)}, at::kDouble);
    std::int64_t begin = 0;
    for (const auto& latent : chosen_latents(evaluation.model, params_.options())) {
      if (!latent.prior || latent.family == Categorical::kFamily || is_bounded(*latent.prior))
        return at::full({points.size(0)}, NAN, at::kDouble);
      auto sizes = latent.event;
      sizes.insert(sizes.begin(), {1, points.size(0)});
      const auto values = points.slice(1, begin, begin + latent.size()).reshape(sizes);
      sum += latent.prior->log_prob(values.to(evaluation.draw.device()))[0].to(at::kCPU);
      begin += latent.size();
    }
    return sum;
  }

  const Params& params_;
  Build build_;
};

}  // namespace

VARIA_PLUGIN("codes", "1.0.0") {
  registry.add<KnnAccuracy>("knn_accuracy",
                            "Accuracy of the vote of the nearest training codes (Cover & Hart "
                            "1967).");
  registry.add<LinearProbe>("linear_probe",
                            "Accuracy of a multinomial logistic regression on the codes as they "
                            "are, with the penalty ||W||^2 / 2 on its weights (Alain & Bengio "
                            "2017).");
  registry.add<DensityClassifier>("density_classifier",
                                  "Accuracy of Bayes' rule, with a density fitted to the training "
                                  "codes of each class and the classes' frequencies (Hastie & "
                                  "Tibshirani 1996).");
  registry.add<CodeLogDensity>("code_log_density",
                               "Mean log-density of codes under a density fitted to training "
                               "codes, of those where it is not 0, under the model's prior, and "
                               "their difference (Ghosh et al. 2020).");
}
