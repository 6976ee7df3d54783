#pragma once

#include <memory>
#include <vector>

#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/likelihood.hpp"
#include "varia/model.hpp"
#include "varia/networks.hpp"

namespace varia::models {

/// What every fully connected model takes. Their parameters derive from it.
struct MlpParams : ParamSet {
  IntegerList hidden{this,
                     "hidden",
                     {400},
                     {1, 1 << 20},
                     "Widths of the encoder's hidden layers, from the image inwards."};
  IntegerList decoder_hidden{
      this,
      "decoder_hidden",
      {},
      {1, 1 << 20},
      "Widths of the decoder's hidden layers, from the code outwards; empty: "
      "the encoder's, mirrored."};
  Choice activation{this, "activation", "relu", activation_names(), "Follows every hidden layer."};
  Component<Likelihood> likelihood{this, "likelihood", "bernoulli", "p(x | z)."};
  Boolean start_at_mean{this, "start_at_mean", false,
                        "The decoder's last bias starts where it gives the mean training image."};
};

/// `inputs` numbers to `outputs`, through the encoder's hidden layers.
std::shared_ptr<Mlp> mlp_encoder(const MlpParams& params, std::int64_t inputs,
                                 std::int64_t outputs);

/// Codes to a distribution over images.
class MlpDecoder final : public torch::nn::Module {
 public:
  MlpDecoder(const MlpParams& params, const Build& build, std::int64_t inputs);
  /// @param codes [K, B, inputs]
  DistributionPtr forward(const Tensor& codes) const;
  torch::Device device() const { return network_->bias(0).device(); }

 private:
  std::vector<std::int64_t> image_;
  std::shared_ptr<Mlp> network_;
  std::shared_ptr<Likelihood> likelihood_;
};

}  // namespace varia::models
