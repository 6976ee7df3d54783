#include "shared/idx_dataset.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

class Mnist final : public MnistLikeDataset {
 public:
  explicit Mnist(const Params&)
      : MnistLikeDataset("mnist",
                         "2c9422b07c6f6372d16ff4e8bd0646e9672065cb0771154fca501cd387d25135") {}
};

}  // namespace varia::datasets

VARIA_PLUGIN("mnist", "1.0.0") {
  registry.add<varia::datasets::Mnist>(
      "mnist", "Handwritten digits, 60,000 and 10,000 of 28x28 (LeCun et al. 1998).");
}
