#pragma once

#include <memory>
#include <vector>

#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/likelihood.hpp"
#include "varia/model.hpp"
#include "varia/networks.hpp"

namespace varia::models {

/// The layers of a fully connected model.
struct MlpLayerParams : ParamSet {
  IntegerList hidden{this,
                     "hidden",
                     {400},
                     {1, 1 << 20},
                     "Widths of the encoder's hidden layers, from the data inwards."};
  IntegerList decoder_hidden{
      this,
      "decoder_hidden",
      {},
      {1, 1 << 20},
      "Widths of the decoder's hidden layers, from the code outwards; empty: "
      "the encoder's, mirrored."};
  Choice activation{this, "activation", "relu", activation_names(),
                    "Follows every hidden layer; leaky_relu has the slope 0.2 below 0."};
  Record<LayerParams> layers{this, "layers", "Of the hidden layers of encoder and decoder."};
  Boolean start_at_mean{
      this, "start_at_mean", false,
      "The decoder's last bias starts where it gives the mean of the training data."};

 protected:
  // Absent, it is no part of what is resolved: a trial's id stays as it was.
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &layers || layers.given();
  }
};

/// What every fully connected model takes. Their parameters derive from it.
struct MlpParams : MlpLayerParams {
  Component<Likelihood> likelihood{this, "likelihood", kByData,
                                   "p(x | z); by default the one that fits the data."};
};

/// ln(1 + count): counts of genes or of words reach from 0 to thousands, and a network that sees
/// them as they are overflows (Lopez et al. 2018). Numbers below 0 become 0.
Tensor log_counts(const Tensor& counts);

/// What an encoder of fully connected layers sees: blocks of counts by `log_counts`, other numbers
/// as they are.
class EncoderInput {
 public:
  explicit EncoderInput(const DataSpec& data) : blocks_(data.blocks) {}
  /// @returns [B, D]
  Tensor operator()(const Batch& batch) const;
  /// Moves what no batch can give to the nearest that one can: numbers in [0, 1] and categories to
  /// [0, 1], counts to 0 or above. Real numbers stay as they are.
  /// @param inputs [B, D] as of operator()
  Tensor nearest_valid(const Tensor& inputs) const;

 private:
  std::vector<DataBlock> blocks_;
};

/// `inputs` numbers to `outputs`, through the encoder's hidden layers.
std::shared_ptr<Mlp> mlp_encoder(const MlpLayerParams& params, std::int64_t inputs,
                                 std::int64_t outputs);

/// Codes to a distribution over the data.
class MlpDecoder final : public torch::nn::Module {
 public:
  MlpDecoder(const MlpParams& params, const Build& build, std::int64_t inputs)
      : MlpDecoder(params, params.likelihood, build, inputs) {}
  MlpDecoder(const MlpLayerParams& params, const Component<Likelihood>& likelihood,
             const Build& build, std::int64_t inputs);
  /// @param codes [K, B, inputs]
  DistributionPtr forward(const Tensor& codes) const;
  torch::Device device() const { return network_->bias(0).device(); }

 private:
  std::shared_ptr<Likelihood> likelihood_;
  std::vector<std::int64_t> output_;  // the likelihood's output_shape
  std::shared_ptr<Mlp> network_;
};

/// An encoder and a decoder of fully connected layers, with the code z between them.
class MlpModel : public Model {
 public:
  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(values.at("z"));
  }

 protected:
  /// @param encoded numbers that the encoder gives for an image
  /// @param codes   numbers that the decoder takes
  MlpModel(const MlpParams& params, const Build& build, std::int64_t encoded, std::int64_t codes);
  /// [1, B, encoded]: one sample, so that everything behind has its K.
  Tensor encoded(const Batch& batch) const { return encoder_->forward(input_(batch)).unsqueeze(0); }
  torch::Device device() const { return decoder_->device(); }

  EncoderInput input_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace varia::models
