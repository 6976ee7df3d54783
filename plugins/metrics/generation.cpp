#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "code_prior.hpp"
#include "decoded_images.hpp"
#include "feature_distances.hpp"
#include "small_classifier.hpp"
#include "torchscript/script_file.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr std::int64_t kImagesAtOnce = 500;
constexpr std::int64_t kMostFeatures = 4096;  // a covariance of them is decomposed

struct ScriptFeaturesParams final : ParamSet {
  Text file{this, "file", kUnset,
            "TorchScript file of a network: images [B, C, H, W] to features [B, D], or to a tensor "
            "that is flattened to these. A relative path starts at the experiment file's folder."};
  FileDigest file_sha256{this, "file_sha256", file, models::kScriptFile,
                         "SHA-256 of the file: found by itself, and a part of what the metric is "
                         "known by. Where it is given, another file is refused."};
};

struct GenerationParams final : views::CodePriorParams {
  Variant features{this,
                   "features",
                   "classifier",
                   {Variant::option<metrics::ClassifierParams>("classifier"),
                    Variant::option<ScriptFeaturesParams>("torchscript")},
                   "The network whose features images are compared by: a small classifier that "
                   "learns the data's labels, the same for every trial, or one from Python. Only "
                   "numbers of the same network compare."};
  Integer images{this,
                 "images",
                 10'000,
                 {2, 100'000},
                 "How many images are generated, and how many of the split they are compared with: "
                 "a random subset, the same for every trial and experiment; all if the split has "
                 "no more."};
  Integer neighbours{this,
                     "neighbours",
                     3,
                     {1, 1000},
                     "Of precision, recall, density and coverage: to which of its nearest "
                     "neighbours the ball around a point reaches. Kynkäänniemi et al. 2019 take 3 "
                     "for the first two, Naeem et al. 2020 take 5 for the others."};
  Boolean sampled{this, "sampled", false,
                  "One draw from p(x | z) as the image, instead of its mean."};
};

/// The network that `features` names.
class FeatureNetwork {
 public:
  /// @throws ConfigError if it does not suit the data
  FeatureNetwork(const Variant& params, const Build& build)
      : params_(params), classes_(build.data.classes) {
    if (params.is("classifier")) {
      params.params<metrics::ClassifierParams>().require(build);
      return;
    }
    const auto& file = params.params<ScriptFeaturesParams>().file_sha256;
    script_ = models::load_script(file);
    models::at_file(file, [&] {
      models::try_script(*script_, models::three_inputs(build.data.event).abs(),
                         models::TriedModes::evaluation, require_features);
    });
    script_->eval();
  }

  /// Called before features are asked for.
  void prepare(const Evaluation& evaluation) {
    if (script_) return script_->to(evaluation.draw.device());
    const auto& params = params_.params<metrics::ClassifierParams>();
    const auto places = metrics::classifier_places(evaluation.train, params);
    classifier_.emplace(metrics::labelled_images(evaluation.train, places), classes_,
                        params.epochs());
  }

  /// @param images [B, E...]
  /// @returns      [B, D] float32 on the CPU
  Tensor features(const Tensor& images) const {
    if (classifier_) return classifier_->features(images);
    return script_->forward(images.contiguous()).at(0).flatten(1).to(at::kCPU);
  }

  /// Null if the network is from Python.
  const metrics::SmallClassifier* classifier() const {
    return classifier_ ? &*classifier_ : nullptr;
  }

 private:
  static void require_features(const std::vector<Tensor>& outputs, std::int64_t images) {
    const bool fits = outputs.size() == 1 && outputs[0].dim() >= 2 && outputs[0].size(0) == images;
    if (!fits || outputs[0].numel() == 0 || outputs[0].numel() > images * kMostFeatures)
      throw models::ScriptError("expected from " + std::to_string(images) + " images one tensor [" +
                                std::to_string(images) + ", features] with at most " +
                                std::to_string(kMostFeatures) + " features, found " +
                                models::shapes_text(outputs));
  }

  const Variant& params_;
  std::int64_t classes_;
  std::shared_ptr<models::ScriptModule> script_;
  std::optional<metrics::SmallClassifier> classifier_;
};

class Generation final : public Metric {
 public:
  using Params = GenerationParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Generation(const Params& params, const Build& build)
      : params_(params),
        prior_(params, build, /*sampled=*/true, "metric generation"),
        network_(params.features, build) {
    views::require_mean(build, "metric generation");
  }

  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view value) const override {
    if (value == "generation_classifier_accuracy") return Better::neither;
    return value.ends_with("distance") ? Better::lower : Better::higher;
  }

  Values result(const Evaluation& evaluation) override {
    network_.prepare(evaluation);
    Values values;
    const auto real = real_features(evaluation, values);
    const auto count = real.size(0);
    if (count < 2) return without_numbers(values);
    const auto generated = generated_features(evaluation, count);
    const auto found = metrics::overlap(real, generated, std::min(params_.neighbours(), count - 1));
    const auto scalar = [](double value) { return at::scalar_tensor(value, at::kDouble); };
    values["generation_frechet_distance"] = metrics::frechet_distance(real, generated);
    values["generation_kernel_distance"] = metrics::kernel_distance(real, generated);
    values["generation_precision"] = scalar(found.precision);
    values["generation_recall"] = scalar(found.recall);
    values["generation_density"] = scalar(found.density);
    values["generation_coverage"] = scalar(found.coverage);
    return values;
  }

 private:
  /// Of a split of one image.
  static Values without_numbers(Values values) {
    for (const auto* name :
         {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"})
      values[std::string("generation_") + name] = at::full({}, NAN, at::kDouble);
    return values;
  }

  /// [n, D]; `values` is given the accuracy of a classifier.
  Tensor real_features(const Evaluation& evaluation, Values& values) const {
    const auto& split = evaluation.split;
    const auto places =
        random_places(split.size(), params_.images(), "images of metric generation");
    const auto* classifier = split.labels().defined() ? network_.classifier() : nullptr;
    std::vector<Tensor> parts;
    std::int64_t correct = 0;
    for (const auto& part : places.split(kImagesAtOnce)) {
      const auto batch = split.batch(part, evaluation.draw);
      parts.push_back(network_.features(batch.target));
      if (classifier != nullptr) correct += classifier->correct(batch.target, labels_of(batch));
    }
    if (classifier != nullptr)
      values["generation_classifier_accuracy"] = at::scalar_tensor(
          static_cast<double>(correct) / static_cast<double>(places.size(0)), at::kDouble);
    return at::cat(parts);
  }

  /// [count, D]
  Tensor generated_features(const Evaluation& evaluation, std::int64_t count) const {
    prior_.fit(evaluation);
    std::vector<Tensor> parts;
    for (std::int64_t begin = 0; begin < count; begin += kImagesAtOnce) {
      const auto codes = prior_.draw(evaluation, std::min(kImagesAtOnce, count - begin));
      const auto decoded = evaluation.model.decode(codes);
      const auto images =
          params_.sampled() ? decoded->rsample(evaluation.draw).value : decoded->mean();
      parts.push_back(network_.features(images.select(0, 0)));
    }
    return at::cat(parts);
  }

  const Params& params_;
  views::CodePrior prior_;
  FeatureNetwork network_;
};

}  // namespace

VARIA_PLUGIN("generation", "1.0.0") {
  registry.add<Generation>(
      "generation",
      "How far generated images are from real ones, by features of a network: Fréchet distance "
      "(Heusel et al. 2017), kernel distance (Bińkowski et al. 2018), precision and recall "
      "(Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).");
}
