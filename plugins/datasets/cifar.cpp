#include "images/cifar_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("cifar", "1.0.0") {
  registry.add<varia::datasets::Cifar10>(
      "cifar10", "50,000 and 10,000 small photographs of ten classes, 32x32 (Krizhevsky 2009).");
  registry.add<varia::datasets::Cifar100>(
      "cifar100", "50,000 and 10,000 small photographs of 100 classes, 32x32 (Krizhevsky 2009).");
}
