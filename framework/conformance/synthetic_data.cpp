#include "conformance/check.hpp"

#include <ATen/Functions.h>

#include "varia/dataset.hpp"

namespace varia::conformance {

namespace {

struct SyntheticParams final : DatasetParams {
  Integer count{this, "count", 60, {1, 100'000}, "Training images."};
  Integer test_count{this, "test_count", 40, {0, 100'000}, "Test images; 0: no such split."};
  Integer size{this, "size", 6, {1, 64}, "Height and width."};
  Boolean counts{this, "counts", false, "Whether the pixels are counts from 0 to 9."};
  Boolean factors{this, "factors", false, "Whether two factors are known."};

  std::string default_likelihood() const override {
    return varia::default_likelihood(counts() ? Domain::count : Domain::unit);
  }
};

class Synthetic final : public Dataset {
 public:
  using Params = SyntheticParams;
  explicit Synthetic(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto count = split == "train" ? params_.count() : params_.test_count();
    if (count == 0) return nullptr;
    const auto pixels = params_.size() * params_.size();
    const auto patterns = Draw(1).normal({3, pixels});
    Draw draw(stream_key(2, split));
    const auto images = (draw.normal({count, 3}).matmul(patterns) + 1.5 * patterns[0]).sigmoid();
    const auto index = at::arange(count, at::kLong);
    Annotations annotations{.labels = index.remainder(3)};
    if (params_.factors()) {
      annotations.factors =
          at::stack({index.remainder(3), (index / 3).to(at::kLong).remainder(2)}, 1).to(at::kFloat);
      annotations.factor_names = {"class", "parity"};
    }
    if (params_.counts()) {
      annotations.blocks = {{Domain::count, pixels}};
      return std::make_shared<MemorySamples>(
          images.mul(10).floor().view({count, 1, params_.size(), params_.size()}),
          std::move(annotations));
    }
    return std::make_shared<MemorySamples>(
        images.mul(255).to(at::kByte).view({count, 1, params_.size(), params_.size()}),
        std::move(annotations));
  }
  std::string digest() override { return "synthetic"; }

 private:
  const Params& params_;
};

}  // namespace

void add_synthetic_data(Registry& registry) {
  registry.add<Synthetic>("synthetic", "Images of three patterns.");
}

}  // namespace varia::conformance
