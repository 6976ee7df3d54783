#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

#include "cluster/settings.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "support/temporary_folder.hpp"

namespace varia::cluster::testing {

using varia::contains;

using varia::testing::TemporaryFolder;

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Settings of a `cluster:` section in flow style, without profiles.
inline std::unique_ptr<const experiment::ClusterParams> settings_of(const std::string& section) {
  const Value map = experiment::read_yaml_text(section, "e.yaml");
  return read_settings("/nonexistent/clusters.yaml", &map, Value::map());
}

/// The message of the error that `action` throws; empty where it throws none.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const varia::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace varia::cluster::testing
