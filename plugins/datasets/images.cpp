#include "images/images_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("images", "1.0.0") {
  registry.add<varia::datasets::ImagesDataset>(
      "images", "A folder of PNG, JPEG, WebP and BMP files; subfolders are the classes.");
}
