#include "portable/model_scripts.hpp"

#include <ATen/Functions.h>

#include <algorithm>

namespace varia::portable {

namespace {

/// What the data tell of samples, by the names of the scripts' inputs.
constexpr const char* kInput = "input";
constexpr const char* kMask = "mask";
constexpr const char* kLabels = "labels";
constexpr const char* kCovariates = "covariates";

Tensor find(const NamedTensors& tensors, const std::string& name) {
  const auto found =
      std::ranges::find_if(tensors, [&](const auto& tensor) { return tensor.first == name; });
  return found == tensors.end() ? Tensor() : found->second;
}

Batch batch_of(const NamedTensors& inputs) {
  Batch batch;
  batch.input = find(inputs, kInput);
  batch.target = batch.input;
  batch.mask = find(inputs, kMask);
  batch.covariates = find(inputs, kCovariates);
  batch.labels = find(inputs, kLabels);
  return batch;
}

/// The functions that make up a model, over some samples.
class Functions {
 public:
  Functions(Model& model, const Split& samples)
      : model_(model), samples_(samples), latents_(model.latents()) {}

  Function encoder() {
    return {data(), [this](std::int64_t, const NamedTensors& inputs, Draw& draw) {
              NamedTensors outputs;
              for (const auto& block : inferred(inputs, draw)) {
                if (!block.posterior) {
                  outputs.emplace_back(block.name + ".value", block.value.select(0, 0));
                  continue;
                }
                const auto axes = static_cast<std::size_t>(block.value.dim()) - 2;
                auto parameters = parameters_of(*block.posterior, axes);
                if (parameters.empty())
                  throw TraceError("the posterior of " + block.name + ", " +
                                   std::string(block.posterior->family()) +
                                   ", tells no parameters (Distribution::parameters)");
                for (auto& [name, value] : parameters)
                  outputs.emplace_back(block.name + "." + name, std::move(value));
              }
              return outputs;
            }};
  }

  /// Draws from the posterior; their ln q if sampling alone knows it.
  Function posterior() {
    return {data(), [this](std::int64_t, const NamedTensors& inputs, Draw& draw) {
              NamedTensors outputs;
              for (const auto& block : inferred(inputs, draw)) {
                outputs.emplace_back(block.name + ".value", block.value.select(0, 0));
                if (block.log_q.defined())
                  outputs.emplace_back(block.name + ".log_q", block.log_q.select(0, 0));
              }
              return outputs;
            }};
  }

  Function decoder() {
    return {[this](std::int64_t batch) {
              Draw draw(stream_key(0, "codes", 0, batch));
              NamedTensors values;
              for (const auto& block : model_.encode(batch_of(data()(batch)), draw))
                values.emplace_back(block.name, block.value.select(0, 0));
              return values;
            },
            [this](std::int64_t, const NamedTensors& inputs, Draw&) {
              const auto likelihood = decoded(inputs);
              auto outputs = parameters_of(*likelihood, samples_.mean().sizes().size());
              const auto mean = likelihood->mean();
              if (mean.defined() && !find(outputs, "mean").defined())
                outputs.emplace_back("mean", mean.select(0, 0));
              return outputs;
            }};
  }

  /// Draws from the prior. What the data tell of a sample and no prior knows, it is given.
  Function prior() {
    return {[this](std::int64_t batch) {
              NamedTensors given;
              for (auto& value : decoder().inputs(batch))
                if (is_given(value.first)) given.push_back(std::move(value));
              return given;
            },
            [this](std::int64_t batch, const NamedTensors& inputs, Draw& draw) {
              NamedTensors outputs;
              for (const auto& [name, value] : model_.sample_prior(batch, values_of(inputs), draw))
                if (!is_given(name)) outputs.emplace_back(name, value.select(0, 0));
              return outputs;
            }};
  }

  Function log_weight() {
    return {data(), [this](std::int64_t, const NamedTensors& inputs, Draw& draw) -> NamedTensors {
              const auto inference = model_.infer(batch_of(inputs), draw);
              return {{"log_weight", inference.log_weight().select(0, 0)}};
            }};
  }

  /// p(x | z) for some samples. @throws TraceError if the model has none
  DistributionPtr likelihood() { return decoded(decoder().inputs(1)); }

 private:
  /// Samples from the first on, for each size of a batch others.
  std::function<NamedTensors(std::int64_t)> data() const {
    return [this](std::int64_t batch) -> NamedTensors {
      const auto places = at::arange(batch, 2 * batch, at::kLong).remainder(samples_.size());
      Draw draw(stream_key(0, "samples", 0, batch));
      const auto drawn = samples_.batch(places, draw);
      NamedTensors inputs = {{kInput, drawn.target}};
      if (drawn.mask.defined()) inputs.emplace_back(kMask, drawn.mask);
      if (drawn.labels.defined()) inputs.emplace_back(kLabels, drawn.labels);
      if (drawn.covariates.defined()) inputs.emplace_back(kCovariates, drawn.covariates);
      return inputs;
    };
  }

  const Latent* latent(const std::string& name) const {
    const auto found = std::ranges::find(latents_, name, &Latent::name);
    return found == latents_.end() ? nullptr : &*found;
  }
  bool is_observed(const std::string& name) const {
    return latent(name) != nullptr && latent(name)->observed;
  }
  bool is_given(const std::string& name) const { return is_observed(name) && !latent(name)->prior; }

  /// The blocks that are not told with the data.
  std::vector<Block> inferred(const NamedTensors& inputs, Draw& draw) {
    auto blocks = model_.encode(batch_of(inputs), draw);
    std::erase_if(blocks, [this](const auto& block) { return is_observed(block.name); });
    return blocks;
  }

  DistributionPtr decoded(const NamedTensors& inputs) {
    auto likelihood = model_.decode(values_of(inputs));
    if (!likelihood) throw TraceError("the model has no likelihood");
    return likelihood;
  }

  static LatentValues values_of(const NamedTensors& inputs) {
    LatentValues values;
    for (const auto& [name, value] : inputs) values[name] = value.unsqueeze(0);
    return values;
  }

  Model& model_;
  const Split& samples_;
  std::vector<Latent> latents_;
};

}  // namespace

NamedTensors parameters_of(const Distribution& distribution, std::size_t event_axes) {
  NamedTensors parameters;
  for (const auto& [name, value] : distribution.parameters()) {
    const bool has_samples = static_cast<std::size_t>(value.dim()) >= event_axes + 2;
    parameters.emplace_back(name, has_samples ? value.select(0, 0) : value);
  }
  return parameters;
}

ModelScripts scripts_of(Model& model, const NamedTensors& tensors, const Split& samples) {
  Functions functions(model, samples);
  ModelScripts result;
  const auto add = [&](const std::string& name, const Function& function) {
    try {
      result.scripts.emplace_back(name, Script(function, tensors));
    } catch (const TraceError& error) {
      throw TraceError(name + ": " + error.what());
    }
  };
  const auto try_adding = [&](const std::string& name, const Function& function) {
    try {
      result.scripts.emplace_back(name, Script(function, tensors));
    } catch (const Error& error) {
      result.absent[name] = error.what();
    }
  };
  add("encoder", functions.encoder());
  add("decoder", functions.decoder());
  const auto likelihood = functions.likelihood();
  result.likelihood = likelihood->family();
  for (const auto& [name, value] : likelihood->parameters())
    result.likelihood_parameters.push_back(name);
  try_adding("prior", functions.prior());
  try_adding("posterior", functions.posterior());
  if (model.bound() == "none")
    result.absent["log_weight"] = "the model bounds no log-likelihood";
  else
    try_adding("log_weight", functions.log_weight());
  return result;
}

}  // namespace varia::portable
