#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "cli/terminal/text.hpp"

namespace varia::cli {

/// A table of text: columns as wide as their content, numbers to the right.
class Table {
 public:
  static constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

  /// @param most rows of a group that are shown
  /// @param way  to see the others: "--json has all"
  explicit Table(std::vector<std::string> header, std::size_t most = kAllRows,
                 std::string way = "--all lists them");
  /// @param group that the row is one of, for people: "failed"
  void add(std::vector<std::string> row, const std::string& group = "");
  /// Below the rows stands how many there are more: "... and 3 more failed (--all lists them)".
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::size_t most_;
  std::string way_;
  std::map<std::string, std::size_t> counts_;  // of the rows of each group
};

}  // namespace varia::cli
