#include "shared/idx_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("idx", "1.0.0") {
  registry.add<varia::datasets::IdxDataset>(
      "idx", "Images and labels from IDX files, the format of MNIST (LeCun et al. 1998).");
}
