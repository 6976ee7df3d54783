#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace varia::sweep {

/// What a worker and the supervisor tell each other without a message, in memory that both see.
struct SharedProgress {
  std::atomic<bool> stop{false};  ///< set by the supervisor: finish the step, checkpoint, return
  std::atomic<std::int64_t> begin{0};  ///< steps that were taken before it went on
  std::atomic<std::int64_t> step{0};   ///< 0 before the first one ends
  std::atomic<std::int64_t> steps{0};
  std::atomic<std::int64_t> images{0};
  std::atomic<double> loss{0};

  void restart();
};

/// Memory for `count` of them that is shared with processes forked from now on. It outlives a
/// worker that dies, so what the worker did last is known.
class SharedProgressTable {
 public:
  /// @throws Error where there is no memory
  explicit SharedProgressTable(std::size_t count);
  ~SharedProgressTable();
  SharedProgressTable(const SharedProgressTable&) = delete;
  SharedProgressTable& operator=(const SharedProgressTable&) = delete;

  SharedProgress& operator[](std::size_t index) { return entries_[index]; }

 private:
  SharedProgress* entries_ = nullptr;
  std::size_t count_;
};

}  // namespace varia::sweep
