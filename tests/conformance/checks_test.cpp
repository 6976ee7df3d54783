#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>

#include "conformance/check.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"
#include "varia/density.hpp"
#include "varia/distributions.hpp"
#include "varia/host/host_key.hpp"
#include "varia/likelihood.hpp"
#include "varia/metric.hpp"
#include "varia/view.hpp"

// A component for each way to break the contract, and what is said of it.

using namespace varia;
using namespace varia::test;

namespace {

struct NoParams final : ParamSet {};

struct TerseParams final : ParamSet {
  Real weight{this, "weight", 1.0, {0, 1}, "weight"};
};

/// Wrong in one of several ways.
enum class Fault { none, terse, shape, unused, unregistered, forgets, draws, throws, names };

template <Fault fault>
class LinearModel final : public Model {
 public:
  using Params = NoParams;
  LinearModel(const Params&, const Build& build) : event_(build.data.event) {
    if (fault == Fault::throws) throw std::runtime_error("constructor gave up");
    const auto pixels = build.data.event_size();
    encoder_ = register_parameter("encoder", at::empty({2, pixels}).uniform_(-0.1, 0.1));
    decoder_ = at::empty({pixels, 2}).uniform_(-0.1, 0.1);
    if (fault != Fault::unregistered) decoder_ = register_parameter("decoder", decoder_);
    if (fault == Fault::unused) register_parameter("unused", at::ones({3}));
  }
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {fault == Fault::shape ? 3 : 2}, Normal::unit({2}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto mean = at::linear(batch.input.flatten(1), encoder_).unsqueeze(0) * (1 + steps_);
    const auto q = std::make_shared<Normal>(mean, at::zeros({1}));
    auto value = q->rsample(draw).value;
    if (fault == Fault::draws) value = value + at::randn_like(value);
    return {{"z", q, Normal::unit({2}, torch::kCPU), value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    return std::make_shared<Bernoulli>(at::linear(values.at("z"), decoder_).unflatten(-1, event_));
  }
  void after_step(const Inference&, const Step&) override {
    if (fault == Fault::forgets) steps_ += 0.1;
  }

 private:
  std::vector<std::int64_t> event_;
  Tensor encoder_, decoder_;
  double steps_ = 0;
};

template <Fault fault>
class PlainLoss final : public Loss {
 public:
  using Params = std::conditional_t<fault == Fault::terse, TerseParams, NoParams>;
  explicit PlainLoss(const Params&) {}
  Terms evaluate(const Inference& inference, const Step&) override {
    const auto loss = reconstruction(inference) + total_kl(inference);
    if (fault == Fault::shape) return {inference.log_likelihood(), {}};
    if (fault == Fault::unused) return {loss.detach(), {}};
    if (fault == Fault::names)
      return {loss,
              {{"kl_per_dim_z", loss},
               {"a/b", loss},
               {"", loss},
               {"kl_other", loss},
               {"twice", loss},
               {"twice", loss}}};
    ++steps_;
    return {fault == Fault::forgets ? loss * steps_ : loss, {}};
  }

 private:
  double steps_ = 0;
};

class Escaping final : public Schedule {
 public:
  using Params = NoParams;
  explicit Escaping(const Params&) {}
  double value(const Progress& progress, const Horizon& horizon) const override {
    return progress.step < 10 ? 0.5 : static_cast<double>(horizon.steps);
  }
  Range bounds() const override { return {0, 1}; }
};

class Dimensionless final : public Metric {
 public:
  using Params = NoParams;
  explicit Dimensionless(const Params&) {}
  std::string units(std::string_view) const override { return ""; }
  Values result(const Evaluation&) override {
    static double calls = 0;
    return {{"dimensionless", at::scalar_tensor(++calls, at::kDouble)}};
  }
};

class Bright final : public View {
 public:
  using Params = NoParams;
  explicit Bright(const Params&) {}
  Rendering render(const Evaluation&) override {
    return {{{at::full({1, 1, 1, 2, 2}, 1.5), ""}, {at::zeros({1, 1, 2, 2}), ""}}, {}};
  }
};

class Careless final : public Density {
 public:
  using Params = NoParams;
  explicit Careless(const Params&) {}
  void fit(const Tensor&, Draw&) override {}
  Tensor log_prob(const Tensor& points) const override { return at::zeros({points.size(0)}); }
  Tensor sample(std::int64_t n, Draw& draw) const override { return draw.normal({n, 2}); }
};

class Wrong final : public Likelihood {
 public:
  using Params = NoParams;
  explicit Wrong(const Params&) {}
  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Bernoulli>(output);
  }
  Tensor output_for_mean(const Tensor& mean) const override { return mean; }
};

struct WhiteParams final : DatasetParams {};

class White final : public Dataset {
 public:
  using Params = WhiteParams;
  explicit White(const Params&) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    if (split == "test") return nullptr;
    return std::make_shared<MemorySamples>(at::full({9, 1, 2, 2}, 2.0F));
  }
  std::string digest() override { return ""; }
};

/// The registered components, and those that are broken.
const Registry& broken_components() {
  static Registry& broken = []() -> Registry& {
    static Registry all;
    for (const auto* info : registry().list())
      if (info->plugin != "tests") all.add(*info);
    all.set_plugin(HostKey{}, "broken", "1.0.0", "broken");
    conformance::add_synthetic_data(all);
    all.add<LinearModel<Fault::none>>("linear", "As it should be.");
    all.add<LinearModel<Fault::shape>>("shape", "Another number of dimensions.");
    all.add<LinearModel<Fault::unused>>("unused", "A parameter that nothing uses.");
    all.add<LinearModel<Fault::unregistered>>("unregistered", "A tensor of its own.");
    all.add<LinearModel<Fault::forgets>>("forgets", "A number that no checkpoint has.");
    all.add<LinearModel<Fault::draws>>("draws", "Noise of its own.");
    all.add<LinearModel<Fault::throws>>("throws", "It cannot be made.");
    all.add<PlainLoss<Fault::none>>("plain", "As it should be.");
    all.add<PlainLoss<Fault::terse>>("terse", "no sentence");
    all.add<PlainLoss<Fault::shape>>("shape", "No scalar.");
    all.add<PlainLoss<Fault::unused>>("detached", "No gradient.");
    all.add<PlainLoss<Fault::forgets>>("forgets", "A number that no checkpoint has.");
    all.add<PlainLoss<Fault::names>>("names", "Terms that cannot be recorded.");
    all.add<Escaping>("escaping", "Leaves its bounds.");
    all.add<Dimensionless>("dimensionless", "Counts how often it was asked.");
    all.add<Bright>("bright", "Brighter than white.");
    all.add<Careless>("careless", "Takes whatever it is given.");
    all.add<Wrong>("wrong", "The mean as its logit.");
    all.add<White>("white", "Pixels of two.");
    return all;
  }();
  return broken;
}

/// All that the checks find, with the check's name in front.
std::string findings(const std::string& kind, const std::string& name) {
  const auto& broken = broken_components();
  const conformance::Subject subject{
      broken, *broken.find(kind, name), Value(), {broken.find("model", "linear")}};
  std::string text;
  for (const auto& check : conformance::checks_of(kind))
    for (const auto& finding : conformance::run(check, subject))
      text += check.name + ": " + finding + "\n";
  return text;
}

void check_found(const std::string& kind, const std::string& name,
                 const std::vector<std::string>& expected) {
  const auto text = findings(kind, name);
  INFO(kind << " " << name << "\n" << text);
  for (const auto& part : expected) CHECK(text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a component that keeps to the contract has no findings") {
  CHECK(findings("model", "linear").empty());
  CHECK(findings("loss", "plain").empty());
}

TEST_CASE("what is not described is found") {
  check_found("loss", "terse",
              {"does not end in a full stop: 'no sentence'",
               "the description of 'weight' is not a sentence: 'weight'"});
}

TEST_CASE("a model that breaks the contract is told how") {
  check_found("model", "shape", {"the value of z: expected [3, 5, 3], found [3, 5, 2]"});
  check_found("model", "unused", {"unused has no gradient"});
  check_found("model", "unregistered", {"a tensor is not registered"});
  check_found("model", "throws", {"it threw: constructor gave up"});
  check_found("model", "forgets", {"step 4 differs from that of a run without a break"});
}

TEST_CASE("a loss that breaks the contract is told how") {
  check_found("loss", "shape", {"the objective is [2, 20]; expected a scalar"});
  check_found("loss", "detached", {"has no gradient: was it detached?"});
  check_found("loss", "forgets",
              {"the same batch and draw give another objective: it draws randomness of its own, or "
               "keeps state",
               "step 4 differs from that of a run without a break"});
}

TEST_CASE("a model that draws noise of its own is told so, and of no tensor") {
  check_found("model", "draws",
              {"the same batch and draw give another output: it draws randomness of its own, or "
               "keeps state"});
  CHECK(findings("model", "draws").find("a tensor is not registered") == std::string::npos);
}

TEST_CASE("terms that cannot be recorded are found, each of them") {
  check_found(
      "loss", "names",
      {"phase train: the loss records a term 'kl_per_dim_z', which is the name of a value",
       "phase train: the loss records a term that has no place in the results: metric 'a/b' "
       "cannot be stored",
       "metric '' cannot be stored", "the loss records two terms that are called 'twice'",
       "in evaluation of 1 images: the loss records a term 'kl_per_dim_z'"});
  CHECK(findings("loss", "names").find("kl_other") == std::string::npos);
}

TEST_CASE("a model that throws is none of those that others are tried with, and ends nothing") {
  const auto models = conformance::models_of_defaults(broken_components());
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(models, [&](const auto* model) { return model->name == name; });
  };
  CHECK(has("linear"));
  CHECK_FALSE(has("throws"));
}

TEST_CASE("the other kinds that break the contract are told how") {
  check_found("schedule", "escaping",
              {"step 10: 40 is outside of bounds(), [0, 1]", "depends_on_run_length() is false"});
  check_found("metric", "dimensionless", {"dimensionless has no unit", "is another number when"});
  check_found("view", "bright",
              {"picture 0 has pixels from 1.5 to 1.5; expected 0 to 1",
               "picture 1 is [1, 1, 2, 2]; expected [rows, columns"});
  check_found("density", "careless",
              {"expected [17, 2] float64, found [17, 2] Float", "it takes points with NaN"});
  check_found("likelihood", "wrong", {"the output for a mean has another mean"});
  check_found("dataset", "white",
              {"digest() is empty",
               "train: numbers 0 to 3 of a sample are from 2 to 2; expected numbers in [0, 1]"});
}
