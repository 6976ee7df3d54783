#include "shared/idx_dataset.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

struct Mnist final : MnistLikeDataset {
  explicit Mnist(const Params&) : MnistLikeDataset("mnist") {}
};

struct FashionMnist final : MnistLikeDataset {
  explicit FashionMnist(const Params&) : MnistLikeDataset("fashion_mnist") {}
};

}  // namespace varia::datasets

VARIA_PLUGIN("idx", "1.0.0") {
  using namespace varia::datasets;
  registry.add<IdxDataset>(
      "idx", "Images and labels from IDX files, the format of MNIST (LeCun et al. 1998).");
  registry.add<Mnist>("mnist",
                      "Handwritten digits, 60,000 and 10,000 of 28x28 (LeCun et al. 1998).");
  registry.add<FashionMnist>(
      "fashion_mnist", "Articles of clothing, 60,000 and 10,000 of 28x28 (Xiao et al. 2017).");
}
