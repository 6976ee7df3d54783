#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "files/lease.hpp"

namespace varia::sweep {

/// A trial that a run has to see to.
struct Task {
  std::size_t trial = 0;   ///< its place in the plan
  std::size_t number = 0;  ///< from 1, of the trials that are run
  std::int64_t finished_records = 0;
  std::uint64_t published = 0;  ///< the token of its published file
  std::optional<files::Lease> lease;
  std::int64_t deaths = 0;
  std::string last_death;  ///< how, and at which step
  std::int64_t until = 0;  ///< the record that it is trained to; 0: to its end
};

}  // namespace varia::sweep
