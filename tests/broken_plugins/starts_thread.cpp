#include <unistd.h>

#include <thread>

#include "fixed_schedule.hpp"

VARIA_PLUGIN("starts_thread", "1.0.0") {
  std::thread([] { pause(); }).detach();
  registry.add<FixedSchedule>("threaded", "One value for ever (this test).");
}
