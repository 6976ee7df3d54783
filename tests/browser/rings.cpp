#include <ATen/Functions.h>

#include "varia/plugin.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;

struct RingsParams final : ParamSet {};

/// Ten circles of 1,200 points, one per label: more points than a page is sent.
class Rings final : public View {
 public:
  using Params = RingsParams;
  explicit Rings(const Params&) {}

  Rendering render(const Evaluation&) override {
    const auto place = at::arange(12000);
    const auto label = place.remainder(10);
    const auto angle = place.to(at::kFloat) * 0.001F;
    const auto points = at::stack({angle.cos(), angle.sin()}, 1) * (label + 1).unsqueeze(1);
    return {{}, {{points, label, {"across", "up [nats]"}}}};
  }
};

}  // namespace

VARIA_PLUGIN("rings", "1.0.0") {
  registry.add<Rings>("rings", "Ten circles (tests of the live page).");
}
