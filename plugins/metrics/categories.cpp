#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <vector>

#include "contingency_table.hpp"
#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

// What a categorical latent variable knows of the labels. Everything comes from the pass that all
// metrics share, so the training is measured as well, epoch by epoch.

namespace {

using namespace varia;
using metrics::ContingencyTable;

struct CategoriesParams final : ParamSet {
  Text block{this, "block", kUnset,
             "Name of the categorical latent variable; unset: the model's only inferred one."};

  /// The latent variable that is meant. @throws ConfigError if there is none, or several.
  Latent chosen(const Model& model) const {
    std::vector<Latent> found;
    std::string names, others;
    const auto add = [](std::string& list, const std::string& name) {
      list += (list.empty() ? "" : ", ") + name;
    };
    for (const auto& latent : model.latents()) {
      const bool suits = !latent.observed && latent.family == Categorical::kFamily;
      if (suits && (!block.has_value() || block() == latent.name)) found.push_back(latent);
      if (suits) add(names, latent.name);
      add(others, latent.name + (latent.observed ? " (observed)" : " (" + latent.family + ")"));
    }
    if (names.empty())
      fail(block, "expected a model that infers a categorical latent variable; this one has " +
                      (others.empty() ? "none at all" : others));
    if (found.empty())
      fail(block, "'" + block() +
                      "' is not a categorical latent variable that the model infers; it " +
                      "infers: " + names);
    if (found.size() > 1) fail(block, "the model infers several; name one of: " + names);
    return found.front();
  }

  /// @throws ConfigError
  void require_labels(const Build& build) const {
    if (build.data.classes < 1) fail(block, "expected data with labels; this data set has none");
  }
  /// @throws ConfigError
  void require_labels_as_categories(const Build& build, std::int64_t categories) const {
    require_labels(build);
    if (categories < build.data.classes)
      fail(block, "expected a category for each of the " + std::to_string(build.data.classes) +
                      " labels; the block has " + std::to_string(categories) +
                      ". For categories found without labels, use cluster_accuracy or nmi");
  }
};

/// A metric of q(c | x), from `update` alone.
class OfCategories : public Metric {
 public:
  using Params = CategoriesParams;
  OfCategories(const Params& params, const Build& build)
      : latent_(params.chosen(*build.model)), categories_(latent_.event.at(0)) {}
  bool follows_training() const final { return true; }
  void update(const Inference& inference, const Batch& batch) final {
    const auto& block = inference.blocks.at(inference.block_index(latent_.name));
    const auto* posterior = dynamic_cast<const Categorical*>(block.posterior.get());
    if (posterior == nullptr)
      throw Error("block " + latent_.name + " was announced as categorical and is not");
    const auto& logs = posterior->log_probabilities();
    // One for all images stands for each of them.
    if (logs.size(1) != batch.size())
      add(Categorical(logs.expand({-1, batch.size(), -1})), batch);
    else
      add(*posterior, batch);
  }

 protected:
  /// @param posterior [K|1, B, D]
  virtual void add(const Categorical& posterior, const Batch& batch) = 0;
  std::int64_t categories() const { return categories_; }

 private:
  Latent latent_;
  std::int64_t categories_;
};

/// The category of the largest probability, averaged over K. [B] int64 on the CPU
Tensor most_probable(const Categorical& posterior) {
  const auto& logs = posterior.log_probabilities();
  return (logs.size(0) == 1 ? logs[0] : posterior.mean().mean(0)).argmax(-1).to(at::kCPU);
}

/// One of the tensors that a metric gave as its state. @throws Error if it is another one
const Tensor& restored(const Metric::State& state, const std::string& name, at::ScalarType type,
                       at::IntArrayRef sizes) {
  const auto found = state.find(name);
  if (found == state.end() || found->second.scalar_type() != type || found->second.sizes() != sizes)
    throw Error("what was saved of '" + name + "' does not fit this metric");
  return found->second;
}

/// One that counts which category met which label.
class OfContingency : public OfCategories {
 public:
  OfContingency(const Params& params, const Build& build)
      : OfCategories(params, build), table_(categories(), label_count(params, build)) {}
  std::optional<State> state() const final {
    auto counts = at::empty({table_.categories(), table_.classes()}, at::kLong);
    auto* count = counts.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < table_.categories(); ++i)
      for (std::int64_t j = 0; j < table_.classes(); ++j) *count++ = table_.count(i, j);
    return State{{"counts", counts}};
  }
  void restore(const State& state) final {
    const auto counts =
        restored(state, "counts", at::kLong, {table_.categories(), table_.classes()}).contiguous();
    const auto* count = counts.data_ptr<std::int64_t>();
    table_ = ContingencyTable(table_.categories(), table_.classes());
    for (std::int64_t i = 0; i < table_.categories(); ++i)
      for (std::int64_t j = 0; j < table_.classes(); ++j) table_.add(i, j, *count++);
  }

 protected:
  const ContingencyTable& table() const { return table_; }

 private:
  static std::int64_t label_count(const Params& params, const Build& build) {
    params.require_labels(build);
    return build.data.classes;
  }
  void add(const Categorical& posterior, const Batch& batch) final {
    const auto found = most_probable(posterior);
    const auto labels = labels_of(batch).to(at::kCPU).contiguous();
    const auto* category = found.data_ptr<std::int64_t>();
    const auto* label = labels.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < found.numel(); ++i) table_.add(category[i], label[i]);
  }
  ContingencyTable table_;
};

Tensor scalar(double value) { return at::scalar_tensor(value, at::kDouble); }

class Nmi final : public OfContingency {
 public:
  using OfContingency::OfContingency;
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation&) override {
    return {{"nmi", scalar(table().normalised_mutual_information())}};
  }
};

class ClusterAccuracy final : public OfContingency {
 public:
  using OfContingency::OfContingency;
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation&) override {
    return {{"cluster_accuracy", scalar(metrics::cluster_accuracy(table()))}};
  }
};

class Contingency final : public OfContingency {
 public:
  using OfContingency::OfContingency;
  std::string units(std::string_view value) const override {
    return value == "contingency" ? "count" : "1";
  }
  Values result(const Evaluation&) override {
    auto counts = at::empty({table().categories(), table().classes()}, at::kDouble);
    for (std::int64_t i = 0; i < table().categories(); ++i)
      for (std::int64_t j = 0; j < table().classes(); ++j)
        counts[i][j] = static_cast<double>(table().count(i, j));
    std::vector<double> assigned;
    for (const auto label : metrics::best_assignment(table()))
      assigned.push_back(label < 0 ? NAN : static_cast<double>(label));
    return {{"contingency", counts}, {"contingency_assignment", at::tensor(assigned, at::kDouble)}};
  }
};

/// A mean over images.
class OfImages : public OfCategories {
 public:
  using OfCategories::OfCategories;
  std::optional<State> state() const final {
    return State{{"sum", scalar(sum_)}, {"count", at::scalar_tensor(count_, at::kLong)}};
  }
  void restore(const State& state) final {
    sum_ = restored(state, "sum", at::kDouble, {}).item<double>();
    count_ = restored(state, "count", at::kLong, {}).item<std::int64_t>();
  }

 protected:
  /// @returns [B]
  virtual Tensor per_image(const Categorical& posterior, const Batch& batch) = 0;
  Tensor mean() const { return scalar(sum_ / static_cast<double>(count_)); }

 private:
  void add(const Categorical& posterior, const Batch& batch) final {
    const auto values = per_image(posterior, batch);
    sum_ += values.sum(at::kDouble).item<double>();
    count_ += values.numel();
  }
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// One that takes the categories for the labels.
class OfPrediction : public OfImages {
 public:
  OfPrediction(const Params& params, const Build& build) : OfImages(params, build) {
    params.require_labels_as_categories(build, categories());
  }
};

class Accuracy final : public OfPrediction {
 public:
  using OfPrediction::OfPrediction;
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation&) override { return {{"accuracy", mean()}}; }

 private:
  Tensor per_image(const Categorical& posterior, const Batch& batch) override {
    return most_probable(posterior).eq(labels_of(batch).to(at::kCPU)).to(at::kDouble);
  }
};

class CrossEntropy final : public OfPrediction {
 public:
  using OfPrediction::OfPrediction;
  std::string units(std::string_view) const override { return "nats"; }
  Better better(std::string_view) const override { return Better::lower; }
  Values result(const Evaluation&) override { return {{"cross_entropy", mean()}}; }

 private:
  Tensor per_image(const Categorical& posterior, const Batch& batch) override {
    const auto& logs = posterior.log_probabilities();  // [K|1, B, D]
    const auto places = labels_of(batch).view({1, -1, 1}).expand({logs.size(0), -1, 1});
    return -logs.gather(-1, places).squeeze(-1).mean(0);
  }
};

class PosteriorEntropy final : public OfImages {
 public:
  using OfImages::OfImages;
  std::string units(std::string_view) const override { return "nats"; }
  Values result(const Evaluation&) override { return {{"posterior_entropy", mean()}}; }

 private:
  Tensor per_image(const Categorical& posterior, const Batch&) override {
    return posterior.entropy().mean(0);
  }
};

}  // namespace

VARIA_PLUGIN("categories", "1.0.0") {
  registry.add<Nmi>("nmi",
                    "Mutual information of a block's most probable category and the label, over "
                    "the mean of their entropies (Danon et al. 2005).");
  registry.add<ClusterAccuracy>(
      "cluster_accuracy",
      "The part of the images whose most probable category is assigned "
      "to their label, at best one to one (Yang et al. 2010; Kuhn 1955).");
  registry.add<Contingency>("contingency",
                            "How often each category, a row, met each label, a column, and the "
                            "label that the best assignment gives each category (Pearson 1904).");
  registry.add<Accuracy>("accuracy",
                         "The part of the images whose most probable category is their label "
                         "(Kingma et al. 2014).");
  registry.add<CrossEntropy>("cross_entropy",
                             "-ln q(c = label | x) of a block whose categories are the labels "
                             "(Kingma et al. 2014).");
  registry.add<PosteriorEntropy>("posterior_entropy",
                                 "Entropy of q(c | x), the mean over images; at most ln of the "
                                 "number of categories (Shannon 1948).");
}
