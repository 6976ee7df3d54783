#pragma once

#include <string>

namespace varia::cli {

/// For CLI11's `check`. @returns what is wrong; empty where it can be a folder's name
inline std::string check_folder_name(const std::string& name) {
  return name.empty() ? "expected a folder, found empty text" : "";
}

}  // namespace varia::cli
