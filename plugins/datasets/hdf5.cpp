#include "arrays/hdf5_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("hdf5", "1.0.0") {
  registry.add<varia::datasets::Hdf5Dataset>(
      "hdf5", "Images or rows of numbers, labels and known factors from an HDF5 file.");
}
