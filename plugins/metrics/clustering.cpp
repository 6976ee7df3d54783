#include <ATen/Functions.h>

#include <algorithm>

#include "contingency_table.hpp"
#include "k_means.hpp"
#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct ClusteringParams final : EncodedImagesParams {
  ClusteringParams() : EncodedImagesParams(10'000, kAnyImages, "How many samples are encoded") {}
  Integer clusters{this, "clusters", kUnset, {1, 10'000}, "Unset: one for each class."};
  Integer restarts{
      this,
      "restarts",
      10,
      {1, 1000},
      "k-means++ starts; the clusters whose points are nearest to their centres count."};

  CodeOptions options() const { return {blocks(), false}; }
  /// @throws ConfigError if the data has no labels, or the model no such latent variables.
  void require(const Build& build) const {
    if (build.data.classes < 1) fail(images, "expected data with labels; this data set has none");
    latents_of(*build.model);
  }
};

class Clustering final : public Metric {
 public:
  using Params = ClusteringParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Clustering(const Params& params, const Build& build)
      : params_(params), classes_(build.data.classes) {
    params.require(build);
  }
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }

  Values result(const Evaluation& evaluation) override {
    const auto codes = encode_split(evaluation.model, evaluation.split, params_.images(),
                                    params_.options(), evaluation.draw);
    if (!codes.labels.defined()) throw Error("expected a split with labels; this one has none");
    const auto found = clusters_of(codes.points, evaluation.draw);
    metrics::ContingencyTable table(found.centres.size(0), classes_);
    const auto clusters = found.labels.contiguous();
    const auto labels = codes.labels.contiguous();
    for (std::int64_t i = 0; i < labels.numel(); ++i)
      table.add(clusters.data_ptr<std::int64_t>()[i], labels.data_ptr<std::int64_t>()[i]);
    const auto scalar = [](double value) { return at::scalar_tensor(value, at::kDouble); };
    return {{"clustering_nmi", scalar(table.normalised_mutual_information())},
            {"clustering_ari", scalar(table.adjusted_rand_index())}};
  }

 private:
  /// The best of `restarts` runs, as of scikit-learn's KMeans with n_init=restarts. A run differs:
  /// a step of k-means++ draws one candidate (there 2 + ln k), and only equal labels end it (there
  /// also centres that hardly move).
  densities::Clusters clusters_of(const Tensor& points, Draw& draw) const {
    constexpr int kRounds = 300;
    const auto wanted = params_.clusters.has_value() ? params_.clusters() : classes_;
    const auto count = std::min(wanted, points.size(0));
    auto best = densities::k_means(points, count, draw, kRounds);
    for (std::int64_t i = 1; i < params_.restarts(); ++i) {
      auto other = densities::k_means(points, count, draw, kRounds);
      if (other.inertia < best.inertia) best = std::move(other);
    }
    return best;
  }

  const Params& params_;
  std::int64_t classes_;
};

}  // namespace

VARIA_PLUGIN("clustering", "1.0.0") {
  registry.add<Clustering>("clustering",
                           "k-means on the codes' means against the labels: normalised mutual "
                           "information and adjusted Rand index (Hubert & Arabie 1985).");
}
