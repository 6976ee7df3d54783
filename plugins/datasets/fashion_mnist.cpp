#include "shared/idx_dataset.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

class FashionMnist final : public MnistLikeDataset {
 public:
  explicit FashionMnist(const Params&)
      : MnistLikeDataset("fashion_mnist",
                         "7806ed264510e47dc6266c3b467a87264eac4fb51664e9430940b2da13cc0e06") {}
};

}  // namespace varia::datasets

VARIA_PLUGIN("fashion_mnist", "1.0.0") {
  registry.add<varia::datasets::FashionMnist>(
      "fashion_mnist", "Articles of clothing, 60,000 and 10,000 of 28x28 (Xiao et al. 2017).");
}
