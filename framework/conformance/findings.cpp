#include "conformance/findings.hpp"

namespace varia::conformance {

void Findings::expect(bool holds, const std::string& what) {
  if (!holds) all_.push_back(what);
}

}  // namespace varia::conformance
