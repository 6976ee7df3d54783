#include <cfenv>
#include <clocale>
#include <csignal>
#include <locale>

#include "fixed_schedule.hpp"

extern "C" void omp_set_num_threads(int);

namespace {

/// Runs when the library is opened, before it is asked for anything.
__attribute__((constructor)) void change_everything() {
  std::fesetround(FE_UPWARD);
#ifdef __SSE__
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040U);  // as -ffast-math: no denormals
#endif
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGUSR2, [](int) {});
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGINT);
  pthread_sigmask(SIG_BLOCK, &mask, nullptr);
  std::locale::global(std::locale("C.UTF-8"));
  std::setlocale(LC_NUMERIC, "C.UTF-8");
}

}  // namespace

VARIA_PLUGIN("changes_process", "1.0.0") {
  omp_set_num_threads(7);
  registry.add<FixedSchedule>("changed", "One value for ever (this test).");
}
