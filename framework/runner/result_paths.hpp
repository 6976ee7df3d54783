#pragma once

#include <filesystem>
#include <string>

namespace varia::runner {

/// Where an experiment keeps what.
struct ResultPaths {
  std::filesystem::path root;  ///< --results
  std::string experiment;

  std::filesystem::path folder() const { return root / experiment; }
  std::filesystem::path merged() const { return root / (experiment + ".h5"); }
  std::filesystem::path trial(const std::string& id) const {
    return folder() / "trials" / id.substr(0, 2) / (id + ".h5");
  }
  std::filesystem::path parameters(const std::string& id) const {
    return folder() / "models" / (id + ".h5");
  }
};

}  // namespace varia::runner
