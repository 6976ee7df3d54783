#include <ATen/Functions.h>

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
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

// What can be told from codes: something is fitted to those of training images and judged on those
// of the evaluated split. Each of these encodes both, so `every: last` or `every: 5` saves time.

namespace {

using namespace varia;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct CodesParams : ParamSet {
  explicit CodesParams(bool sampled_by_default)
      : sampled(this, "sampled", sampled_by_default,
                "One draw from each posterior as the code, instead of its mean.") {}
  TextList blocks{this,
                  "blocks",
                  {},
                  "Names of the latent variables that make up the code; empty: all that are "
                  "inferred and not categorical."};
  Boolean sampled;
  Integer train_images{this,
                       "train_images",
                       10'000,
                       {2, kMost},
                       "How many training images are encoded and fitted to, the first of the "
                       "split."};
  Integer images{this,
                 "images",
                 10'000,
                 {1, kMost},
                 "How many images of the evaluated split are encoded and judged, the first of it."};

  CodeOptions options() const { return {blocks(), sampled()}; }
  /// @throws ConfigError if the model has no such latent variables.
  void require_codes(const Build& build) const {
    try {
      chosen_latents(*build.model, options());
    } catch (const ConfigError&) {
      throw;
    } catch (const Error& error) {
      fail(blocks, error.what());
    }
  }
  /// @throws ConfigError
  void require_labels(const Build& build) const {
    if (build.data.classes < 1) fail(blocks, "expected data with labels; this data set has none");
  }
};

/// The codes that a metric learns from, and those on which it is judged.
struct Encoded {
  Encoded(const CodesParams& params, const Evaluation& evaluation)
      : train(encode_split(evaluation.model, evaluation.train, params.train_images(),
                           params.options(), evaluation.draw)),
        judged(encode_split(evaluation.model, evaluation.split, params.images(), params.options(),
                            evaluation.draw)) {}
  Codes train;
  Codes judged;
};

Values accuracy(const std::string& name, const Tensor& found, const Tensor& labels) {
  if (!labels.defined()) throw Error("expected a split with labels; this one has none");
  return {{name, found.eq(labels).to(at::kDouble).mean()}};
}

struct KnnParams final : CodesParams {
  KnnParams() : CodesParams(false) {}
  Integer k{this, "k", 5, {1, 10'000}, "How many neighbours vote."};
};

/// The numbers of a contiguous tensor on the CPU.
template <class T>
std::span<const T> span_of(const Tensor& tensor) {
  return {tensor.data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

class KnnAccuracy final : public Metric {
 public:
  using Params = KnnParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  KnnAccuracy(const Params& params, const Build& build) : params_(params) {
    params.require_labels(build);
    params.require_codes(build);
  }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    const Encoded codes(params_, evaluation);
    const auto known = codes.train.points.contiguous();
    const auto labels = codes.train.labels.contiguous();
    const auto queries = codes.judged.points.contiguous();
    const auto found =
        metrics::nearest_neighbour_classes(span_of<double>(known), span_of<std::int64_t>(labels),
                                           span_of<double>(queries), known.size(1), params_.k());
    return accuracy("knn_accuracy", at::tensor(found, at::kLong), codes.judged.labels);
  }

 private:
  const Params& params_;
};

struct LinearProbeParams final : CodesParams {
  LinearProbeParams() : CodesParams(false) {}
};

class LinearProbe final : public Metric {
 public:
  using Params = LinearProbeParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  LinearProbe(const Params& params, const Build& build)
      : params_(params), classes_(build.data.classes) {
    params.require_labels(build);
    params.require_codes(build);
  }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    const Encoded codes(params_, evaluation);
    const metrics::LogisticRegression probe(codes.train.points, codes.train.labels, classes_);
    return accuracy("linear_probe", probe.probabilities(codes.judged.points).argmax(1),
                    codes.judged.labels);
  }

 private:
  const Params& params_;
  std::int64_t classes_;
};

struct DensityClassifierParams final : CodesParams {
  DensityClassifierParams() : CodesParams(false) {}
  Component<Density> density{this, "density", "gmm", "What is fitted to the codes of each class."};
};

class DensityClassifier final : public Metric {
 public:
  using Params = DensityClassifierParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  DensityClassifier(const Params& params, const Build& build) : params_(params), build_(build) {
    params.require_labels(build);
    params.require_codes(build);
  }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    const Encoded codes(params_, evaluation);
    const auto n = codes.judged.points.size(0);
    std::vector<Tensor> scores;  // ln p(code | class) + ln p(class), up to a constant
    for (std::int64_t label = 0; label < build_.data.classes; ++label) {
      const auto members = codes.train.labels.eq(label).nonzero().squeeze(1);
      if (members.numel() == 0) {
        scores.push_back(at::full({n}, -std::numeric_limits<double>::infinity(), at::kDouble));
        continue;
      }
      const auto density = params_.density.make(build_);
      density->fit(codes.train.points.index_select(0, members), evaluation.draw);
      scores.push_back(density->log_prob(codes.judged.points) +
                       std::log(static_cast<double>(members.numel())));
    }
    return accuracy("density_classifier", at::stack(scores, 1).argmax(1), codes.judged.labels);
  }

 private:
  const Params& params_;
  Build build_;
};

struct CodeLogDensityParams final : CodesParams {
  // The draws are what a prior stands for: the means alone are less spread out.
  CodeLogDensityParams() : CodesParams(true) {}
  Component<Density> density{this, "density", "gmm", "What is fitted to the training codes."};
};

class CodeLogDensity final : public Metric {
 public:
  using Params = CodeLogDensityParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  CodeLogDensity(const Params& params, const Build& build) : params_(params), build_(build) {
    params.require_codes(build);
  }
  std::string units(std::string_view) const override { return "nats"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation& evaluation) override {
    const Encoded codes(params_, evaluation);
    const auto density = params_.density.make(build_);
    density->fit(codes.train.points, evaluation.draw);
    return {{"code_log_density", density->log_prob(codes.judged.points).mean()},
            {"code_log_density_prior", prior_log_density(evaluation, codes.judged.points)}};
  }

 private:
  /// NaN if a latent variable has no prior of its own that is known.
  Tensor prior_log_density(const Evaluation& evaluation, const Tensor& points) const {
    auto sum = at::zeros({points.size(0)}, at::kDouble);
    std::int64_t begin = 0;
    for (const auto& latent : chosen_latents(evaluation.model, params_.options())) {
      if (!latent.prior) return at::scalar_tensor(NAN, at::kDouble);
      std::vector<std::int64_t> sizes = {1, points.size(0)};
      std::int64_t width = 1;
      for (const auto extent : latent.event) {
        sizes.push_back(extent);
        width *= extent;
      }
      const auto values = points.slice(1, begin, begin + width).reshape(sizes);
      sum += latent.prior->log_prob(values.to(evaluation.draw.device()))[0].to(at::kCPU);
      begin += width;
    }
    return sum.mean();
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
                               "codes, and under the model's prior (Ghosh et al. 2020).");
}
