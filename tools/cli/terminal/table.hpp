#pragma once

#include <string>
#include <vector>

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

/// A number for people: five significant digits, "-" for NaN.
std::string short_number(double number);

/// Characters that a terminal shows of UTF-8 text.
std::size_t display_width(const std::string& text);

/// Text from a file for a terminal, as UTF-8: control characters are shown as `?`, so that nothing
/// in a results file can move the cursor or turn the text around.
std::string printable(const std::string& text);

}  // namespace varia::cli
