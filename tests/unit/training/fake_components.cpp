#include "fake_components.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "conformance/check.hpp"
#include "support.hpp"
#include "varia/density.hpp"
#include "varia/distributions.hpp"
#include "varia/host/host_key.hpp"
#include "varia/metric.hpp"

namespace varia::test {

std::vector<SpyStep>& spy_steps() {
  static std::vector<SpyStep> steps;
  return steps;
}

std::vector<Seen>& seen() {
  static std::vector<Seen> all;
  return all;
}

std::function<void()>& on_probe() {
  static std::function<void()> hook;
  return hook;
}

namespace {

struct NoParams final : ParamSet {};

class Autoencoder final : public Model {
 public:
  using Params = NoParams;
  Autoencoder(const Params&, const Build& build) : event_(build.data.event) {
    const auto pixels = build.data.event_size();
    encoder_ = register_parameter("encoder", at::empty({2, pixels}).uniform_(-0.3, 0.3));
    decoder_ = register_parameter("decoder", at::empty({pixels, 2}).uniform_(-0.3, 0.3));
    unused_ = register_parameter("unused", at::ones({3}));
  }
  std::vector<Latent> latents() const override { return {{"z", "point", {2}, nullptr}}; }
  std::vector<Block> encode(const Batch& batch, Draw&) override {
    const auto z = at::linear(batch.input.flatten(1), encoder_).unsqueeze(0);
    return {{"z", nullptr, nullptr, z, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto mean = at::linear(values.at("z"), decoder_).unflatten(-1, event_);
    return std::make_shared<Normal>(mean, at::zeros({1}));
  }
  std::string_view bound() const override { return "none"; }

 private:
  std::vector<std::int64_t> event_;
  Tensor encoder_, decoder_, unused_;
};

constexpr double kSigma = 0.3;

/// [P, 2] with orthogonal columns, so that the posterior is diagonal.
Tensor weights(std::int64_t pixels) {
  const auto place = at::arange(pixels, at::kDouble);
  const auto even = at::cos(place.remainder(2) * std::numbers::pi);  // 1, -1, 1, -1, ...
  return at::stack({0.2 * at::ones({pixels}, at::kDouble), 0.1 * even}, 1);
}

Tensor centre(std::int64_t pixels) { return at::full({pixels}, 0.5, at::kDouble); }

struct LinearGaussianParams final : ParamSet {
  Real shift{this, "shift", 0.0, {-10, 10}, "Added to the exact posterior mean."};
  Real widen{this, "widen", 0.0, {-10, 10}, "Added to the exact posterior's log-variance."};
};

class LinearGaussian final : public Model {
 public:
  using Params = LinearGaussianParams;
  LinearGaussian(const Params& params, const Build& build)
      : params_(params), event_(build.data.event), pixels_(build.data.event_size()) {}
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {2}, Normal::unit({2}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto w = weights(pixels_);
    const auto precision = 1 + w.square().sum(0) / (kSigma * kSigma);  // [2]
    const auto x = batch.input.flatten(1).to(at::kDouble) - centre(pixels_);
    const auto mean = x.matmul(w) / (kSigma * kSigma) / precision + params_.shift();
    const auto log_var = (-precision.log() + params_.widen()).expand_as(mean);
    const auto q = std::make_shared<Normal>(mean.unsqueeze(0), log_var.unsqueeze(0));
    return {{"z", q, Normal::unit({2}, torch::kCPU), q->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto mean = values.at("z").to(at::kDouble).matmul(weights(pixels_).t()) + centre(pixels_);
    return std::make_shared<Normal>(mean.unflatten(-1, event_),
                                    at::full({1}, 2 * std::log(kSigma), at::kDouble));
  }

 private:
  const Params& params_;
  std::vector<std::int64_t> event_;
  std::int64_t pixels_;
};

struct AdversarialParams final : ParamSet {
  Boolean independent{this, "independent", false, "Whether the second phase has its own batch."};
  Choice broken{this, "broken", "none", {"none", "first", "second", "term"}, "What is not finite."};
  Component<Optimizer> optimizer{this, "optimizer", kUnset, "Of the second phase."};
};

class Adversarial final : public Loss {
 public:
  using Params = AdversarialParams;
  explicit Adversarial(const Params& params)
      : params_(params), w_(register_parameter("w", at::full({2}, 0.7))) {}
  Terms evaluate(const Inference& inference, const Step& step) override {
    seen().push_back({std::string(step.phase), step.batch.index, step.batch.input});
    const auto score = inference.blocks[0].value.matmul(w_);
    const bool second = step.phase == "discriminator";
    auto objective =
        second ? (score - 1).square().mean() : reconstruction(inference) + score.mean();
    if (params_.broken.is(second ? "second" : "first")) objective = objective / 0.0;
    return {objective, {{"score", params_.broken.is("term") ? score.mean() * NAN : score.mean()}}};
  }
  std::vector<Phase> phases(Model& model) override {
    return {{"train", model.parameters(), nullptr, false},
            {"discriminator",
             {w_},
             params_.optimizer.has_value() ? &params_.optimizer : nullptr,
             params_.independent()}};
  }

 private:
  const Params& params_;
  Tensor w_;
};

struct PoisonedParams final : ParamSet {
  Integer step{this, "step", 1, {1, 1000}, "Of which the gradient is NaN, though the loss is not."};
};

class Poisoned final : public Loss {
 public:
  using Params = PoisonedParams;
  explicit Poisoned(const Params& params) : params_(params) {}
  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto loss = reconstruction(inference) + total_kl(inference);
    if (step.progress.step + 1 != params_.step()) return {loss, {}};
    const auto& z = inference.blocks[0].value;
    // At 0 the derivative of the root is infinite, and that of the square is 0.
    return {loss + (z - z.detach()).square().sum().sqrt(), {}};
  }

 private:
  const Params& params_;
};

struct FussyParams final : ParamSet {
  Integer images{this, "images", 0, {0, 1000}, "It fails for batches of so many training images."};
  Boolean evaluation{this, "evaluation", true, "Whether it can be evaluated."};
};

class Fussy final : public Loss {
 public:
  using Params = FussyParams;
  explicit Fussy(const Params& params) : params_(params) {}
  Terms evaluate(const Inference& inference, const Step& step) override {
    if (is_training() && step.batch.size() == params_.images())
      throw std::runtime_error("too few images");
    if (!is_training() && !params_.evaluation()) throw std::runtime_error("not evaluated");
    return {reconstruction(inference) + total_kl(inference), {}};
  }

 private:
  const Params& params_;
};

struct WrongParams final : ParamSet {
  Boolean detached{this, "detached", false, "Whether the objective has no gradient."};
  Boolean throws{this, "throws", false, "Whether it throws a number."};
  Text term{this, "term", "fine", "The name of the term that it records."};
  Integer times{this, "times", 1, {1, 10}, "How often it records the term."};
  Boolean evaluation{this, "evaluation", false, "Whether it records the term in evaluation alone."};
};

class Wrong final : public Loss {
 public:
  using Params = WrongParams;
  explicit Wrong(const Params& params) : params_(params) {}
  Terms evaluate(const Inference& inference, const Step&) override {
    if (params_.throws()) throw 42;
    const auto loss = reconstruction(inference) + total_kl(inference);
    Terms terms{params_.detached() ? loss.detach() : loss, {}};
    if (!is_training() || !params_.evaluation())
      terms.recorded.assign(static_cast<std::size_t>(params_.times()), {params_.term(), loss});
    return terms;
  }

 private:
  const Params& params_;
};

class Phaseless final : public Loss {
 public:
  using Params = NoParams;
  explicit Phaseless(const Params&) {}
  std::vector<Phase> phases(Model&) override { return {}; }
  Terms evaluate(const Inference& inference, const Step&) override {
    return {reconstruction(inference), {}};
  }
};

/// 600 images, of which the 551st has a pixel beyond 1.
class LatePixel final : public Dataset {
 public:
  using Params = DatasetParams;
  explicit LatePixel(const Params&) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    if (split != "train") return nullptr;
    const auto images = at::zeros({600, 1, 6, 6}, at::kByte);
    images[550][0][3][3] = 2;
    return std::make_shared<MemorySamples>(images, Annotations(), std::uint8_t{1});
  }
  std::string digest() override { return "late_pixel"; }
};

/// Pixels up to 255, which are said to be in [0, 1].
class Bright final : public Dataset {
 public:
  using Params = DatasetParams;
  explicit Bright(const Params&) {}
  std::shared_ptr<const Samples> load(std::string_view) override {
    return std::make_shared<MemorySamples>(at::full({40, 1, 6, 6}, 255.0F));
  }
  std::string digest() override { return "bright"; }
};

struct CellsParams final : DatasetParams {
  std::string default_likelihood() const override {
    return varia::default_likelihood(Domain::count);
  }
};

/// 60 rows of the counts of 12 genes, in two batches. In the second the first gene is counted ten
/// times as often, and each cell has a total of its own.
class Cells final : public Dataset {
 public:
  using Params = CellsParams;
  explicit Cells(const Params&) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    Draw draw(stream_key(3, split));
    const auto second = at::arange(60, at::kLong).remainder(2).to(at::kFloat).unsqueeze(1);
    auto rate = draw.normal({60, 1}).exp() * 10 * at::ones({60, 12});
    rate.slice(1, 0, 1).mul_(1 + 9 * second);
    return std::make_shared<MemorySamples>(
        at::poisson(rate, draw.generator()),
        Annotations{
            .blocks = {{Domain::count, 12}}, .covariates = second, .covariate_names = {"batch"}});
  }
  std::string digest() override { return "cells"; }
};

struct SpyParams final : OptimizerParams {};

class Spy final : public Optimizer {
 public:
  using Params = SpyParams;
  explicit Spy(const Params& params) : params_(params) {}
  void start(std::vector<Tensor> parameters) override { parameters_ = std::move(parameters); }
  void step() override {
    SpyStep found;
    for (auto& parameter : parameters_) {
      const auto& gradient = parameter.grad();
      found.gradients.push_back(gradient.defined() ? gradient.clone() : Tensor());
      if (gradient.defined()) parameter.sub_(gradient * params_.lr());
    }
    spy_steps().push_back(std::move(found));
  }
  std::map<std::string, Tensor> state() override { return {}; }

 private:
  const Params& params_;
  std::vector<Tensor> parameters_;
};

struct ProbeParams final : ParamSet {
  Boolean follows{this, "follows", false, "Whether it follows the training."};
};

/// Its value has a name that no results file has a place for.
class Nameless final : public Metric {
 public:
  using Params = NoParams;
  explicit Nameless(const Params&) {}
  std::string units(std::string_view) const override { return "1"; }
  Values result(const Evaluation&) override {
    return {{"nameless_a/b", at::scalar_tensor(1, at::kDouble)}};
  }
};

class Probe final : public Metric {
 public:
  using Params = ProbeParams;
  explicit Probe(const Params& params) : params_(params) {}
  std::string units(std::string_view) const override { return "count"; }
  bool follows_training() const override { return params_.follows(); }
  void update(const Inference&, const Batch& batch) override {
    images_ += batch.size();
    if (on_probe()) on_probe()();
  }
  Values result(const Evaluation&) override {
    return {{"probe", at::scalar_tensor(images_, at::kDouble)}};
  }

 private:
  const Params& params_;
  std::int64_t images_ = 0;
};

class Moments final : public Density {
 public:
  using Params = NoParams;
  explicit Moments(const Params&) {}
  void fit(const Tensor& points, Draw&) override {
    mean_ = points.mean(0);
    variance_ = points.var(0, false) + kFloor;
  }
  Tensor log_prob(const Tensor& points) const override {
    const auto squares = (points - mean_).square() / variance_;
    return -0.5 * (squares + variance_.log() + std::log(2 * std::numbers::pi)).sum(1);
  }
  Tensor sample(std::int64_t n, Draw& draw) const override {
    return mean_ + variance_.sqrt() * draw.normal({n, mean_.size(0)}).to(at::kDouble);
  }

 private:
  static constexpr double kFloor = 1e-6;
  Tensor mean_, variance_;
};

}  // namespace

Tensor linear_gaussian_log_evidence(const Tensor& images) {
  const auto x = images.flatten(1).to(at::kDouble);
  const auto pixels = x.size(1);
  const auto w = weights(pixels);
  const auto covariance = w.matmul(w.t()) + kSigma * kSigma * at::eye(pixels, at::kDouble);
  const auto distance = x - centre(pixels);
  const auto squared = (distance.matmul(covariance.inverse()) * distance).sum(1);
  const auto log_determinant = std::get<1>(at::slogdet(covariance));
  return -0.5 *
         (squared + log_determinant + static_cast<double>(pixels) * std::log(2 * std::numbers::pi));
}

void add_test_components(Registry& registry) {
  registry.set_plugin(HostKey{}, "tests", "1.0.0", "tests");
  conformance::add_synthetic_data(registry);
  registry.add<Autoencoder>("autoencoder", "Linear, without noise.");
  registry.add<LinearGaussian>("linear_gaussian", "Linear, with a known posterior.");
  registry.add<Adversarial>("adversarial", "Two phases on one inference.");
  registry.add<Moments>("moments", "A Gaussian with the points' mean and variances.");
  registry.add<Nameless>("nameless", "A value whose name cannot be stored.");
  registry.add<Probe>("probe", "How many images it was shown.");
  registry.add<Poisoned>("poisoned", "An ELBO whose gradient is NaN at one step.");
  registry.add<Fussy>("fussy", "An ELBO that fails for some batches.");
  registry.add<Wrong>("wrong", "An ELBO that is wrong in the way that is asked for.");
  registry.add<Phaseless>("phaseless", "A loss that trains nothing.");
  registry.add<LatePixel>("late_pixel", "Images of which a late one has a pixel beyond 1.");
  registry.add<Bright>("bright", "Pixels up to 255, which are said to be in [0, 1].");
  registry.add<Cells>("cells", "Counts of genes in two batches.");
  registry.add<Spy>("spy", "Gradient descent that keeps what it saw.");
}

}  // namespace varia::test
