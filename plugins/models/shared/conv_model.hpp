#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conv_stack.hpp"
#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/likelihood.hpp"
#include "varia/model.hpp"

namespace varia::models {

/// One transposed convolution.
struct TransposedConvParams final : ParamSet {
  Integer channels{this, "channels", 32, {1, 1 << 16}, "Channels of its output."};
  Integer kernel{this, "kernel", 4, {1, 1024}, "Height and width of its kernel."};
  Integer stride{this, "stride", 2, {1, 1024}, "Pixels of the output for one of the input."};
  Integer padding{this, "padding", 1, {0, 1024}, "Pixels cut off around the output."};
  Integer output_padding{
      this, "output_padding", 0, {0, 1023}, "Rows and columns added at the end; below the stride."};

 protected:
  void check() const override {
    if (output_padding() >= stride())
      fail(output_padding, "output_padding must be smaller than the stride");
  }
};

/// What every convolutional model takes.
struct ConvModelParams : ParamSet {
  RecordList<ConvParams> encoder{
      this, "encoder",
      "Convolutions, from the image inwards; empty: 32 and 64 channels, kernel 4, stride 2."};
  IntegerList hidden{this,
                     "hidden",
                     {},
                     {1, 1 << 20},
                     "Widths of fully connected layers between the convolutions and the code."};
  IntegerList decoder_hidden{this,
                             "decoder_hidden",
                             {},
                             {1, 1 << 20},
                             "Widths of the decoder's fully connected layers, from the code "
                             "outwards; empty: `hidden`, mirrored."};
  IntegerList decoder_start{this,
                            "decoder_start",
                            {},
                            {1, 1 << 16},
                            "[channels, height, width] from which the decoder's convolutions "
                            "start; empty: where the encoder's end."};
  RecordList<TransposedConvParams> decoder{
      this, "decoder",
      "Transposed convolutions, the last one to the image's channels; empty: the encoder's, "
      "mirrored."};
  Boolean activate_start{this, "activate_start", true,
                         "Whether the activation follows the layer to decoder_start."};
  Choice activation{this, "activation", "relu", activation_names(),
                    "Follows every hidden layer; leaky_relu has the slope 0.2 below 0."};
  Integer latent{this, "latent", 16, {1, 1 << 16}, "Dimensions of the code z."};
  Record<LayerParams> layers{this, "layers", "Of the hidden layers of encoder and decoder."};
  Component<Likelihood> likelihood{this, "likelihood", kByData,
                                   "p(x | z); by default the one that fits the data."};

 protected:
  void check() const override {
    if (!decoder_start().empty() && decoder_start().size() != 3)
      fail(decoder_start, "expected [channels, height, width], found a list of " +
                              std::to_string(decoder_start().size()));
    if (decoder.size() == 0 && !decoder_start().empty())
      fail(decoder_start, "decoder_start goes with the layers of `decoder`, and there are none");
  }
  // Absent, it is no part of what is resolved: a trial's id stays as it was.
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &layers || layers.given();
  }
};

/// Convolutions and transposed convolutions, with the code z between them.
class ConvModel : public Model {
 public:
  DistributionPtr decode(const LatentValues& values) override;

 protected:
  /// @param name    of the model, for messages
  /// @param encoded numbers that the encoder gives for an image
  /// @throws ConfigError if the layers do not fit the images
  ConvModel(const ConvModelParams& params, const Build& build, const std::string& name,
            std::int64_t encoded);
  /// [1, B, encoded]: one sample, so that everything behind has its K.
  Tensor encoded(const Batch& batch) const;
  std::int64_t latent() const { return latent_; }
  torch::Device device() const { return from_code_->bias(0).device(); }

 private:
  ConvModel(const ConvModelParams& params, const Build& build, const std::string& name,
            std::int64_t encoded, const std::shared_ptr<Likelihood>& likelihood);

  std::int64_t latent_;
  std::vector<std::int64_t> start_;
  std::shared_ptr<ConvStack> encoder_, decoder_;
  std::shared_ptr<Mlp> to_code_, from_code_;
  std::shared_ptr<Likelihood> likelihood_;
};

}  // namespace varia::models
