#include <ATen/Functions.h>

#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;

struct SamplesParams final : ParamSet {
  Integer rows{this, "rows", 8, {1, 100}, "Rows of images."};
  Integer columns{this, "columns", 8, {1, 100}, "Images in a row."};
};

/// Means of p(x | z) for codes drawn from the prior, the same codes at every epoch.
class PriorSamples final : public View {
 public:
  using Params = SamplesParams;
  explicit PriorSamples(const Params& params) : params_(params) {}

  Rendering render(const Evaluation& evaluation) override {
    const auto values =
        evaluation.model.sample_prior(params_.rows() * params_.columns(), {}, evaluation.draw);
    const auto likelihood = evaluation.model.decode(values);
    const auto mean = likelihood ? likelihood->mean() : Tensor();
    if (!mean.defined())
      throw TrialError("the view samples needs a model whose likelihood has a mean");
    const auto shown = mean.select(0, 0).clamp(0, 1);
    return {{{shown.unflatten(0, {params_.rows(), params_.columns()}), ""}}, {}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("samples", "1.0.0") {
  registry.add<PriorSamples>("samples", "Images decoded from draws of the prior.");
}
