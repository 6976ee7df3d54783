#include "shared/joint_code.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct JointVaeParams final : MlpParams {
  JointCodeParams code{this, {10}};

 protected:
  void check() const override {
    if (code.is_empty())
      fail(code.gaussian, "a model needs a code: gaussian and categorical are both empty lists");
  }
};

/// Gaussian and categorical codes between two stacks of fully connected layers.
class JointVae final : public MlpModel {
 public:
  using Params = JointVaeParams;

  JointVae(const Params& params, const Build& build)
      : JointVae(params, build, JointCode(params.code)) {}

  std::vector<Latent> latents() const override { return code_.latents(device()); }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return code_.blocks(encoded(batch), draw, is_training());
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(code_.joined(values));
  }

  std::string_view bound() const override { return code_.bound(is_training()); }

 private:
  JointVae(const Params& params, const Build& build, const JointCode& code)
      : MlpModel(params, build, code.encoded_size(), code.size()), code_(code) {}

  JointCode code_;
};

}  // namespace

VARIA_PLUGIN("joint_vae", "1.0.0") {
  registry.add<JointVae>("joint_vae",
                         "Gaussian and categorical codes between fully connected layers, with "
                         "Gumbel-softmax draws (Dupont 2018).");
}
