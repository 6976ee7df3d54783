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

/// Sections about how trials are run: no sweep reaches them.
inline const std::vector<std::string> kRunSections{"run", "cluster", "search"};

}  // namespace varia::experiment
