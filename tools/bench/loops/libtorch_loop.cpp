#include <torch/torch.h>

#include "bench/loops/loop.hpp"

namespace varia::bench {

namespace {

torch::nn::Sequential layers(const std::vector<std::int64_t>& sizes,
                             const std::string& activation) {
  torch::nn::Sequential layers;
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    layers->push_back(torch::nn::Linear(sizes[i - 1], sizes[i]));
    if (i + 1 == sizes.size()) continue;
    if (activation == "relu")
      layers->push_back(torch::nn::ReLU());
    else
      layers->push_back(torch::nn::LeakyReLU(torch::nn::LeakyReLUOptions().negative_slope(0.2)));
  }
  return layers;
}

class LibtorchLoop final : public Loop {
 public:
  explicit LibtorchLoop(const Network& network) : batch_(network.batch), images_(mnist_images()) {
    torch::manual_seed(0);
    encoder_ = layers(network.encoder(), network.activation);
    decoder_ = layers(network.decoder(), network.activation);
    auto parameters = encoder_->parameters();
    for (const auto& parameter : decoder_->parameters()) parameters.push_back(parameter);
    optimizer_ = std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(1e-3));
  }

  double run(std::int64_t steps) override {
    namespace f = torch::nn::functional;
    const auto sum = f::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kSum);
    auto total = torch::zeros({});
    for (std::int64_t step = 0; step < steps; ++step) {
      if (!order_.defined() || place_ >= images_.size(0)) {
        order_ = torch::randperm(images_.size(0));
        place_ = 0;
      }
      const auto end = std::min(place_ + batch_, images_.size(0));
      const auto x = images_.index_select(0, order_.slice(0, place_, end));
      place_ = end;
      const auto encoded = encoder_->forward(x).chunk(2, 1);
      const auto& mean = encoded[0];
      const auto& log_var = encoded[1];
      const auto z = mean + (0.5 * log_var).exp() * torch::randn_like(mean);
      const auto reconstruction = f::binary_cross_entropy_with_logits(decoder_->forward(z), x, sum);
      const auto kl = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum();
      const auto loss = (reconstruction + kl) / x.size(0);
      optimizer_->zero_grad();
      loss.backward();
      optimizer_->step();
      total += loss.detach();
    }
    return total.item<double>() / static_cast<double>(steps);
  }

 private:
  std::int64_t batch_;
  torch::Tensor images_, order_;
  std::int64_t place_ = 0;
  torch::nn::Sequential encoder_, decoder_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
};

}  // namespace

std::unique_ptr<Loop> make_libtorch_loop(const Network& network) {
  return std::make_unique<LibtorchLoop>(network);
}

}  // namespace varia::bench
