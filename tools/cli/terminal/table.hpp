#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/terminal/text.hpp"

namespace varia::cli {

/// A table of text: columns as wide as their content, numbers to the right.
class Table {
 public:
  static constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

  struct Column {
    std::string name;
    /// Where not all columns fit, those of the highest `rank` go first, of these the last; 0 stays.
    int rank = 0;
    // A name alone is a column that stays.
    // NOLINTBEGIN(google-explicit-constructor)
    Column(std::string its_name, int its_rank = 0) : name(std::move(its_name)), rank(its_rank) {}
    Column(const char* its_name, int its_rank = 0) : name(its_name), rank(its_rank) {}
    // NOLINTEND(google-explicit-constructor)
  };

  /// @param most rows of a group that are shown
  /// @param way  to see the others: "--json has all"
  explicit Table(std::vector<Column> columns, std::size_t most = kAllRows,
                 std::string way = "--all lists them");
  /// @param group that the row is one of, for people: "failed"
  void add(std::vector<std::string> row, const std::string& group = "");
  /// Below the rows stands how many there are more, "... and 3 more failed (--all lists them)", and
  /// which columns had no room. Long texts are wrapped before a column is left out.
  /// The names of columns are bold; states of trials and verdicts have the colours of good and bad.
  std::string text(const TextStyle& style = {}) const;

 private:
  /// A column as it is laid out.
  struct Shown {
    std::size_t index = 0;
    std::size_t width = 0;
    std::size_t narrowest = 0;  // that a column of text may be made
    bool is_number = false;
  };
  std::vector<Shown> natural_columns() const;
  std::vector<Shown> fitting_columns(std::size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t most_;
  std::string way_;
  std::map<std::string, std::size_t> counts_;  // of the rows of each group
};

}  // namespace varia::cli
