#include "images/idx_dataset.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

struct Mnist final : MnistLikeDataset {
  explicit Mnist(const Params&)
      : MnistLikeDataset("mnist",
                         "2c9422b07c6f6372d16ff4e8bd0646e9672065cb0771154fca501cd387d25135") {}
};

struct FashionMnist final : MnistLikeDataset {
  explicit FashionMnist(const Params&)
      : MnistLikeDataset("fashion_mnist",
                         "7806ed264510e47dc6266c3b467a87264eac4fb51664e9430940b2da13cc0e06",
                         {"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt",
                          "sneaker", "bag", "ankle boot"}) {}
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
