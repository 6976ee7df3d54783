#include "host/process_state.hpp"

#include <dlfcn.h>

#include <cfenv>
#include <clocale>
#include <csignal>
#include <limits>
#include <locale>

#include "host/plugin_host.hpp"
#include "support/catch.hpp"
#include "test_files.hpp"
#include "varia/error.hpp"

namespace {

bool has_denormals() {
  volatile double smallest = std::numeric_limits<double>::min();
  smallest = smallest / 2;
  return smallest > 0;
}

int openmp_threads() {
  auto* const get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  return get != nullptr ? get() : 0;
}

using Handler = void (*)(int);

Handler handler_of(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

}  // namespace

TEST_CASE("what a library changes in the process when it is opened is put back") {
  const std::string locale = std::setlocale(LC_ALL, nullptr);
  const auto term = handler_of(SIGTERM);
  const auto user = handler_of(SIGUSR2);
  const int threads = openmp_threads();
  varia::Registry registry;
  varia::host::PluginHost host(registry);
  host.load(broken_plugins() / "changes_process.so");
  REQUIRE(host.loaded().size() == 1);
  CHECK(std::fegetround() == FE_TONEAREST);
  CHECK(has_denormals());
  CHECK(handler_of(SIGTERM) == term);
  CHECK(handler_of(SIGUSR2) == user);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  CHECK(sigismember(&mask, SIGINT) == 0);
  CHECK(std::setlocale(LC_ALL, nullptr) == locale);
  CHECK(std::locale() == std::locale::classic());
  CHECK((threads == 0 || openmp_threads() == threads));
}

TEST_CASE("a plugin that starts a thread when it registers is refused") {
  // The second one lets LibTorch compute with two threads.
  for (const std::string name : {"starts_thread", "computes_with_threads"}) {
    varia::Registry registry;
    varia::host::PluginHost host(registry);
    try {
      host.load(broken_plugins() / (name + ".so"));
      FAIL("it was loaded");
    } catch (const varia::PluginError& error) {
      CHECK(std::string(error.what()).find("its components: it has started ") != std::string::npos);
    }
    CHECK(registry.list().empty());
  }
}
