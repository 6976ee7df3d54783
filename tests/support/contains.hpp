#pragma once

#include <string>

namespace varia {

/// Whether `part` stands in `text`.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace varia
