#include "conv_model.hpp"

#include <ATen/Functions.h>

#include <span>
#include <utility>

#include "varia/error.hpp"

namespace varia::models {

namespace {

using Shape = std::vector<std::int64_t>;  // [C, H, W]

std::string text(const Shape& shape) {
  return std::to_string(shape[0]) + " x " + std::to_string(shape[1]) + " x " +
         std::to_string(shape[2]);
}

/// The layers of both stacks and the shapes between them.
struct Plan {
  std::vector<ConvLayer> encoder, decoder;
  Shape middle;  // what the encoder's convolutions end with
  Shape start;   // what the decoder's start with
};

std::vector<ConvLayer> encoder_layers(const ConvModelParams& params, std::int64_t channels) {
  if (params.encoder.size() > 0) return convolutions(params.encoder, channels);
  return {{channels, 32, 4, {2, 1}}, {32, 64, 4, {2, 1}}};
}

/// The output_padding of every transposed convolution with which they come out at `wanted`; empty
/// if there is none.
std::vector<std::int64_t> fitting_paddings(std::span<const ConvLayer> layers, const Shape& shape,
                                           const Shape& wanted) {
  for (std::int64_t padding = 0; padding < layers.front().convolution.stride; ++padding) {
    auto layer = layers.front();
    layer.convolution.output_padding = padding;
    const auto next = layer.after(shape);
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
void require_shape(const ConvModelParams& params, const Plan& plan, const std::string& name,
                   const Shape& image, const Shape& output) {
  auto shape = plan.start;
  auto shapes = text(shape);
  for (const auto& layer : plan.decoder) {
    shape = layer.after(shape);
    shapes += ", " + text(shape);
  }
  if (shape == output) return;
  auto message = "model " + name + ": the decoder ends with " + text(shape) + ", but " +
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
Plan plan_layers(const ConvModelParams& params, const std::string& name, const Shape& image,
                 const Shape& output) {
  if (image.size() != 3)
    throw ConfigError(params.encoder.where(), "model " + name +
                                                  ": expected pictures [C, H, W], found rows of " +
                                                  std::to_string(c10::multiply_integers(image)) +
                                                  " numbers; mlp_vae takes those");
  Plan plan;
  plan.encoder = encoder_layers(params, image[0]);
  std::vector<Shape> shapes = {image};
  for (const auto& layer : plan.encoder) {
    shapes.push_back(layer.after(shapes.back()));
    if (shapes.back()[1] < 1 || shapes.back()[2] < 1)
      throw ConfigError(params.encoder.where(), "model " + name + ": encoder: layer " +
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
  require_shape(params, plan, name, image, output);
  return plan;
}

}  // namespace

ConvModel::ConvModel(const ConvModelParams& params, const Build& build, const std::string& name,
                     std::int64_t encoded)
    : ConvModel(params, build, name, encoded, params.likelihood.make(build)) {}

ConvModel::ConvModel(const ConvModelParams& params, const Build& build, const std::string& name,
                     std::int64_t encoded, const std::shared_ptr<Likelihood>& likelihood)
    : latent_(params.latent()) {
  const auto plan =
      plan_layers(params, name, build.data.event, likelihood->output_shape(build.data.event));
  start_ = plan.start;
  encoder_ = register_module(
      "encoder",
      std::make_shared<ConvStack>(plan.encoder, params.activation(), true, params.layers()));
  const auto inwards = layer_sizes(c10::multiply_integers(plan.middle), params.hidden(), encoded);
  to_code_ = register_module(
      "to_code", std::make_shared<Mlp>(inwards, params.activation(), false, params.layers()));
  auto hidden = params.decoder_hidden();
  if (hidden.empty()) hidden.assign(params.hidden().rbegin(), params.hidden().rend());
  const auto outwards = layer_sizes(latent_, hidden, c10::multiply_integers(plan.start));
  from_code_ =
      register_module("from_code", std::make_shared<Mlp>(outwards, params.activation(),
                                                         params.activate_start(), params.layers()));
  decoder_ = register_module(
      "decoder",
      std::make_shared<ConvStack>(plan.decoder, params.activation(), false, params.layers()));
  likelihood_ = register_module("likelihood", likelihood);
}

Tensor ConvModel::encoded(const Batch& batch) const {
  return to_code_->forward(encoder_->forward(batch.input).flatten(1)).unsqueeze(0);
}

DistributionPtr ConvModel::decode(const LatentValues& values) {
  const auto& z = values.at("z");
  const auto start = from_code_->forward(z).reshape({-1, start_[0], start_[1], start_[2]});
  return likelihood_->distribution(decoder_->forward(start).unflatten(0, {z.size(0), -1}));
}

}  // namespace varia::models
