#include <ATen/Functions.h>

#include <algorithm>
#include <span>

#include "shared/blocks.hpp"
#include "varia/component.hpp"
#include "varia/convolution_layer.hpp"
#include "varia/error.hpp"
#include "varia/likelihood.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

using Shape = std::vector<std::int64_t>;  // [C, H, W]

/// One convolution.
struct ConvParams final : ParamSet {
  Integer channels{this, "channels", 32, {1, 1 << 16}, "Channels of its output."};
  Integer kernel{this, "kernel", 4, {1, 1024}, "Height and width of its kernel."};
  Integer stride{this, "stride", 2, {1, 1024}, "Pixels from one place of the kernel to the next."};
  Integer padding{this, "padding", 1, {0, 1024}, "Zeros around the image."};
};

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

/// A convolution or a transposed one, square.
struct ConvLayer {
  std::int64_t in = 1;   ///< channels
  std::int64_t out = 1;  ///< channels
  std::int64_t kernel = 1;
  Convolution convolution;
};

/// Convolutions, with an activation after every one but, by choice, the last, and what LayerParams
/// say. By default weights and biases start uniform in +-1/sqrt(n), as LibTorch's: n = kernel *
/// kernel * channels of the input, of transposed ones channels of the output.
class ConvStack final : public torch::nn::Module {
 public:
  ConvStack(std::vector<ConvLayer> layers, std::string activation, bool activate_last,
            const LayerParams& options)
      : layers_(std::move(layers)),
        activation_(std::move(activation)),
        activate_last_(activate_last),
        dropout_(options.dropout()),
        residual_(options.residual()) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& layer = layers_[i];
      const bool transposed = layer.convolution.transposed;
      const auto first = transposed ? layer.in : layer.out;
      const auto second = transposed ? layer.out : layer.in;
      const auto area = layer.kernel * layer.kernel;
      const auto number = std::to_string(i);
      auto weight = at::empty({first, second, layer.kernel, layer.kernel});
      auto bias = at::empty({layer.out});
      // LibTorch's own rule counts the second axis even for transposed convolutions.
      initialise(weight, bias, second * area, first * area, options.initialisation());
      weights_.push_back(register_parameter("weight" + number, weight));
      biases_.push_back(register_parameter("bias" + number, bias));
      if (is_activated(i) && !options.normalisation.is("none"))
        normalisations_.push_back(register_module(
            "normalisation" + number,
            std::make_shared<Normalisation>(layer.out, options.normalisation.is("batch"))));
    }
  }

  /// @param images [N, C, H, W]
  Tensor forward(const Tensor& images) const {
    auto values = images;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const bool is_normalised = is_activated(i) && !normalisations_.empty();
      auto result = convolution_layer(values, weights_[i], biases_[i], layers_[i].convolution,
                                      is_activated(i) && !is_normalised ? activation_ : "identity");
      if (is_normalised) result = activate(normalisations_[i]->forward(result, true), activation_);
      if (is_activated(i) && dropout_ > 0) result = at::dropout(result, dropout_, is_training());
      if (is_activated(i) && residual_ && result.sizes() == values.sizes())
        result = result + values;
      values = result;
    }
    return values.contiguous();
  }

 private:
  bool is_activated(std::size_t layer) const {
    return layer + 1 < layers_.size() || activate_last_;
  }

  std::vector<ConvLayer> layers_;
  std::string activation_;
  bool activate_last_;
  std::vector<Tensor> weights_;
  std::vector<Tensor> biases_;
  double dropout_;
  bool residual_;
  std::vector<std::shared_ptr<Normalisation>> normalisations_;  // of the layers with an activation
};

struct ConvVaeParams final : ParamSet {
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

std::string text(const Shape& shape) {
  return std::to_string(shape[0]) + " x " + std::to_string(shape[1]) + " x " +
         std::to_string(shape[2]);
}

Shape after(const ConvLayer& layer, const Shape& shape) {
  const auto& convolution = layer.convolution;
  return {layer.out, convolution.output(shape[1], layer.kernel),
          convolution.output(shape[2], layer.kernel)};
}

/// The layers of both stacks and the shapes between them.
struct Plan {
  std::vector<ConvLayer> encoder, decoder;
  Shape middle;  // what the encoder's convolutions end with
  Shape start;   // what the decoder's start with
};

std::vector<ConvLayer> encoder_layers(const ConvVaeParams& params, std::int64_t channels) {
  std::vector<ConvLayer> layers;
  if (params.encoder.size() == 0) layers = {{channels, 32, 4, {2, 1}}, {32, 64, 4, {2, 1}}};
  for (std::size_t i = 0; i < params.encoder.size(); ++i) {
    const auto& layer = params.encoder[i];
    layers.push_back({layers.empty() ? channels : layers.back().out,
                      layer.channels(),
                      layer.kernel(),
                      {layer.stride(), layer.padding()}});
  }
  return layers;
}

/// The output_padding of every transposed convolution with which they come out at `wanted`; empty
/// if there is none.
std::vector<std::int64_t> fitting_paddings(std::span<const ConvLayer> layers, const Shape& shape,
                                           const Shape& wanted) {
  for (std::int64_t padding = 0; padding < layers.front().convolution.stride; ++padding) {
    auto layer = layers.front();
    layer.convolution.output_padding = padding;
    const auto next = after(layer, shape);
    if (next[1] > wanted[1] || next[2] > wanted[2]) break;
    std::vector<std::int64_t> paddings = {padding};
    if (layers.size() == 1) {
      if (next == wanted) return paddings;
      continue;
    }
    const auto rest = fitting_paddings(layers.subspan(1), next, wanted);
    if (rest.empty()) continue;
    paddings.insert(paddings.end(), rest.begin(), rest.end());
    return paddings;
  }
  return {};
}

/// @throws ConfigError if the decoder does not come out at what the likelihood takes
void require_shape(const ConvVaeParams& params, const Plan& plan, const Shape& image,
                   const Shape& output) {
  auto shape = plan.start;
  auto shapes = text(shape);
  for (const auto& layer : plan.decoder) {
    shape = after(layer, shape);
    shapes += ", " + text(shape);
  }
  if (shape == output) return;
  auto message = "model conv_vae: the decoder ends with " + text(shape) + ", but " +
                 (output == image ? "the images are " : "the likelihood takes ") + text(output) +
                 ". Its layers give " + shapes + ".";
  if (const auto fitting = fitting_paddings(plan.decoder, plan.start, output); !fitting.empty()) {
    message += " An output_padding of ";
    for (std::size_t i = 0; i < fitting.size(); ++i)
      message += (i == 0 ? "" : ", ") + std::to_string(fitting[i]);
    message += " fits.";
  }
  throw ConfigError(params.decoder.where(), message);
}

/// @param output what the likelihood takes
Plan plan_layers(const ConvVaeParams& params, const Shape& image, const Shape& output) {
  if (image.size() != 3)
    throw ConfigError(params.encoder.where(),
                      "model conv_vae: expected pictures [C, H, W], found rows of " +
                          std::to_string(c10::multiply_integers(image)) +
                          " numbers; mlp_vae takes those");
  Plan plan;
  plan.encoder = encoder_layers(params, image[0]);
  std::vector<Shape> shapes = {image};
  for (const auto& layer : plan.encoder) {
    shapes.push_back(after(layer, shapes.back()));
    if (shapes.back()[1] < 1 || shapes.back()[2] < 1)
      throw ConfigError(params.encoder.where(), "model conv_vae: encoder: layer " +
                                                    std::to_string(shapes.size() - 1) +
                                                    " has a kernel larger than what it is given (" +
                                                    text(shapes[shapes.size() - 2]) +
                                                    " of the images' " + text(image) + ")");
  }
  plan.middle = shapes.back();
  plan.start = params.decoder_start().empty() ? plan.middle : params.decoder_start();
  if (params.decoder.size() > 0) {
    auto channels = plan.start[0];
    for (std::size_t i = 0; i < params.decoder.size(); ++i) {
      const auto& layer = params.decoder[i];
      plan.decoder.push_back({channels,
                              layer.channels(),
                              layer.kernel(),
                              {layer.stride(), layer.padding(), layer.output_padding(), true}});
      channels = layer.channels();
    }
  } else {
    for (std::size_t i = plan.encoder.size(); i-- > 0;) {
      ConvLayer layer = plan.encoder[i];
      std::swap(layer.in, layer.out);
      layer.convolution.transposed = true;
      layer.convolution.output_padding =
          shapes[i][1] - layer.convolution.output(shapes[i + 1][1], layer.kernel);
      plan.decoder.push_back(layer);
    }
    plan.decoder.back().out = output[0];
  }
  require_shape(params, plan, image, output);
  return plan;
}

/// A Gaussian code between convolutions and transposed convolutions.
class ConvVae final : public Model {
 public:
  using Params = ConvVaeParams;

  ConvVae(const Params& params, const Build& build)
      : ConvVae(params, build, params.likelihood.make(build)) {}

  std::vector<Latent> latents() const override {
    return {gaussian_latent("z", latent_, from_code_->bias(0).device())};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto features = encoder_->forward(batch.input).flatten(1);
    return {gaussian_block("z", to_code_->forward(features).unsqueeze(0), draw)};
  }

  DistributionPtr decode(const LatentValues& values) override {
    const auto& z = values.at("z");
    const auto start = from_code_->forward(z).reshape({-1, start_[0], start_[1], start_[2]});
    return likelihood_->distribution(decoder_->forward(start).unflatten(0, {z.size(0), -1}));
  }

 private:
  ConvVae(const Params& params, const Build& build, const std::shared_ptr<Likelihood>& likelihood)
      : ConvVae(params,
                plan_layers(params, build.data.event, likelihood->output_shape(build.data.event)),
                likelihood) {}

  ConvVae(const Params& params, const Plan& plan, const std::shared_ptr<Likelihood>& likelihood)
      : latent_(params.latent()),
        start_(plan.start),
        encoder_(register_module(
            "encoder", std::make_shared<ConvStack>(plan.encoder, params.activation(), true,
                                                   params.layers()))) {
    const auto inwards =
        layer_sizes(c10::multiply_integers(plan.middle), params.hidden(), 2 * latent_);
    to_code_ = register_module(
        "to_code", std::make_shared<Mlp>(inwards, params.activation(), false, params.layers()));
    auto hidden = params.decoder_hidden();
    if (hidden.empty()) hidden.assign(params.hidden().rbegin(), params.hidden().rend());
    const auto outwards = layer_sizes(latent_, hidden, c10::multiply_integers(plan.start));
    from_code_ = register_module(
        "from_code", std::make_shared<Mlp>(outwards, params.activation(), params.activate_start(),
                                           params.layers()));
    decoder_ = register_module(
        "decoder",
        std::make_shared<ConvStack>(plan.decoder, params.activation(), false, params.layers()));
    likelihood_ = register_module("likelihood", likelihood);
  }

  std::int64_t latent_;
  Shape start_;
  std::shared_ptr<ConvStack> encoder_, decoder_;
  std::shared_ptr<Mlp> to_code_, from_code_;
  std::shared_ptr<Likelihood> likelihood_;
};

}  // namespace

VARIA_PLUGIN("conv_vae", "1.0.0") {
  registry.add<ConvVae>(
      "conv_vae",
      "Gaussian code between convolutions, layer by layer as given (Burgess et al. 2018).");
}
