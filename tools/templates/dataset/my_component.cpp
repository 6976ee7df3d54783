#include "varia/dataset.hpp"

#include <ATen/Functions.h>

#include "varia/plugin.hpp"

namespace {

using namespace varia;

/// Beside what every data set takes: batch, limit, validation, ...
struct MyComponentParams final : DatasetParams {
  Integer count{this, "count", 2000, {1, 1'000'000}, "Training images; a tenth for testing."};
  Integer size{this, "size", 16, {2, 256}, "Height and width."};
  Integer seed{this, "seed", 0, {0, 1 << 30}, "Chooses the images."};
};

/// Waves that run across or down (the labels), of any phase and brightness.
class MyComponent final : public Dataset {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto count = split == "train" ? params_.count() : params_.count() / 10 + 1;
    const auto size = params_.size();
    Draw draw(stream_key(static_cast<std::uint64_t>(params_.seed()), split));
    const auto phase = draw.uniform({count, 1, 1, 1}) * 6.28318;
    const auto brightness = draw.uniform({count, 1, 1, 1});
    const auto place = at::arange(size, at::kFloat) * (12.56637 / static_cast<double>(size));
    const auto wave = (0.5 + 0.5 * (place.view({1, 1, 1, size}) + phase).sin()) * brightness;
    const auto across = wave.expand({count, 1, size, size});
    const auto labels = at::arange(count, at::kLong).remainder(2);
    const auto images =
        at::where(labels.view({count, 1, 1, 1}).eq(0), across, across.transpose(2, 3));
    return std::make_shared<MemorySamples>(images.contiguous(), Annotations{.labels = labels});
  }

  /// A part of every trial's identity: two data sets with one digest count as the same.
  std::string digest() override {
    return "my_component 1 " + std::to_string(params_.count()) + " " +
           std::to_string(params_.size()) + " " + std::to_string(params_.seed());
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Waves that run across or down.");
}
