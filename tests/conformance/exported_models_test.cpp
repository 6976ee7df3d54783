#include <ATen/Functions.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "conformance/script_files.hpp"
#include "portable/model_scripts.hpp"
#include "portable/safetensors.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"
#include "varia/distributions.hpp"

// Models as scripts that are used without Varia. That a script gives what the model gives is
// checked whenever one is made.

using namespace varia;
using namespace varia::test;
using Catch::Matchers::ContainsSubstring;
using portable::kBatch;
using portable::Script;

namespace {

/// A trial with a model.
Run trial_of(const std::string& model, const std::string& data = "{use: synthetic, size: 28}") {
  const auto* const loss = model.starts_with("vq_vae") ? "vq" : "elbo";
  return Run("data: " + data + "\nmodel: {use: " + model + "}\nloss: {use: " + loss +
             "}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n");
}

portable::ModelScripts scripts_of(const Run& run) {
  run.components.model->eval();
  return portable::scripts_of(*run.components.model, run.components.tensors(),
                              run.components.data->splits.train);
}

const Script& script(const portable::ModelScripts& scripts, const std::string& name) {
  const auto found = std::ranges::find(
      scripts.scripts, name, [](const auto& one) -> const auto& { return one.first; });
  REQUIRE(found != scripts.scripts.end());
  return found->second;
}

/// "z.mean[-1, 20] z.log_var[-1, 20]"
std::string text_of(const std::vector<portable::ScriptTensor>& tensors) {
  std::string text;
  for (const auto& tensor : tensors)
    text += (text.empty() ? "" : " ") + tensor.name + c10::str(at::IntArrayRef(tensor.shape)) +
            tensor.noise;
  return text;
}

/// What the tests try to export beside the plugins' models.
struct NoParams final : ParamSet {};

/// Encodes by `Encode`, and decodes to unit Gaussians.
template <class Encode>
class TryModel final : public Model {
 public:
  using Params = NoParams;
  TryModel() { scale_ = register_parameter("scale", at::ones({1})); }
  std::vector<Latent> latents() const override {
    return {{"z", "normal", {2}, Normal::unit({2}, torch::kCPU)}};
  }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto mean = Encode()(batch.input.flatten(1).slice(1, 0, 2) * scale_, draw);
    const auto posterior = std::make_shared<Normal>(mean.unsqueeze(0), at::zeros({1, 1, 2}));
    return {{"z", posterior, latents()[0].prior, posterior->rsample(draw).value, {}}};
  }
  DistributionPtr decode(const LatentValues& values) override {
    const auto& z = values.at("z");
    return std::make_shared<Normal>(
        z.sum(-1, true).unsqueeze(-1).unsqueeze(-1).expand({-1, -1, 1, 28, 28}),
        at::zeros({1, 1, 1}));
  }

 private:
  Tensor scale_;
};

template <class Encode>
std::string refusal() {
  const auto run = trial_of("mlp_vae");
  TryModel<Encode> model;
  model.eval();
  try {
    portable::scripts_of(model, {{"scale", model.parameters()[0]}},
                         run.components.data->splits.train);
  } catch (const portable::TraceError& error) {
    return error.what();
  }
  return "";
}

struct FixesTheBatch {
  Tensor operator()(const Tensor& x, Draw& /*draw*/) const { return x.reshape({x.size(0), 2}); }
};
struct BranchesOnData {
  Tensor operator()(const Tensor& x, Draw& /*draw*/) const {
    return x.sum().item<float>() > 3 ? x + 100 : x - 100;
  }
};
struct BranchesOnDraws {
  Tensor operator()(const Tensor& x, Draw& draw) const {
    const auto drawn = draw.normal({1});
    return drawn.item<float>() > 0 ? x + drawn : x - drawn;
  }
};
struct LeavesTheBatchOpen {
  Tensor operator()(const Tensor& x, Draw& /*draw*/) const { return x.reshape({-1, 2}); }
};

}  // namespace

TEST_CASE("every model is exported, with a reason for what it has not", "[slow]") {
  const std::map<std::string, std::vector<std::string>> lacking = {
      {"vq_vae", {"log_weight"}},
      {"mlp_autoencoder", {"log_weight"}},
      {"conv_autoencoder", {"log_weight"}},
      {"self_conditional_vae", {"log_weight"}}};
  for (const auto* info : registry().list("model")) {
    if (info->plugin == "tests") continue;
    INFO(info->name);
    auto model = info->name;
    if (model == "torchscript") model += ", " + script_parameters();
    const auto run =
        trial_of(model, info->name == "cell_vae" ? "{use: cells}" : "{use: synthetic, size: 28}");
    const auto scripts = scripts_of(run);
    std::vector<std::string> absent;
    for (const auto& [name, reason] : scripts.absent) absent.push_back(name);
    const auto known = lacking.find(info->name);
    CHECK(absent == (known == lacking.end() ? std::vector<std::string>{} : known->second));
    for (const auto* name : {"encoder", "decoder", "prior", "posterior", "log_weight"})
      CHECK((std::ranges::find(scripts.scripts, name, [](const auto& one) { return one.first; }) ==
             scripts.scripts.end()) == scripts.absent.contains(name));
  }
}

TEST_CASE("the decoder of every likelihood is exported", "[slow]") {
  for (const auto* info : registry().list("likelihood")) {
    if (info->plugin == "tests") continue;
    INFO(info->name);
    const bool is_of_counts =
        std::ranges::find(info->domains, Domain::count) != info->domains.end() &&
        info->domains.size() == 1;
    if (info->name == "categorical") continue;  // no such images
    const auto run =
        trial_of((is_of_counts ? "cell_vae" : "mlp_vae") + (", likelihood: " + info->name),
                 is_of_counts ? "{use: cells}" : "{use: synthetic, size: 28}");
    const auto scripts = scripts_of(run);
    CHECK_FALSE(scripts.likelihood_parameters.empty());
    CHECK(scripts.absent.empty());
  }
}

TEST_CASE("a script says what it takes and gives") {
  const auto mlp = scripts_of(trial_of("mlp_vae, latent: 3"));
  CHECK(text_of(script(mlp, "encoder").inputs()) == "input[-1, 1, 28, 28]");
  CHECK(text_of(script(mlp, "encoder").outputs()) == "z.mean[-1, 3] z.log_var[-1, 3]");
  CHECK(text_of(script(mlp, "decoder").inputs()) == "z[-1, 3]");
  CHECK(text_of(script(mlp, "decoder").outputs()) == "logits[-1, 1, 28, 28] mean[-1, 1, 28, 28]");
  CHECK(text_of(script(mlp, "prior").inputs()) == "noise0[-1, 1, 3]normal");
  CHECK(text_of(script(mlp, "log_weight").inputs()) ==
        "input[-1, 1, 28, 28] noise0[1, -1, 3]normal");
  CHECK(mlp.likelihood == "bernoulli");
  CHECK(mlp.likelihood_parameters == std::vector<std::string>{"logits"});

  // What the upper code is decides what the lower one can be.
  const auto ladder = scripts_of(trial_of("ladder_vae, latent: 4, top_latent: 2"));
  CHECK(text_of(script(ladder, "encoder").inputs()) ==
        "input[-1, 1, 28, 28] noise0[1, -1, 2]normal");
  CHECK(text_of(script(ladder, "posterior").inputs()) ==
        "input[-1, 1, 28, 28] noise0[1, -1, 2]normal noise1[1, -1, 4]normal");
  CHECK(text_of(script(ladder, "posterior").outputs()) == "z1.value[-1, 4] z2.value[-1, 2]");

  const auto told = scripts_of(trial_of("conditional_vae, latent: 3, label_to_encoder: true"));
  CHECK(text_of(script(told, "encoder").inputs()) == "input[-1, 1, 28, 28] labels[-1]");
  CHECK(text_of(script(told, "decoder").inputs()) == "z[-1, 3] y[-1, 3]");
  const auto cells = scripts_of(trial_of("cell_vae, latent: 3", "{use: cells}"));
  CHECK(text_of(script(cells, "prior").inputs()) == "noise0[-1, 1, 3]normal");
  CHECK(text_of(script(cells, "decoder").inputs()) == "z[-1, 3] covariates[-1, 1]");
}

TEST_CASE("a script's parameters have the names of the model's, and train") {
  const auto run = trial_of("mlp_vae, latent: 3, hidden: [16]");
  const auto scripts = scripts_of(run);
  std::istringstream stream(script(scripts, "encoder").content());
  const auto module = torch::jit::load(stream);
  std::vector<std::string> names;
  for (const auto& parameter : module.named_parameters()) {
    names.push_back(parameter.name);
    CHECK(parameter.value.requires_grad());
    CHECK(at::equal(parameter.value, run.tensor(parameter.name)));
  }
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"model.encoder.bias0", "model.encoder.bias1",
                                          "model.encoder.weight0", "model.encoder.weight1"});
  CHECK(module.buffers().size() == 0);
}

TEST_CASE("a model that no trace can hold is refused in one line") {
  CHECK(refusal<LeavesTheBatchOpen>().empty());
  CHECK(refusal<FixesTheBatch>().starts_with("encoder: "));
  CHECK_THAT(refusal<FixesTheBatch>(), ContainsSubstring("size of a batch open"));
  CHECK(refusal<BranchesOnData>().starts_with("encoder: of "));
  CHECK_THAT(refusal<BranchesOnData>(), ContainsSubstring("z.mean differs by up to 2e+02"));
  for (const auto& message : {refusal<FixesTheBatch>(), refusal<BranchesOnData>()})
    CHECK_THAT(message, !ContainsSubstring("\n"));
  CHECK_THAT(refusal<BranchesOnDraws>(), ContainsSubstring("what it draws decides"));
}

TEST_CASE("tensors of a safetensors file lie where its header says") {
  const auto matrix = at::arange(6, at::kFloat).view({2, 3});
  const auto content = portable::safetensors_of(
      {{"model.weight", matrix.t()}, {"count", at::full({}, 7, at::kLong)}});
  std::uint64_t size = 0;
  for (std::size_t byte = 8; byte-- > 0;)
    size = (size << 8) | static_cast<unsigned char>(content[byte]);
  CHECK(size % 8 == 0);
  const auto header = nlohmann::json::parse(content.substr(8, size));
  CHECK(header["model.weight"]["dtype"] == "F32");
  CHECK(header["model.weight"]["shape"] == nlohmann::json({3, 2}));
  CHECK(header["count"]["dtype"] == "I64");
  CHECK(header["count"]["shape"] == nlohmann::json::array());
  CHECK(header["count"]["data_offsets"] == nlohmann::json({24, 32}));
  const auto numbers = content.substr(8 + size);
  REQUIRE(numbers.size() == 32);
  float second = 0;
  std::memcpy(&second, numbers.data() + 4, 4);
  CHECK(second == 3);  // row-major, whatever the order in memory was
}

TEST_CASE("a tensor's name that is not UTF-8 gets replacement characters") {
  const auto content = portable::safetensors_of({{"a\xff", at::zeros({1}, at::kFloat)}});
  CHECK_THAT(content, ContainsSubstring("a\xef\xbf\xbd"));
}
