#include "host/process_state.hpp"

#include <dlfcn.h>

#include <clocale>
#include <filesystem>
#include <system_error>

namespace varia::host {

namespace {

/// A function of a library that may not be there; null if it is not.
template <class Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

int number_from(const char* function) {
  auto* const get = loaded<int()>(function);
  return get != nullptr ? (*get)() : 0;
}

void give_number(const char* function, int number) {
  auto* const set = loaded<void(int)>(function);
  if (set != nullptr && number > 0) (*set)(number);
}

std::size_t thread_count() {
  std::error_code unreadable;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/task", unreadable), end;
       !unreadable && entry != end; entry.increment(unreadable))
    ++count;
  return count;
}

}  // namespace

ProcessState::ProcessState()
    : c_locale_(std::setlocale(LC_ALL, nullptr)),
      openmp_threads_(number_from("omp_get_max_threads")),
      openblas_threads_(number_from("openblas_get_num_threads")),
      threads_(thread_count()) {
  std::fegetenv(&floating_point_);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
  for (int signal = 1; signal <= kSignals; ++signal)
    sigaction(signal, nullptr, &handlers_[static_cast<std::size_t>(signal)]);
}

ProcessState::~ProcessState() {
  std::fesetenv(&floating_point_);
  for (int signal = 1; signal <= kSignals; ++signal)
    sigaction(signal, &handlers_[static_cast<std::size_t>(signal)], nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  std::locale::global(cpp_locale_);
  std::setlocale(LC_ALL, c_locale_.c_str());
  give_number("omp_set_num_threads", openmp_threads_);
  give_number("openblas_set_num_threads", openblas_threads_);
}

std::size_t ProcessState::new_threads() const {
  const auto count = thread_count();
  return count > threads_ ? count - threads_ : 0;
}

}  // namespace varia::host
