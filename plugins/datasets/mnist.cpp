#include "shared/idx_dataset.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

class Mnist final : public MnistLikeDataset {
 public:
  explicit Mnist(const Params&) : MnistLikeDataset("mnist") {}
};

}  // namespace varia::datasets

VARIA_PLUGIN("mnist", "1.0.0") {
  registry.add<varia::datasets::Mnist>(
      "mnist", "Handwritten digits, 60,000 and 10,000 of 28x28 (LeCun et al. 1998).");
}
