#include "images/smallnorb_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("smallnorb", "1.0.0") {
  registry.add<varia::datasets::SmallNorb>(
      "smallnorb",
      "Toys under known elevation, azimuth and light, 96x96 (LeCun, Huang and Bottou 2004).");
}
