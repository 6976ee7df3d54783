#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "unit/results/results_fixtures.hpp"

namespace varia {

/// A folder of data sets that stands in for the real one during a test. Its chart library is
/// absent, or has `script` in all its files.
class DataFolder {
 public:
  explicit DataFolder(const std::optional<std::string>& script = {}) {
    if (const auto* old = std::getenv("VARIA_DATA")) old_ = old;
    setenv("VARIA_DATA", folder_.path().c_str(), 1);
    if (!script) return;
    std::filesystem::create_directory(folder_ / "echarts");
    for (const auto* name : {"echarts.min.js", "LICENSE", "NOTICE"})
      results::write_bytes(folder_ / ("echarts/" + std::string(name)), *script);
  }
  ~DataFolder() {
    if (old_)
      setenv("VARIA_DATA", old_->c_str(), 1);
    else
      unsetenv("VARIA_DATA");
  }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

 private:
  results::TemporaryFolder folder_;
  std::optional<std::string> old_;
};

}  // namespace varia
