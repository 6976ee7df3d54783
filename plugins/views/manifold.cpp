#include <ATen/Functions.h>

#include <cmath>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"
#include "varia/value.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostPlaces = 100;

struct ManifoldParams final : CodeViewParams {
  IntegerList dimensions{
      this, "dimensions", {0, 1}, {0, 1 << 20}, "Two dimensions of the code; the first goes down."};
  Real from{this, "from", -3.0, {-1e6, 1e6}, "The first coordinate in both dimensions."};
  Real to{this, "to", 3.0, {-1e6, 1e6}, "No coordinate is above it."};
  Real step{this, "step", 0.6, {1e-6, 1e6}, "From one coordinate to the next."};
  Integer quantiles{this,
                    "quantiles",
                    kUnset,
                    {1, kMostPlaces},
                    "Instead of equal steps, so many coordinates between which a standard normal "
                    "variable falls equally often."};

  std::int64_t places() const {
    return static_cast<std::int64_t>(std::floor((to() - from()) / step() + 1e-6)) + 1;
  }

 protected:
  bool in_force(const Parameter& parameter) const override {
    return !quantiles.has_value() ||
           (&parameter != &from && &parameter != &to && &parameter != &step);
  }
  void check() const override {
    ErrorList errors;
    errors.collect([&] { CodeViewParams::check(); });
    errors.collect([&] { require_plane(dimensions); });
    errors.collect([&] {
      if (to() < from()) fail(to, "expected at least `from`, " + number_text(from()));
      if (places() > kMostPlaces)
        fail(step, "expected at most " + std::to_string(kMostPlaces) + " coordinates, found " +
                       std::to_string(places()));
    });
    errors.raise();
  }
};

/// Images decoded from a grid of points in a plane of the code; all other dimensions are zero.
class Manifold final : public View {
 public:
  using Params = ManifoldParams;
  Manifold(const Params& params, const Build& build)
      : params_(params), space_(build, params, "manifold") {
    require_decoder(build, "view manifold");
    require_prior(build, "view manifold");
    space_.require(params.dimensions(), params.dimensions);
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto places = coordinates();
    const auto count = places.size(0);
    auto points = at::zeros({count * count, space_.dimensions()}, at::kDouble);
    points.select(1, params_.dimensions()[0]).copy_(places.repeat_interleave(count));
    points.select(1, params_.dimensions()[1]).copy_(places.repeat({count}));

    const auto device = evaluation.draw.device();
    const auto& latents = space_.latents();
    const auto zero = with_points({}, latents, at::zeros({1, space_.dimensions()}), device);
    const auto others = evaluation.model.sample_prior(1, zero, evaluation.draw);
    const auto values = with_points(repeated(others, count * count), latents, points, device);
    return {{{decoded_images(evaluation.model, values).unflatten(0, {count, count}), title()}}, {}};
  }

 private:
  Tensor coordinates() const {
    if (!params_.quantiles.has_value())
      return params_.from() + params_.step() * at::arange(params_.places(), at::kDouble);
    const auto count = params_.quantiles();
    return at::special_ndtri((at::arange(count, at::kDouble) + 0.5) / static_cast<double>(count));
  }

  /// "dimension 0 down, 1 across, -3 to 2.4"
  std::string title() const {
    const auto places = coordinates();
    const auto text = [](const Tensor& number) {
      return number_text(std::round(number.item<double>() * 1e4) / 1e4);
    };
    return "dimension " + std::to_string(params_.dimensions()[0]) + " down, " +
           std::to_string(params_.dimensions()[1]) + " across, " + text(places[0]) + " to " +
           text(places[-1]);
  }

  const Params& params_;
  CodeSpace space_;
};

}  // namespace

VARIA_PLUGIN("manifold", "1.0.0") {
  registry.add<Manifold>("manifold",
                         "Images decoded from a grid of codes (Kingma & Welling 2014, figure 4).");
}
