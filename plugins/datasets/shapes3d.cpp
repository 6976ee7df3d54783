#include "arrays/shapes3d_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("shapes3d", "1.0.0") {
  registry.add<varia::datasets::Shapes3d>(
      "shapes3d",
      "Objects in a room, all combinations of six factors, 64x64 (Burgess and Kim "
      "2018).");
}
