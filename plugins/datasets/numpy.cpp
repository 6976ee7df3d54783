#include "arrays/numpy_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("numpy", "1.0.0") {
  registry.add<varia::datasets::NumpyDataset>(
      "numpy",
      "Images or rows of numbers, labels and known factors from .npz and .npy files of NumPy.");
}
