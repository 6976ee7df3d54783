#include <ATen/Functions.h>

#include <algorithm>

#include "shared/blocks.hpp"
#include "shared/conv_parts.hpp"
#include "varia/component.hpp"
#include "varia/error.hpp"
#include "varia/likelihood.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

using Shape = std::vector<std::int64_t>;  // [C, H, W]

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
  Choice activation{this, "activation", "relu", activation_names(), "Follows every hidden layer."};
  Integer latent{this, "latent", 16, {1, 1 << 16}, "Dimensions of the code z."};
  Component<Likelihood> likelihood{this, "likelihood", "bernoulli", "p(x | z)."};

 protected:
  void check() const override {
    if (!decoder_start().empty() && decoder_start().size() != 3)
      fail(decoder_start, "expected [channels, height, width], found a list of " +
                              std::to_string(decoder_start().size()));
    if (decoder.size() == 0 && !decoder_start().empty())
      fail(decoder_start, "decoder_start goes with the layers of `decoder`, and there are none");
  }
};

std::string text(const Shape& shape) {
  return std::to_string(shape[0]) + " x " + std::to_string(shape[1]) + " x " +
         std::to_string(shape[2]);
}

Shape after(const ConvLayer& layer, const Shape& shape) {
  return {layer.out, layer.output(shape[1]), layer.output(shape[2])};
}

/// The layers of both stacks and the shapes between them.
struct Plan {
  std::vector<ConvLayer> encoder, decoder;
  Shape middle;  // what the encoder's convolutions end with
  Shape start;   // what the decoder's start with
};

std::vector<ConvLayer> encoder_layers(const ConvVaeParams& params, std::int64_t channels) {
  std::vector<ConvLayer> layers;
  if (params.encoder.size() == 0) layers = {{channels, 32, 4, 2, 1}, {32, 64, 4, 2, 1}};
  for (std::size_t i = 0; i < params.encoder.size(); ++i) {
    const auto& layer = params.encoder[i];
    layers.push_back({layers.empty() ? channels : layers.back().out, layer.channels(),
                      layer.kernel(), layer.stride(), layer.padding()});
  }
  return layers;
}

Plan plan_layers(const ConvVaeParams& params, const Shape& image) {
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
      plan.decoder.push_back({channels, layer.channels(), layer.kernel(), layer.stride(),
                              layer.padding(), layer.output_padding(), true});
      channels = layer.channels();
    }
  } else {
    for (std::size_t i = plan.encoder.size(); i-- > 0;) {
      ConvLayer layer = plan.encoder[i];
      std::swap(layer.in, layer.out);
      layer.transposed = true;
      layer.output_padding = shapes[i][1] - layer.output(shapes[i + 1][1]);
      plan.decoder.push_back(layer);
    }
  }
  auto shape = plan.start;
  for (const auto& layer : plan.decoder) shape = after(layer, shape);
  if (shape != image)
    throw ConfigError(params.decoder.where(), "model conv_vae: the decoder ends with " +
                                                  text(shape) + ", but the images are " +
                                                  text(image));
  return plan;
}

std::int64_t count(const Shape& shape) { return shape[0] * shape[1] * shape[2]; }

/// A Gaussian code between convolutions and transposed convolutions.
class ConvVae final : public Model {
 public:
  using Params = ConvVaeParams;

  ConvVae(const Params& params, const Build& build)
      : ConvVae(params, build, plan_layers(params, build.data.image)) {}

  std::vector<Latent> latents() const override {
    return {gaussian_latent("z", latent_, from_code_->bias(0).device())};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto features = encoder_->forward(batch.images).flatten(1);
    return {gaussian_block("z", to_code_->forward(features).unsqueeze(0), draw)};
  }

  DistributionPtr decode(const LatentValues& values) override {
    const auto& z = values.at("z");
    const auto start = from_code_->forward(z).flatten(0, 1).unflatten(-1, start_);
    return likelihood_->distribution(decoder_->forward(start).unflatten(0, {z.size(0), z.size(1)}));
  }

 private:
  ConvVae(const Params& params, const Build& build, const Plan& plan)
      : latent_(params.latent()),
        start_(plan.start),
        encoder_(register_module(
            "encoder", std::make_shared<ConvStack>(plan.encoder, params.activation(), true))) {
    std::vector<std::int64_t> inwards = {count(plan.middle)};
    inwards.insert(inwards.end(), params.hidden().begin(), params.hidden().end());
    inwards.push_back(2 * latent_);
    to_code_ =
        register_module("to_code", std::make_shared<Mlp>(inwards, params.activation(), false));
    auto hidden = params.decoder_hidden();
    if (hidden.empty()) hidden.assign(params.hidden().rbegin(), params.hidden().rend());
    std::vector<std::int64_t> outwards = {latent_};
    outwards.insert(outwards.end(), hidden.begin(), hidden.end());
    outwards.push_back(count(plan.start));
    from_code_ = register_module(
        "from_code", std::make_shared<Mlp>(outwards, params.activation(), params.activate_start()));
    decoder_ = register_module(
        "decoder", std::make_shared<ConvStack>(plan.decoder, params.activation(), false));
    likelihood_ = register_module("likelihood", params.likelihood.make(build));
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
