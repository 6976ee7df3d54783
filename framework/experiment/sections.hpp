#pragma once

#include <string>
#include <vector>

namespace varia::experiment {

/// A section that holds one component.
struct Section {
  std::string key;   ///< in the experiment file
  std::string kind;  ///< of the component
};

inline const std::vector<Section> kComponentSections{
    {"data", "dataset"}, {"model", "model"}, {"loss", "loss"}, {"optimizer", "optimizer"}};

/// What dotted keys may start with.
inline const std::vector<std::string> kSections{"data",  "model",   "loss", "optimizer",
                                                "train", "metrics", "views"};

}  // namespace varia::experiment
