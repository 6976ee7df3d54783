#pragma once

#include <string>
#include <vector>

namespace varia::conformance {

/// What a check found to be wrong; nothing: the component keeps to it.
class Findings {
 public:
  /// @param what said where it does not hold: what was expected, and what was found
  void expect(bool holds, const std::string& what);
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

}  // namespace varia::conformance
