#include "mlp_parts.hpp"

#include <ATen/Functions.h>

#include <algorithm>

namespace varia::models {

Tensor log_counts(const Tensor& counts) { return counts.clamp_min(0).log1p(); }

Tensor EncoderInput::operator()(const Batch& batch) const {
  const auto input = batch.input.flatten(1);
  const auto is_count = [](const DataBlock& block) { return block.domain == Domain::count; };
  if (std::ranges::none_of(blocks_, is_count)) return input;
  std::vector<Tensor> parts;
  std::int64_t begin = 0;
  for (const auto& block : blocks_) {
    const auto part = input.slice(1, begin, begin + block.size);
    parts.push_back(is_count(block) ? log_counts(part) : part);
    begin += block.size;
  }
  return at::cat(parts, 1);
}

Tensor EncoderInput::nearest_valid(const Tensor& inputs) const {
  std::vector<Tensor> parts;
  std::int64_t begin = 0;
  for (const auto& block : blocks_) {
    auto part = inputs.slice(1, begin, begin + block.size);
    switch (block.domain) {
      case Domain::unit:
      case Domain::categorical:
        part = part.clamp(0, 1);
        break;
      case Domain::count:
        part = part.clamp_min(0);
        break;
      case Domain::real:
        break;
    }
    parts.push_back(part);
    begin += block.size;
  }
  return parts.size() == 1 ? parts.front() : at::cat(parts, 1);
}

std::shared_ptr<Mlp> mlp_encoder(const MlpLayerParams& params, std::int64_t inputs,
                                 std::int64_t outputs) {
  return std::make_shared<Mlp>(layer_sizes(inputs, params.hidden(), outputs), params.activation(),
                               false, params.layers());
}

namespace {

std::vector<std::int64_t> decoder_sizes(const MlpLayerParams& params, std::int64_t inputs,
                                        std::int64_t outputs) {
  auto hidden = params.decoder_hidden();
  if (hidden.empty()) hidden.assign(params.hidden().rbegin(), params.hidden().rend());
  return layer_sizes(inputs, std::move(hidden), outputs);
}

}  // namespace

MlpDecoder::MlpDecoder(const MlpLayerParams& params, const Component<Likelihood>& likelihood,
                       const Build& build, std::int64_t inputs)
    : likelihood_(likelihood.make(build)),
      output_(likelihood_->output_shape(build.data.event)),
      network_(register_module(
          "network",
          std::make_shared<Mlp>(decoder_sizes(params, inputs, c10::multiply_integers(output_)),
                                params.activation(), false, params.layers()))) {
  register_module("likelihood", likelihood_);
  if (!params.start_at_mean()) return;
  const torch::NoGradGuard no_grad;
  const auto start = likelihood_->output_for_mean(build.train->mean());
  network_->bias(network_->layer_count() - 1).copy_(start.flatten());
}

DistributionPtr MlpDecoder::forward(const Tensor& codes) const {
  return likelihood_->distribution(network_->forward(codes).unflatten(-1, output_));
}

MlpModel::MlpModel(const MlpParams& params, const Build& build, std::int64_t encoded,
                   std::int64_t codes)
    : input_(build.data),
      encoder_(register_module("encoder", mlp_encoder(params, build.data.event_size(), encoded))),
      decoder_(register_module("decoder", std::make_shared<MlpDecoder>(params, build, codes))) {}

}  // namespace varia::models
