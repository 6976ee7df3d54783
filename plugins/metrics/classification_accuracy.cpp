#include <ATen/Functions.h>

#include <algorithm>
#include <string>
#include <vector>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "small_classifier.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr std::int64_t kImagesAtOnce = 500;

struct ClassificationAccuracyParams final : metrics::ClassifierParams {
  Choice source{this,
                "source",
                "generated",
                {"generated", "reconstructions"},
                "What a classifier learns from: images that the model generates for the labels of "
                "training images, or reconstructions of these images."};
  Text block{this, "block", kUnset,
             "The latent variable whose categories are the classes; unset: the label that the "
             "model is given."};
  Integer images{this,
                 "images",
                 10'000,
                 {1, 10'000'000},
                 "On how many real images of the split it is judged: a random subset, the same for "
                 "every trial and experiment."};

  /// The name of the latent variable that is given the class.
  /// @throws ConfigError if the model has none
  std::string class_block(const Build& build) const {
    for (const auto& latent : build.model->latents()) {
      const bool is_meant = block.has_value() ? latent.name == block() : latent.observed;
      if (is_meant && latent.family == Categorical::kFamily && latent.size() == build.data.classes)
        return latent.name;
    }
    if (block.has_value())
      fail(block, "the model has no latent variable '" + block() +
                      "' with a category for each of " + std::to_string(build.data.classes) +
                      " classes");
    fail(source,
         "expected a model that is given the label (conditional_vae, for instance), so that it "
         "generates images of a class; for others there is source: reconstructions");
  }

 protected:
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &block || source.is("generated");
  }
  void check() const override {
    if (block.given() && !in_force(block))
      fail(block, "it has no effect beside source: reconstructions; leave it out");
  }
};

class ClassificationAccuracy final : public Metric {
 public:
  using Params = ClassificationAccuracyParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  ClassificationAccuracy(const Params& params, const Build& build)
      : params_(params), classes_(build.data.classes) {
    params.require(build);
    views::require_mean(build, "metric classification_accuracy_score");
    if (params.source.is("reconstructions")) return;
    views::require_prior(build, "metric classification_accuracy_score");
    block_ = params.class_block(build);
  }

  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view value) const override {
    return value == "classification_accuracy_score" ? Better::higher : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto places = metrics::classifier_places(evaluation.train, params_);
    auto images = metrics::labelled_images(evaluation.train, places);
    const metrics::SmallClassifier of_real(images, classes_, params_.epochs());
    images.images.reset();  // before as many more are made
    images.images = made_images(evaluation, places, images.labels);
    const metrics::SmallClassifier of_made(images, classes_, params_.epochs());
    return {{"classification_accuracy_score", accuracy(of_made, evaluation)},
            {"classification_accuracy_score_of_real", accuracy(of_real, evaluation)}};
  }

 private:
  /// An image for each training image, or one of its class.
  /// @returns [n, E...] float32 on the CPU
  Tensor made_images(const Evaluation& evaluation, const Tensor& places,
                     const Tensor& labels) const {
    auto& model = evaluation.model;
    auto& draw = evaluation.draw;
    const auto count = places.size(0);
    std::vector<Tensor> parts;
    for (std::int64_t begin = 0; begin < count; begin += kImagesAtOnce) {
      const auto end = std::min(begin + kImagesAtOnce, count);
      LatentValues values;
      if (block_.empty()) {
        const auto batch = evaluation.train.batch(places.slice(0, begin, end), draw);
        values = views::inferred_values(model, batch, false, draw);
      } else {
        const auto given = one_hot_rows(labels.slice(0, begin, end).to(draw.device()), classes_);
        values = model.sample_prior(end - begin, {{block_, given.unsqueeze(0)}}, draw);
      }
      parts.push_back(model.decode(values)->mean().select(0, 0).to(at::kCPU, at::kFloat));
    }
    return at::cat(parts);
  }

  Tensor accuracy(const metrics::SmallClassifier& classifier, const Evaluation& evaluation) const {
    const auto& split = evaluation.split;
    if (!split.labels().defined()) throw Error("expected a split with labels; this one has none");
    const auto places = random_places(split.size(), params_.images(),
                                      "images of metric classification_accuracy_score");
    std::int64_t correct = 0;
    for (const auto& part : places.split(kImagesAtOnce)) {
      const auto batch = split.batch(part, evaluation.draw);
      correct += classifier.correct(batch.target, labels_of(batch));
    }
    return at::scalar_tensor(static_cast<double>(correct) / static_cast<double>(places.size(0)),
                             at::kDouble);
  }

  const Params& params_;
  std::int64_t classes_;
  std::string block_;  // the latent variable that is given the class; empty: reconstructions
};

}  // namespace

VARIA_PLUGIN("classification_accuracy", "1.0.0") {
  registry.add<ClassificationAccuracy>(
      "classification_accuracy_score",
      "Accuracy on real images of a classifier that learned from images which the model generated "
      "for each label, or from reconstructions (Ravuri & Vinyals 2019).");
}
