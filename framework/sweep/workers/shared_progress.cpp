#include "sweep/workers/shared_progress.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>

#include "varia/error.hpp"

namespace varia::sweep {

static_assert(std::atomic<std::int64_t>::is_always_lock_free &&
                  std::atomic<double>::is_always_lock_free,
              "an atomic with a lock would not work between processes");

void SharedProgress::restart() {
  begin = 0;
  step = 0;
  steps = 0;
  images = 0;
  loss = 0;
}

SharedProgressTable::SharedProgressTable(std::size_t count) : count_(count) {
  void* const memory = ::mmap(nullptr, count * sizeof(SharedProgress), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw Error("no memory to share with worker processes: " +
                std::generic_category().message(errno));
  entries_ = static_cast<SharedProgress*>(memory);
  std::uninitialized_default_construct_n(entries_, count);
}

SharedProgressTable::~SharedProgressTable() {
  ::munmap(static_cast<void*>(entries_), count_ * sizeof(SharedProgress));
}

}  // namespace varia::sweep
