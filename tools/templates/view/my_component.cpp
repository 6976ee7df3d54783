#include "varia/view.hpp"

#include <ATen/Functions.h>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Integer rows{this, "rows", 4, {1, 100}, "Rows of images."};
  Integer columns{this, "columns", 8, {1, 100}, "Images in a row."};
};

/// Means of p(x | z) for codes drawn from the prior.
class MyComponent final : public View {
 public:
  using Params = MyComponentParams;

  // A model that it does not suit is refused here, before anything is trained.
  MyComponent(const Params& params, const Build& build) : params_(params) {
    for (const auto& latent : build.model->latents())
      if (!latent.prior && !latent.observed)
        throw ConfigError("view my_component: the model has no prior for " + latent.name + ".");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto count = params_.rows() * params_.columns();
    const auto codes = evaluation.model.sample_prior(count, {}, evaluation.draw);
    const auto images = evaluation.model.decode(codes)->mean()[0];  // [count, C, H, W]
    const auto tiles = images.clamp(0, 1).unflatten(0, {params_.rows(), params_.columns()});
    return {{{tiles, "samples"}}, {}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Images decoded from draws of the prior.");
}
