#include "images/sprites_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("sprites", "1.0.0") {
  registry.add<varia::datasets::SpritesDataset>(
      "sprites",
      "Shapes drawn from five known factors, as dSprites has them (Matthey et al. 2017).");
}
