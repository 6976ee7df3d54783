#include <ATen/Functions.h>

#include <cmath>
#include <fstream>

#include "conformance/script_files.hpp"
#include "known_model.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::int64_t kImages = 2000;

/// Networks from Python, in a folder.
struct Networks {
  testing::TemporaryFolder folder;

  /// The metric with a network whose forward has these lines.
  std::string metric(const std::vector<std::string>& forward, const std::string& more = "") const {
    write_script(folder / "network.pt", forward, {});
    return "{use: generation, features: {use: torchscript, file: " +
           (folder / "network.pt").string() + "}" + more + "}";
  }
  /// Its features are the codes of KnownModel.
  std::string metric_of_codes(const std::string& more = "") const {
    return metric({"return (torch.flatten(x, 1) - 0.5) * 100.0"}, more);
  }
};

/// Images whose codes have a normal distribution.
Split normal_split(double shift, double scale, std::int64_t images = kImages) {
  return known_split("test", shift + scale * Draw(11).normal({images, 2}).to(at::kDouble));
}

double value(const Values& values, const std::string& name) {
  return number(values.at("generation_" + name));
}

}  // namespace

TEST_CASE("images from the prior are as far from real ones as prior and codes are") {
  const Networks networks;
  KnownModel model(2);
  const auto same = measure(networks.metric_of_codes(), model, normal_split(0, 1));
  CHECK(std::abs(value(same, "frechet_distance")) < 0.02);
  CHECK(std::abs(value(same, "kernel_distance")) < 0.1);
  for (const auto* name : {"precision", "recall"}) CHECK(value(same, name) > 0.9);
  CHECK(value(same, "density") == Approx(1).margin(0.1));
  // That none of as many generated points is among the three nearest of both kinds: 1 / 2^3.
  CHECK(value(same, "coverage") == Approx(7.0 / 8).margin(0.02));
  // N(0, 1) against N(3, 1/4) in both dimensions.
  const auto other = measure(networks.metric_of_codes(), model, normal_split(3, 0.5));
  CHECK(value(other, "frechet_distance") == Approx(2 * (9 + 0.25)).epsilon(0.05));
  for (const auto* name : {"precision", "recall", "coverage"}) CHECK(value(other, name) < 0.1);
  // Generated images are among real ones that are more diverse, and the other way round.
  const auto wide = measure(networks.metric_of_codes(), model, normal_split(0, 3));
  CHECK(value(wide, "precision") > 0.9);
  CHECK(value(wide, "recall") < 0.5);
  const auto narrow = measure(networks.metric_of_codes(), model, normal_split(0, 0.3));
  CHECK(value(narrow, "precision") < 0.5);
  CHECK(value(narrow, "recall") > 0.9);
  CHECK_FALSE(other.contains("generation_classifier_accuracy"));
}

TEST_CASE("generated images can be draws from the likelihood") {
  const Networks networks;
  KnownModel model(2);  // whose likelihood has the standard deviation 1, 100 times that of a code
  const auto values =
      measure(networks.metric_of_codes(", sampled: true"), model, normal_split(0, 1));
  CHECK(value(values, "frechet_distance") == Approx(2 * 99.0 * 99.0).epsilon(0.1));
}

TEST_CASE("real images are a random subset, and few images have few neighbours") {
  const Networks networks;
  KnownModel model(2);
  // Sorted: the first ones are all alike.
  const auto codes = at::cat({at::full({1000, 2}, 50.0), Draw(11).normal({1000, 2})});
  const auto some =
      measure(networks.metric_of_codes(", images: 400"), model, known_split("test", codes));
  CHECK(value(some, "frechet_distance") == Approx(2 * (25 * 25 + 24 * 24)).epsilon(0.2));
  const auto two = measure(networks.metric_of_codes(), model, normal_split(0, 1, 2));
  CHECK(std::isfinite(value(two, "precision")));
  const auto one = measure(networks.metric_of_codes(), model, normal_split(0, 1, 1));
  CHECK(std::isnan(value(one, "frechet_distance")));
}

TEST_CASE("features can be those of a classifier that learns the labels") {
  KnownModel model(2, 4);
  const auto labels = at::arange(kImages, at::kLong).remainder(4);
  const auto split = known_split("test", Draw(11).normal({kImages, 2}), labels, labels, 4);
  const auto values =
      measure("{use: generation, features: {use: classifier, epochs: 2}}", model, split);
  CHECK(value(values, "classifier_accuracy") == 1);
  CHECK(value(values, "precision") > 0.8);
  CHECK_THROWS_WITH(measure("{use: generation}", model, known_split("test", at::zeros({9, 2}))),
                    ContainsSubstring("labels"));
}

TEST_CASE("a network whose features cannot be compared is refused at the file's place") {
  const Networks networks;
  KnownModel model(2);
  const auto split = normal_split(0, 1, 5);
  const auto refusal = [&](const std::string& metric) -> std::string {
    try {
      measure(metric, model, split);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "it is taken";
  };
  CHECK_THAT(refusal(networks.metric({"return torch.sum(x, [1, 2, 3])"})),
             ContainsSubstring("file: expected from 3 images one tensor [3, features]") &&
                 ContainsSubstring("found [3]"));
  CHECK_THAT(refusal(networks.metric({"return torch.flatten(x)[:3].view(3, 1)"})),
             ContainsSubstring("found [3, 1]") || ContainsSubstring("failed"));
  CHECK_THAT(refusal(networks.metric({"return torch.flatten(x, 1).double()"})),
             ContainsSubstring("Double"));
  CHECK_THAT(refusal(networks.metric({"return torch.flatten(x, 1).repeat(1, 3000)"})),
             ContainsSubstring("at most 4096 features"));
  CHECK_THAT(refusal(networks.metric({"return torch.flatten(x, 1) + torch.rand([1])"})),
             ContainsSubstring("draws random"));
  std::ofstream(networks.folder / "no.pt") << "no script";
  const auto other = (networks.folder / "no.pt").string();
  CHECK_THAT(refusal("{use: generation, features: {use: torchscript, file: " + other + "}}"),
             ContainsSubstring("is not a TorchScript file"));
  CHECK_THAT(refusal("{use: generation, features: torchscript}"),
             ContainsSubstring("expected the path of a TorchScript file"));
}

TEST_CASE("a classifier learns from images that are generated for each label") {
  const auto labels = at::arange(900, at::kLong).remainder(3);
  const auto split = known_split("test", Draw(11).normal({900, 2}), labels, labels, 3);
  const std::string metric = "use: classification_accuracy_score";
  const auto score = [&](Model& model, const std::string& more = "") {
    return number(
        measure("{" + metric + more + "}", model, split).at("classification_accuracy_score"));
  };
  KnownModel told(2, 3, true), infers(2, 3);
  CHECK(score(told) == 1);
  CHECK(score(told, ", source: reconstructions") == 1);
  CHECK(score(infers, ", block: c") == 1);
  CHECK(number(
            measure("{" + metric + "}", told, split).at("classification_accuracy_score_of_real")) ==
        1);

  // Decodes the class behind the one that it is told.
  class Mistaken final : public Model {
   public:
    std::vector<Latent> latents() const override { return right_.latents(); }
    std::vector<Block> encode(const Batch& batch, Draw& draw) override {
      return right_.encode(batch, draw);
    }
    DistributionPtr decode(const LatentValues& values) override {
      auto others = values;
      others["c"] = values.at("c").roll(1, -1);
      return right_.decode(others);
    }

   private:
    KnownModel right_{2, 3, true};
  } mistaken;
  CHECK(score(mistaken) == 0);

  CHECK_THROWS_WITH(score(infers), ContainsSubstring("source: reconstructions"));
  CHECK_THROWS_WITH(score(told, ", block: z"), ContainsSubstring("category for each of 3 classes"));
  CHECK_THROWS_WITH(score(told, ", block: c, source: reconstructions"),
                    ContainsSubstring("no effect"));
  CHECK_THROWS_WITH(measure("{" + metric + "}", told, known_split("test", at::zeros({9, 2}))),
                    ContainsSubstring("labels"));
}

TEST_CASE("generated images can come from a density that is fitted to codes") {
  const Networks networks;
  KnownModel model(2);
  const auto values = measure(networks.metric_of_codes(", prior: {use: gmm, components: 1}"), model,
                              normal_split(3, 0.5));
  // Draws of the codes have the variance 1/4 + 1, those of the images 1/4.
  CHECK(value(values, "frechet_distance") ==
        Approx(2 * std::pow(std::sqrt(1.25) - 0.5, 2)).epsilon(0.1));
  CHECK_THROWS_WITH(
      measure(networks.metric_of_codes(", fit_images: 50"), model, normal_split(0, 1)),
      ContainsSubstring("no effect"));
}
