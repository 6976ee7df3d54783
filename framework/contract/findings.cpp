#include "contract/findings.hpp"

namespace varia::contract {

void Findings::expect(bool holds, const std::string& what) {
  if (!holds) all_.push_back(what);
}

}  // namespace varia::contract
