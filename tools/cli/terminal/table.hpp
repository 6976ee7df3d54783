#pragma once

#include <string>
#include <vector>

#include "cli/terminal/text.hpp"

namespace varia::cli {

/// A table of text: columns as wide as their content, numbers to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace varia::cli
