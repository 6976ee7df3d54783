#include "conformance/device_checks.hpp"

#include <ATen/Functions.h>

#include "conformance/fake_device.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"
#include "varia/host/host_key.hpp"

// A loss for each way to be wrong on a device, and what is said of it.

using namespace varia;
using namespace varia::test;

namespace {

struct NoParams final : ParamSet {};

enum class Fault { none, mixes, reads, copies, differs };

template <Fault fault>
class PlainLoss final : public Loss {
 public:
  using Params = NoParams;
  explicit PlainLoss(const Params&) {}
  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto each = -inference.log_likelihood();
    if (fault == Fault::mixes) return {each.index_select(1, at::arange(3, at::kLong)).mean(), {}};
    const auto loss = each.mean();
    if (fault == Fault::reads) return {loss.item<float>() > 0 ? loss : -loss, {}};
    if (fault == Fault::copies) return {loss * at::full({1}, 2.0F).to(loss.device()).sum(), {}};
    const double scale = step.batch.input.is_cpu() ? 1 : 1.001;
    return {fault == Fault::differs ? loss * scale : loss, {}};
  }
};

std::string findings(const std::string& name) {
  conformance::add_fake_device();
  static const Registry& losses = []() -> Registry& {
    static Registry all;
    for (const auto* info : registry().list())
      if (info->plugin != "tests") all.add(*info);
    all.set_plugin(HostKey{}, "broken", "1.0.0", "broken");
    conformance::add_synthetic_data(all);
    all.add<PlainLoss<Fault::none>>("plain", "As it should be.");
    all.add<PlainLoss<Fault::mixes>>("mixes", "Places on the CPU.");
    all.add<PlainLoss<Fault::reads>>("reads", "A number of the device.");
    all.add<PlainLoss<Fault::copies>>("copies", "A number that is brought there.");
    all.add<PlainLoss<Fault::differs>>("differs", "Another number on each device.");
    return all;
  }();
  const conformance::Subject subject{
      losses, *losses.find("loss", name), Value(), {losses.find("model", "mlp_vae")}};
  std::string text;
  for (const auto& check : conformance::device_checks_of("loss"))
    for (const auto& finding : conformance::run(check, subject))
      text += check.name + ": " + finding + "\n";
  return text;
}

using Catch::Matchers::ContainsSubstring;

}  // namespace

TEST_CASE("a component that is at home on every device has no findings") {
  CHECK(findings("plain").empty());
}

TEST_CASE("what is wrong on another device is found, and told how") {
  CHECK_THAT(findings("mixes"),
             ContainsSubstring("given tensors of the device and of the CPU: aten::index_select"));
  CHECK_THAT(
      findings("reads"),
      ContainsSubstring("the host reads numbers of the device 2 times in 2 steps, by item()"));
  CHECK_THAT(findings("copies"),
             ContainsSubstring(
                 "tensors are copied to the device 2 times in 2 steps so that the host waits"));
  CHECK_THAT(findings("differs"), ContainsSubstring("on the device,"));
}
